import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/testing.ts';
import { type Finished, runExecutable, start, temporaryFolder } from '../helpers/executable.ts';
import { isTurnOf } from '../helpers/share.ts';

/** A standard input that stays open and says nothing, as hosts leave it. Runs the program below it. */
function idleStdin(): readonly string[] {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Open for writing too, so that its end never comes.
  const open = openSync(pipe, 'r+');
  onTestFinished(() => closeSync(open));
  return ['sh', '-c', 'exec "$@" <"$0"', pipe];
}

function runIdle(argv: readonly string[]): Promise<Finished> {
  return runExecutable(argv, { within: idleStdin(), cwd: temporaryFolder() });
}

const posix = process.platform !== 'win32';

const commands: [name: string, argv: string[]][] = [
  ['chat --no-stdin', ['chat', '-g', 'sandbox', '--no-stdin', 'Hi']],
  ['search', ['search', '-g', 'sandbox', 'Hi']],
  ['image', ['image', '-g', 'sandbox', 'Hi']],
  ['video', ['video', '-g', 'sandbox', 'Hi']],
  ['models', ['models', '-g', 'sandbox']],
  ['cost of a call', ['cost', '-g', 'sandbox', 'gpt-5.4-nano', '19', '12']],
  ['cost of all calls', ['cost', '--since', '7d', '--json']],
  ['tasks', ['tasks', '--local', '--json']],
  ['slash', ['slash', '/alltoken-chat -g sandbox --no-stdin Hi']],
  ['skills', ['skills', 'list']],
  ['config', ['config', 'path']],
  ['schema', ['schema', 'chat']],
  ['completion', ['completion', 'bash']],
  ['help', ['help', 'exit-codes']],
];

describe.runIf(posix)('with a standard input that is open and silent', () => {
  // The nightly run starts fifteen processes here, one after the other.
  test('chat waits ten seconds for it, sends nothing, and names the ways out; other commands end by themselves', {
    timeout: 300_000,
  }, async () => {
    // It waits while the others run.
    const waiting = runIdle(['chat', '-g', 'sandbox', 'Hi']);
    for (const [name, argv] of commands.filter((_, index) => isTurnOf(index, 3))) {
      const { code, stdout, stderr } = await runIdle(argv);
      expect(code, `${name}: ${stderr}`).toBe(0);
      expect(stdout, name).not.toBe('');
      // Nothing that moves, and no colour: nobody looks.
      for (const control of ['\u001b', '\r']) expect(stdout + stderr, name).not.toContain(control);
    }
    const { code, stdout, stderr } = await waiting;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('--no-stdin');
    expect(stderr).toContain('</dev/null');
  });
});

/** A sandbox that several processes can ask. */
async function sandboxServer(): Promise<readonly string[]> {
  const { baseURL, close } = await startSandbox();
  onTestFinished(close);
  return ['-g', 'sandbox', '--base-url', baseURL];
}

describe.runIf(posix)('a job that outlives its host', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s during the wait: the id was told before it, and resume finishes the job',
    async (signal) => {
      const [home, cwd] = [temporaryFolder(), temporaryFolder()];
      const where = await sandboxServer();
      const running = start(['video', ...where, 'A river'], { home, cwd });
      await running.shows('submitted');
      running.child.kill(signal);
      const killed = await running.done;
      expect(killed.signal).toBe(signal);
      expect(killed.stdout).toBe('');
      const [id = ''] = /vgen_\w+/.exec(killed.stderr) ?? [];
      const resumed = await runExecutable(['tasks', 'resume', id, ...where], { home, cwd });
      expect(resumed.code, resumed.stderr).toBe(0);
      const path = resumed.stdout.trim();
      expect(isAbsolute(path) && existsSync(path)).toBe(true);
    },
  );

  test.each(['image', 'video'])(
    '%s --async --json: the id is in the one document',
    async (kind) => {
      const where = await sandboxServer();
      const { code, stdout, stderr } = await runExecutable([
        kind,
        ...where,
        '--async',
        '--json',
        'Hi',
      ]);
      expect(code, stderr).toBe(0);
      const { task_id: id } = JSON.parse(stdout) as { task_id: string };
      expect(id).toMatch(/^[iv]gen_\w+$/);
      expect(stderr).toContain(id);
    },
  );
});

const outs: [string, string[]][] = [
  ['image', []],
  ['image', ['-o', 'cat.png']],
  ['video', ['-o', '.']],
];
test.each(outs.filter((_, index) => isTurnOf(index, 3)))(
  '%s %j prints an absolute path, as text and as JSON',
  async (kind, flags) => {
    const cwd = realpathSync(temporaryFolder());
    const argv = [kind, '-g', 'sandbox', ...flags, 'Hi'];
    const text = await runExecutable(argv, { cwd });
    expect(text.stdout.startsWith(`${cwd}/`), text.stderr).toBe(true);
    const json = await runExecutable([...argv, '--json', '--force'], { cwd });
    const { files } = JSON.parse(json.stdout) as { files: { path: string }[] };
    expect(files.map(({ path }) => path.startsWith(`${cwd}/`))).toEqual([true]);
  },
);
