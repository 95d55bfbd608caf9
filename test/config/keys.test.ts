import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/base/deps.ts';
import { SignalReceived } from '../../src/base/errors.ts';
import { findKey, type KeyDeps } from '../../src/config/keys.ts';
import { alltoken } from '../../src/gateways/alltoken.ts';
import { openai } from '../../src/gateways/openai.ts';
import { sandbox } from '../../src/gateways/sandbox.ts';
import type { Gateway } from '../../src/gateways/types.ts';
import type { GatewayConfig } from '../../src/schemas/config.ts';
import { hintOf } from '../helpers/hint.ts';
import { failureOf } from './failure.ts';
import { memoryFiles } from './memory-files.ts';

const own = { baseUrl: alltoken.baseUrl, ownBaseUrl: alltoken.baseUrl };
const elsewhere = { baseUrl: 'https://evil.example/v1', ownBaseUrl: alltoken.baseUrl };
const local = { baseUrl: 'http://127.0.0.1:8080/v1', ownBaseUrl: 'http://127.0.0.1:8080/v1' };
const good = 'sk-at-0123456789abcdef';

interface World extends KeyDeps {
  files: ReturnType<typeof memoryFiles>;
  ran: { command: string | readonly string[]; timeoutMs: number }[];
}

function world(env: Record<string, string> = {}, result?: Partial<CommandResult> | Error): World {
  const ran: World['ran'] = [];
  return {
    env,
    platform: 'linux',
    path: posix,
    homeDirectory: '/home/ada',
    signal: new AbortController().signal,
    files: memoryFiles(),
    ran,
    async runCommand(command, timeoutMs) {
      ran.push({ command, timeoutMs });
      if (result instanceof Error) throw result;
      return { exitCode: 0, stdout: '', stderr: '', ...result };
    },
  };
}

const find = (deps: KeyDeps, settings?: GatewayConfig, target = own, gateway: Gateway = alltoken) =>
  findKey(deps, gateway, settings, target);

describe('where a key comes from', () => {
  it("takes the gateway's own variable first, to wherever the user points it", async () => {
    const deps = world({ ALLTOKEN_API_KEY: `${good}\r\n ` });
    const found = await find(deps, { api_key_command: 'pass' }, elsewhere);
    expect(found).toEqual({ key: { value: good, source: 'ALLTOKEN_API_KEY' }, warnings: [] });
    expect(deps.ran).toEqual([]);
  });

  it('reads the variable that the config names', async () => {
    const { key } = await find(world({ MY_KEY: good }), { api_key_env: 'MY_KEY' });
    expect(key).toEqual({ value: good, source: 'MY_KEY' });
    const windows = { ...world({ My_Key: good }), platform: 'win32', path: win32 };
    expect((await find(windows, { api_key_env: 'MY_KEY' })).key?.value).toBe(good);
    const error = await failureOf(() => find(world(), { api_key_env: 'MY_KEY' }));
    expect(error.exit).toBe('no_key');
    expect(error.message).toContain('MY_KEY, which is not set');
    expect(hintOf(error)).toBe('alltoken login -g alltoken, or export MY_KEY=KEY');
  });

  it('does not repeat a key that stands where a name belongs', async () => {
    for (const settings of [{ api_key_env: good }, { api_key_file: good }]) {
      const error = await failureOf(() => find(world(), settings));
      expect(error.exit).toBe('no_key');
      expect(`${error.message} ${hintOf(error)}`).not.toContain('0123456789');
    }
  });

  it('says the exact command when there is none, for the shell at hand', async () => {
    const error = await failureOf(() => find(world()));
    expect(error.exit).toBe('no_key');
    expect(error.details.code).toBe('missing_key');
    expect(error.message).toContain('ALLTOKEN_API_KEY is not set');
    expect(hintOf(error)).toMatch(
      /^alltoken login -g alltoken, or export ALLTOKEN_API_KEY=KEY, .*without a key: -g sandbox/,
    );
    const windows = await failureOf(() => find({ ...world(), platform: 'win32', path: win32 }));
    expect(hintOf(windows)).toMatch(
      /login -g alltoken, or \$env:ALLTOKEN_API_KEY="KEY", .*-g sandbox/,
    );
  });

  it('sends none where none is needed, and never one to an embedded gateway', async () => {
    const env = { ALLTOKEN_API_KEY: good, OPENAI_API_KEY: good };
    expect(await find(world(env), undefined, local, openai)).toEqual({ key: null, warnings: [] });
    const settings = { api_key_env: 'ALLTOKEN_API_KEY' };
    expect(await find(world(env), settings, local, sandbox)).toEqual({ key: null, warnings: [] });
  });

  it('refuses two settings side by side, even when the variable would do', async () => {
    const settings = { api_key_env: 'A', api_key_command: 'b' };
    const error = await failureOf(() => find(world({ ALLTOKEN_API_KEY: good }), settings));
    expect(error.exit).toBe('no_key');
    expect(error.message).toContain('api_key_env and api_key_command');
    expect(hintOf(error)).toBe('alltoken config unset gateways.alltoken.api_key_command');
  });
});

