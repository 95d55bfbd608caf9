import { describe, expect, test } from 'vitest';
import type { Deps } from '../../src/base/deps.ts';
import { run } from '../../src/cli/program.ts';
import { InSandbox } from '../../src/transport/blocked.ts';
import { SendError } from '../../src/transport/send-error.ts';
import { errLines, secretKey } from '../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { notConnected, replyWith } from '../helpers/network.ts';

const env = { ALLTOKEN_API_KEY: secretKey };

interface Failed {
  code: number;
  hint: string;
  world: FakeWorld;
}

/** Runs it where every connection fails in this way. */
async function fail(argv: readonly string[], error: unknown): Promise<Failed> {
  const world = fakeDeps({ env });
  const openNetwork: Deps['openNetwork'] = async () => () => Promise.reject(error);
  const code = await run(argv, { ...world.deps, openNetwork });
  const hint = errLines(world).at(-1) ?? '';
  return { code, hint, world };
}

const commands: [string, string[]][] = [
  ['chat', ['chat', 'Hi']],
  ['search', ['search', 'Hi']],
  ['image', ['image', 'Hi']],
  ['video', ['video', 'Hi']],
  ['models', ['models', '--refresh']],
  ['config doctor', ['config', 'doctor']],
];

describe('a connection that is blocked', () => {
  test.each(commands)('%s: 32, and the hint names the sandbox', async (_name, argv) => {
    const { code, hint } = await fail(argv, notConnected('EPERM'));
    expect(code).toBe(32);
    expect(hint).toMatch(/^hint: .*(sandbox|allow network access)/);
  });

  test.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
    'EPERM',
    'EACCES',
    'ENETUNREACH',
    'EHOSTUNREACH',
    'ENETDOWN',
  ])('%s may be a sandbox', async (code) => {
    const failed = await fail(['chat', 'Hi'], notConnected(code));
    expect(failed.code).toBe(32);
    expect(failed.hint).toMatch(/its sandbox may have the network off: allow it there/);
    // What may not connect may, as a rule, not listen either.
    const isForbidden = code === 'EPERM' || code === 'EACCES';
    expect(failed.hint.includes('try it without a network: -g sandbox')).toBe(!isForbidden);
    expect(failed.world.err().includes('retry:')).toBe(!isForbidden);
  });

  test('a refusal by the gateway itself speaks of no sandbox that has set a proxy', async () => {
    const { code, hint } = await fail(['chat', 'Hi'], notConnected('ECONNREFUSED', { port: 443 }));
    expect(code).toBe(32);
    expect(hint).toMatch(/check the connection.*config doctor/);
  });

  test('a refusal at another port is one by the proxy', async () => {
    const { hint } = await fail(['chat', 'Hi'], notConnected('ECONNREFUSED', { port: 3128 }));
    expect(hint).toContain('check the proxy in HTTPS_PROXY');
  });

  test('a proxy that says 403 is one to be asked', async () => {
    const error = new SendError(new Error('no tunnel'), {
      sent: false,
      code: 'proxy',
      proxyStatus: 403,
    });
    const { code, hint } = await fail(['chat', 'Hi'], error);
    expect(code).toBe(32);
    expect(hint).toMatch(/^hint: the proxy refuses api\.alltoken\.ai; .*sandbox/);
  });

  test('what is known for sure is said for sure', async () => {
    const { code, hint } = await fail(
      ['chat', 'Hi'],
      new InSandbox(notConnected('EAI_AGAIN'), 'codex', true),
    );
    expect(code).toBe(32);
    expect(hint).toBe(
      'hint: Codex has switched the network off for this command: allow network access: set sandbox_workspace_write.network_access = true in ~/.codex/config.toml, then: run the same command again; nothing was bought',
    );
  });

  const local = ['chat', '--base-url', 'http://127.0.0.1:9/v1', '-g', 'ollama', '-m', 'x', 'Hi'];

  test('nothing of it for a server on this machine that does not run', async () => {
    const { code, hint } = await fail(local, notConnected('ECONNREFUSED'));
    expect(code).toBe(32);
    expect(hint).toContain('ollama serve');
  });

  test.each(['EPERM', 'EACCES', 'ENETUNREACH'])(
    '%s to this machine is a sandbox',
    async (error) => {
      const { code, hint } = await fail(local, notConnected(error));
      expect(code).toBe(32);
      expect(hint).toContain('nothing here may connect to this machine itself');
    },
  );

  test.each([
    ['codex', 'sandbox_workspace_write.network_access', 'true', '~/.codex/config.toml'],
    ['claude', 'sandbox.network.allowedDomains', '["api.alltoken.ai"]', '~/.claude/settings.json'],
  ] as const)('%s: the setting is data', async (host, setting, value, file) => {
    const error = new InSandbox(notConnected('EPERM'), host, false);
    const { code, world } = await fail(['chat', '--json', 'Hi'], error);
    expect(code).toBe(32);
    expect(world.json().error).toMatchObject({
      billed: 'no',
      next: [{ do: 'host-setting', host, setting, value, file }, { do: 'retry' }],
    });
  });

  test('a job that is there is come back to, and no command is named that buys another', async () => {
    const world = fakeDeps({ env });
    const done = JSON.stringify({
      id: 'vgen_1',
      status: 'succeeded',
      content: { video_url: 'https://files.example/v.mp4' },
    });
    const openNetwork: Deps['openNetwork'] =
      async () =>
      async ({ url }) => {
        if (!url.endsWith('/vgen_1')) throw notConnected('EPERM');
        return replyWith(done, { 'content-type': 'application/json' });
      };
    expect(await run(['tasks', 'resume', 'vgen_1'], { ...world.deps, openNetwork })).toBe(32);
    expect(errLines(world).at(-1)).toBe(
      'hint: allow network access, then: alltoken tasks resume vgen_1',
    );
  });

  test('a task that cannot be asked about goes on, and the wait ends when it was told to', async () => {
    const argv = ['tasks', 'resume', 'vgen_1', '--wait', '0.1'];
    const { code, hint, world } = await fail(argv, notConnected('EPERM'));
    expect(code).toBe(45);
    expect(world.err()).toContain('does not allow the connection');
    expect(hint).toBe('hint: alltoken tasks resume vgen_1');
  });

  test.each([
    ['the system', notConnected('EPERM')],
    ['Codex', new InSandbox(notConnected('EAI_AGAIN'), 'codex', true)],
  ])('%s keeps it off: the wait ends without being told to', async (_name, error) => {
    const { code, hint } = await fail(['tasks', 'resume', 'vgen_1'], error);
    expect(code).toBe(45);
    expect(hint).toBe('hint: alltoken tasks resume vgen_1');
  });
});

