/** Inside the sandbox of an agent host: no network, nothing may listen, and the home is read-only. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, runExecutable, temporaryFolder } from '../helpers/executable.ts';

const noListen = { NODE_OPTIONS: `--require ${join(root, 'test/helpers/no-listen.cjs')}` };
const codex = { CODEX_SANDBOX_NETWORK_DISABLED: '1' };

const allowed = {
  do: 'host-setting',
  host: 'codex',
  setting: 'sandbox_workspace_write.network_access',
  value: 'true',
};

async function errorOf(argv: readonly string[], options: Parameters<typeof runExecutable>[1]) {
  const { code, stdout, stderr } = await runExecutable([...argv, '--json'], options);
  const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
  return { code, error, stderr };
}

describe('where nothing may listen', () => {
  test.each([
    [['chat', '-g', 'sandbox', '--no-stdin', 'Hi']],
    [['image', '-g', 'sandbox', 'Hi']],
    [['video', '-g', 'sandbox', 'Hi']],
    [['sandbox']],
  ])('%j exits 32, with nothing bought', async (argv) => {
    const { code, error } = await errorOf(argv, { env: noListen, cwd: temporaryFolder() });
    expect(code).toBe(32);
    expect(error).toMatchObject({ name: 'network', code: 'EPERM', billed: 'no' });
    expect(error.hint).toContain('forbids to listen');
    expect(error.hint).not.toContain('-g sandbox');
  });

  test('in Codex, its setting is named', async () => {
    const argv = ['chat', '-g', 'sandbox', '--no-stdin', 'Hi'];
    const { error } = await errorOf(argv, { env: { ...noListen, ...codex } });
    expect(error.next).toMatchObject([allowed, { do: 'retry' }]);
  });
});

const mayUnshare = spawnSync('unshare', ['-rn', 'true']).status === 0;

describe.runIf(mayUnshare)('without any network', () => {
  const within = ['unshare', '-rn'];

  test.each(['sandbox', 'alltoken'])(
    '-g %s in Codex: one try, 32, its setting',
    async (gateway) => {
      const key = { ALLTOKEN_API_KEY: 'sk-0123456789abcdef0123' };
      const argv = ['chat', '-g', gateway, '--no-stdin', 'Hi'];
      const { code, error, stderr } = await errorOf(argv, { within, env: { ...codex, ...key } });
      expect(code, stderr).toBe(32);
      expect(error).toMatchObject({ billed: 'no', next: [allowed, { do: 'retry' }] });
      expect(stderr).not.toContain('retry:');
      expect(error.hint).not.toContain('-g sandbox');
    },
  );
});

const mayMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

describe.runIf(mayMount)('with a state directory that is read-only', () => {
  const readOnly = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"`;

  test.each([
    ['image', ['image', '-g', 'sandbox', 'Hi']],
    ['video', ['video', '-g', 'sandbox', 'Hi']],
    ['chat with a budget', ['chat', '-g', 'sandbox', '--no-stdin', 'Hi']],
  ])('%s exits 50 and names the setting of Codex', async (name, argv) => {
    const folder = temporaryFolder();
    const within = ['unshare', '-rm', 'sh', '-c', readOnly, folder];
    if (name === 'chat with a budget')
      await runExecutable(['config', 'set', 'budget.day', '5'], { home: folder });
    const { code, error, stderr } = await errorOf(argv, {
      within,
      home: folder,
      cwd: temporaryFolder(),
      env: { CODEX_THREAD_ID: 'x' },
    });
    expect(code, stderr).toBe(50);
    const setting = 'sandbox_workspace_write.writable_roots';
    expect(error).toMatchObject({ billed: 'no' });
    expect((error.next as object[])[0]).toMatchObject({ do: 'host-setting', setting });
    expect(error.hint).toContain(`set ${setting} = ["${folder}`);
  });
});
