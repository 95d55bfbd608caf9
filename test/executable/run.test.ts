import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root, runExecutable, start, temporaryFolder } from '../helpers/executable.ts';
import { isTurnOf } from '../helpers/share.ts';

const sandbox = ['chat', '-g', 'sandbox'];
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};

function ledgerLines(home: string): Record<string, unknown>[] {
  return readdirSync(join(home, 'ledger')).flatMap((name) =>
    readFileSync(join(home, 'ledger', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
}

describe('the executable', () => {
  const versions = ['--version', '-V'].filter((_, index) => isTurnOf(index, 2));
  test.each(versions)('%s prints the version', async (flag) => {
    expect(await runExecutable([flag])).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  test('streams a chat with the embedded gateway, its tokens and its cost', async () => {
    const home = temporaryFolder();
    const { code, stdout, stderr } = await runExecutable([...sandbox, 'Hello'], { home });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^This is the alltoken sandbox\. No model is behind it.*Hello.*\n$/);
    expect(stderr).toMatch(
      /^\[usage\] prompt=\d+ completion=\d+ total=\d+ model=gpt-5\.4-mini cost=\$0\.\d{10} \(gateway\)\n$/,
    );
    expect(ledgerLines(home).map((line) => line.event)).toEqual(['intent', 'outcome']);
  });

  test('a warning never stands glued to the answer, where both streams go to one place', async () => {
    const within = ['sh', '-c', 'exec "$@" 2>&1', 'sh'];
    const { code, stdout } = await runExecutable(['search', '-g', 'sandbox', 'Hi'], { within });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^This is the alltoken sandbox[^\n]*\nwarning: [^\n]*\n\[usage\] [^\n]*\n$/,
    );
  });

  test('alltoken-chat is alltoken chat', async () => {
    const script = join(root, 'bin/alltoken-chat.js');
    const { code, stdout } = await runExecutable(['-g', 'sandbox', 'Hi'], { script });
    expect(code).toBe(0);
    expect(stdout).toContain('alltoken sandbox');
  });

  const files: [name: string, head: RegExp][] = [
    ['image', /^\x89PNG/],
    ['video', /^....ftyp/],
  ];
  test.each(files.filter((_, index) => isTurnOf(index, 2)))(
    'alltoken-%s makes a file with the embedded gateway',
    async (name, head) => {
      const script = join(root, `bin/alltoken-${name}.js`);
      const cwd = temporaryFolder();
      const { code, stdout, stderr } = await runExecutable(['-g', 'sandbox', 'Hi'], {
        script,
        cwd,
      });
      expect(code, stderr).toBe(0);
      const path = stdout.trimEnd();
      expect(readdirSync(cwd).map((file) => join(cwd, file))).toEqual([path]);
      expect(readFileSync(path).toString('latin1', 0, 16)).toMatch(head);
      expect(stderr).toMatch(
        /^[iv]gen_\w+ submitted; this sandbox ends with the command.*\n[iv]gen_\w+ succeeded\n\[usage\] .*\n$/,
      );
    },
  );

  test('-o - writes the picture and nothing else', async () => {
    const { code, stdout } = await runExecutable(['image', '-g', 'sandbox', '-o', '-', 'Hi']);
    expect(code).toBe(0);
    expect(stdout.slice(1, 4)).toBe('PNG');
  });

  test('takes the prompt from a pipe', async () => {
    const { stdout } = await runExecutable([...sandbox, 'explain'], { input: 'some context' });
    expect(stdout).toContain('"explain\n\nsome context"');
  });

  test.runIf(process.platform !== 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s in the middle of an answer ends it by the signal, and the books are kept',
    async (name, exit) => {
      const home = temporaryFolder();
      const running = start([...sandbox, 'Hello'], {
        home,
        env: { ALLTOKEN_SANDBOX_FAULT: 'slow' },
      });
      await running.shows('This is');
      running.child.kill(name);
      const { signal, stdout, stderr } = await running.done;
      expect(signal).toBe(name);
      expect(stdout.endsWith('\n')).toBe(true);
      expect(stderr).toContain(`stopped by ${name} [`);
      expect(stderr).toContain('alltoken chat -c -g sandbox "go on"');
      expect(ledgerLines(home).at(-1)).toMatchObject({ event: 'outcome', exit, billed: 'unknown' });
      expect(readdirSync(join(home, 'sessions'))).toEqual(['last.jsonl']);
    },
  );

  // Whatever waits there opens the pipe first, and opening the other end waits for that.
  const waits: [what: string, gateway: (pipe: string) => object, flags: string[]][] = [
    [
      'a command that prints the key',
      (pipe) => ({ api_key_command: ['sh', '-c', `: >"$0"; exec sleep 30`, pipe] }),
      [],
    ],
    [
      'a shell that prints the key',
      (pipe) => ({ api_key_command: `: >'${pipe}'; sleep 30; echo key` }),
      [],
    ],
    ['a pipe as a file', () => ({}), ['-f', 'pipe']],
  ];
  test.runIf(process.platform !== 'win32').each(waits)(
    'one Ctrl-C is enough while it waits for %s',
    async (_what, gateway, flags) => {
      const home = temporaryFolder();
      const pipe = join(home, 'pipe');
      const config = {
        gateways: { mine: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1', ...gateway(pipe) } },
      };
      writeFileSync(join(home, 'config.json'), JSON.stringify(config));
      execFileSync('mkfifo', [pipe]);
      const argv = ['chat', '-g', 'mine', '-m', 'any', '--no-stdin', ...flags, 'Hi'];
      const running = start(argv, { home, cwd: home });
      const other = await open(pipe, flags.length === 0 ? 'r' : 'w');
      running.child.kill('SIGINT');
      expect(await running.done).toMatchObject({ signal: 'SIGINT' });
      await other.close();
    },
  );

  test.runIf(process.platform !== 'win32')(
    'one Ctrl-C is enough when nobody reads stdout',
    async () => {
      // A pipe that is full, so that it waits at the first byte.
      const pipe = join(temporaryFolder(), 'pipe');
      execFileSync('mkfifo', [pipe]);
      const stdout = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      onTestFinished(() => closeSync(stdout));
      const block = new Uint8Array(4096);
      expect(() => {
        while (true) writeSync(stdout, block);
      }).toThrow('EAGAIN');
      const running = start([...sandbox, '--debug', 'Hello'], { stdout });
      await running.shows('[debug] < data:');
      running.child.kill('SIGINT');
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
        running.child.on('exit', (...ended) => resolve(ended)),
      );
      expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
    },
  );

  test('--json tells of a signal in its document', async () => {
    const running = start([...sandbox, '--jsonl', 'Hello'], {
      env: { ALLTOKEN_SANDBOX_FAULT: 'slow' },
    });
    await running.shows('"delta"');
    running.child.kill('SIGTERM');
    const lines = (await running.done).stdout.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      type: 'error',
      ok: false,
      exit: 143,
      error: { name: 'sigterm' },
    });
  });

  test('a killed process leaves its intent in the ledger, and the next one writes on a line of its own', async () => {
    const home = temporaryFolder();
    const running = start([...sandbox, '-v', 'Hello'], {
      home,
      env: { ALLTOKEN_SANDBOX_FAULT: 'stall' },
    });
    await running.shows('This is');
    running.child.kill('SIGKILL');
    await running.done;
    expect(ledgerLines(home).map((line) => line.event)).toEqual(['intent']);
    const [file = ''] = readdirSync(join(home, 'ledger'));
    writeFileSync(
      join(home, 'ledger', file),
      `${readFileSync(join(home, 'ledger', file), 'utf8')}{"v":1,"eve`,
    );
    await runExecutable([...sandbox, 'Hello'], { home });
    const lines = readFileSync(join(home, 'ledger', file), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.slice(2).map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'intent',
      'outcome',
    ]);
  });

  test('a reader that goes away ends it quietly with 141', async () => {
    const running = start([...sandbox, 'Hello'], { env: { ALLTOKEN_SANDBOX_FAULT: 'big,slow' } });
    await running.shows('This is');
    running.child.stdout?.destroy();
    expect(await running.done).toMatchObject({ code: 141, stderr: '' });
  });

  test
    .runIf(process.platform === 'linux')
    .each(
      [[...sandbox, 'Hello'], ['--help'], [...sandbox, '--json', 'Hello'], ['--version']]
        .filter((_, index) => isTurnOf(index, 2))
        .map((argv) => [argv]),
    )('a full disk behind stdout is 50: %j', async (argv) => {
    const full = openSync('/dev/full', 'w');
    try {
      const { code, stderr } = await runExecutable(argv, { stdout: full });
      expect(code).toBe(50);
      expect(stderr).toContain('no space left on device [local_io code=ENOSPC]');
    } finally {
      closeSync(full);
    }
  });

  test('a home that cannot be made costs the books, not the answer', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const { code, stdout, stderr } = await runExecutable([...sandbox, 'Hello'], {
      home: join(folder, 'file', 'home'),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Hello');
    expect(stderr).toMatch(/^warning: the ledger in .* cannot be written/);
  });

  test('the sandbox server serves, misbehaves on demand, and ends by its signal', async () => {
    const server = start(['sandbox', '--fault', 'rate-limit:1']);
    await server.shows('/v1\n');
    await server.shows('listens');
    const [port = ''] = /\d+(?=\/v1)/.exec(server.printed()) ?? [];
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const { code, stderr } = await runExecutable([...sandbox, '--base-url', baseUrl, 'Hello']);
    expect(code).toBe(0);
    expect(stderr).toContain('[rate_limited]; try 2 in');
    await server.shows('200');
    server.child.kill('SIGTERM');
    const { signal, stdout } = await server.done;
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\n$/);
    if (process.platform !== 'win32') expect(signal).toBe('SIGTERM');
  });
});