describe('where Codex says that the network is off', () => {
  test.each([
    ['1', /Codex has switched the network off for this command/],
    ['0', /hint: .*check the/],
  ])('CODEX_SANDBOX_NETWORK_DISABLED=%s', async (value, expected) => {
    // A proxy that nobody serves: no name is looked up, and nothing leaves this machine.
    const proxy = 'http://127.0.0.1:1';
    const world = fakeDeps({
      env: { ...env, CODEX_SANDBOX_NETWORK_DISABLED: value, HTTPS_PROXY: proxy },
    });
    expect(await world.run('chat', 'Hi')).toBe(32);
    expect(errLines(world).at(-1)).toMatch(expected);
    expect(world.err().includes('retry:')).toBe(value === '0');
    expect(errLines(world).at(-1)?.includes('-g sandbox')).toBe(value === '0');
  });

  test('a missing key does not point to the sandbox, which has to listen', async () => {
    const world = fakeDeps({ env: { CODEX_SANDBOX_NETWORK_DISABLED: '1' } });
    expect(await world.run('chat', 'Hi')).toBe(20);
    expect(world.err()).not.toContain('-g sandbox');
  });

  test('the sandbox answers all the same', async () => {
    const world = fakeDeps({ env: { CODEX_SANDBOX_NETWORK_DISABLED: '1' } });
    expect(await world.run('chat', '-g', 'sandbox', 'Hi')).toBe(0);
  });
});