describe('the origin of a stored key', () => {
  it.each([
    { api_key_env: 'MY_KEY' },
    { api_key_file: '/k' },
    { api_key_command: 'pass alltoken' },
  ])('keeps %j from another origin, untouched', async (settings) => {
    const deps = world({ MY_KEY: good }, { stdout: good });
    deps.files.put('/k', good);
    for (const baseUrl of [
      'https://evil.example/v1',
      'http://api.alltoken.ai/v1',
      'https://api.alltoken.ai:8443/v1',
    ]) {
      const error = await failureOf(() => find(deps, settings, { ...own, baseUrl }));
      expect(error.exit).toBe('no_key');
      expect(error.details.code).toBe('foreign_origin');
      expect(error.message).toContain('stored for https://api.alltoken.ai and is not sent to');
      expect(hintOf(error)).toMatch(/ALLTOKEN_API_KEY.*base_url/);
    }
    expect(deps.ran).toEqual([]);
    expect(deps.files.calls).toEqual([]);
  });

  it('allows another path of the same origin', async () => {
    const target = { ...own, baseUrl: 'https://api.alltoken.ai/other' };
    const { key } = await find(world({ MY_KEY: good }), { api_key_env: 'MY_KEY' }, target);
    expect(key?.value).toBe(good);
  });
});

describe('what a key may look like', () => {
  it.each([
    '',
    ' \n',
    'sk-at-012345 6789',
    'sk-at-0123\n456789',
    'sk-at-0123\u0007456789',
    'sk-at-0123\u00e9456789',
    `sk-at-${'0123456789'.repeat(410)}`,
    'sk-your-key',
    'sk-at-your-key-here0123',
    '<your key>',
    'YOUR_API_KEY',
    'sk-...',
    'sk-at-0123456…',
    'sk-at-xxxxxxxxxxxx',
    'sk-at-',
    '$ALLTOKEN_API_KEY',
    '%ALLTOKEN_API_KEY%',
    '{{ secrets.KEY }}',
    'sk-at-***6789',
    `"${good}"`,
    `'${good}'`,
    `Bearer ${good}`,
    `ALLTOKEN_API_KEY=${good}`,
  ])('refuses %j', async (value) => {
    const error = await failureOf(() => find(world({ ALLTOKEN_API_KEY: value })));
    expect(error.exit).toBe('no_key');
    expect(error.details.code).toBe('malformed_key');
    expect(error.message).toMatch(/^malformed key in ALLTOKEN_API_KEY: /);
    expect(error.message).not.toMatch(/\n|0123|6789|sk-at/);
  });

  it.each(['x', 'EMPTY', 'ollama', 'sk-no-key-required', 'sk-xxxx', 'a'.repeat(4096), 'YWJj+/=='])(
    'takes %s',
    async (value) => {
      const settings = { api_key_env: 'MY_KEY' };
      const { key } = await find(world({ MY_KEY: value }), settings, local, openai);
      expect(key?.value).toBe(value);
    },
  );

  it.each(['th-0123456789abcdef0123', 'sk-alt-0123456789'])('warns about %s', async (value) => {
    const { key, warnings } = await find(world({ ALLTOKEN_API_KEY: value }));
    expect(key?.value).toBe(value);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/ALLTOKEN_API_KEY looks like a key of (TokenHub|AltLLM)/);
    expect(warnings[0]).not.toContain('0123');
  });

  it('warns when a known key leaves home, not when its home has another name', async () => {
    const settings = { api_key_env: 'MY_KEY' };
    const away = await find(world({ MY_KEY: good }), settings, local, openai);
    expect(away.warnings).toHaveLength(1);
    const home = await find(world({ MY_KEY: good }), settings, own, openai);
    expect(home.warnings).toEqual([]);
  });
});

describe('api_key_file', () => {
  const settings = { api_key_file: '~/keys/alltoken' };

  it('expands ~/, trims, and names the file', async () => {
    const deps = world();
    deps.files.put('/home/ada/keys/alltoken', `\ufeff\n  ${good}\r\n\n`);
    expect(await find(deps, settings)).toEqual({
      key: { value: good, source: 'api_key_file /home/ada/keys/alltoken' },
      warnings: [],
    });
  });

  it('warns when others can read it, but not on Windows', async () => {
    const deps = world();
    deps.files.put('/home/ada/keys/alltoken', good, 0o100640);
    const { key, warnings } = await find(deps, settings);
    expect(key?.value).toBe(good);
    expect(warnings).toEqual([expect.stringContaining('chmod 600 /home/ada/keys/alltoken')]);
    deps.files.put('C:\\k', good, 0o666);
    const windows = { ...deps, platform: 'win32', path: win32 };
    expect((await find(windows, { api_key_file: 'C:\\k' })).warnings).toEqual([]);
  });

  it('says what is wrong with the file', async () => {
    const file = '/home/ada/keys/alltoken';
    const deps = world();
    const message = async (setting: GatewayConfig = settings) => {
      const error = await failureOf(() => find(deps, setting));
      expect(error.exit).toBe('no_key');
      return error.message;
    };
    expect(await message()).toContain(`${file}: no such file`);
    expect(await message({ api_key_file: 'keys/alltoken' })).toContain('must be an absolute path');
    deps.files.putDirectory(file);
    expect(await message()).toContain('is a directory');
    deps.files.put(file, 'x'.repeat(65_537));
    expect(await message()).toContain('too large');
    deps.files.put(file, new Uint8Array([0xff, 0xfe, 0x73, 0]));
    expect(await message()).toContain('UTF-16');
    deps.files.put(file, `${good}\n${good}\n`);
    expect(await message()).toContain(
      `malformed key in api_key_file ${file}: it contains white space`,
    );
    deps.files.put(file, '\n');
    expect(await message()).toContain('it is empty');
    deps.files.fail('read', 'EACCES');
    expect(await message()).toContain(`${file}: permission denied (EACCES)`);
  });
});

describe('api_key_command', () => {
  const settings = { api_key_command: ['pass', 'show', 'alltoken'] };

  it('runs it as it stands, for 30 s at most, and takes its one line', async () => {
    const deps = world({}, { stdout: `\r\n ${good} \r\n\n`, stderr: 'touch your key\n' });
    const { key } = await find(deps, settings);
    expect(key).toEqual({ value: good, source: 'api_key_command' });
    expect(deps.ran).toEqual([{ command: ['pass', 'show', 'alltoken'], timeoutMs: 30_000 }]);
    const shell = world({}, { stdout: good });
    await find(shell, { api_key_command: 'pass | head -1' });
    expect(shell.ran[0]?.command).toBe('pass | head -1');
  });

  it.each([
    [{ stdout: '\n' }, 'printed nothing'],
    [{ stdout: `${good}\nuser: ada\n` }, 'printed 2 lines'],
    [{ stdout: 'not a key' }, 'malformed key in api_key_command: it contains white space'],
    [{ exitCode: 1 }, 'exited with code 1'],
    [{ exitCode: null }, 'did not exit within 30 s'],
    [
      { exitCode: 2, stderr: '\n\u001b[31mgpg: \u0007no secret\u001b[0m\nmore' },
      'exited with code 2: gpg: no secret',
    ],
    [
      Object.assign(new Error('spawn pass ENOENT'), { code: 'ENOENT' }),
      'no such file or directory (ENOENT)',
    ],
  ])('%j', async (result, words) => {
    const error = await failureOf(() => find(world({}, result), settings));
    expect(error.exit).toBe('no_key');
    expect(error.message).toContain(words);
    expect(error.message).not.toMatch(/0123|\n|more|pass show/);
  });

  it('keeps what it says short and free of keys', async () => {
    const stderr = `bad ${good} and other-secret ${'x'.repeat(500)}`;
    const deps = world({}, { exitCode: 1, stdout: 'other-secret\n', stderr });
    const { message } = await failureOf(() => find(deps, settings));
    expect(message).toContain('bad *** and *** xxx');
    expect(message.length).toBeLessThan(260);
  });

  it('lets a signal through', async () => {
    const stop = new SignalReceived('SIGINT');
    await expect(find(world({}, stop), settings)).rejects.toBe(stop);
  });
});
