import { describe, expect, test } from 'vitest';
import { files as realFiles } from '../../../src/system/files.ts';
import { type Asked, answerWell, ask, chat, errLines, worldAt } from '../../helpers/ask.ts';
import { expectFailure, expectFailureDocument } from '../../helpers/expect-failure.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { startServer } from '../../helpers/server.ts';

async function refusing(path: string): Promise<Uint8Array> {
  throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: 'EACCES' });
}

describe('chat ends with 1 for a bug', () => {
  async function withBug(...format: string[]): Promise<Asked> {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    world.deps.openNetwork = () => {
      throw new TypeError('Cannot read properties of null');
    };
    return { code: await chat(world, 'Hi', ...format), world, server };
  }

  test('one line that asks for a report, no stack', async () => {
    await expectFailure(withBug, {
      exit: 1,
      name: 'internal',
      code: null,
      message: /unexpected: Cannot read properties of null/,
      hint: /report what it prints with --debug/,
      billed: 'unknown',
      requests: 0,
      inLedger: false,
    });
  });

  test('--debug shows the stack', async () => {
    const { code, world } = await withBug('--debug');
    expect(code).toBe(1);
    expect(world.err()).toMatch(/\[debug\] +at .*exit-machine/);
  });
});

describe('chat ends with 50 when this machine fails', () => {
  const sayings: [string, RegExp][] = [
    ['ENOSPC', /cannot write the output: no space left on device/],
    ['EIO', /cannot write the output: input\/output error/],
  ];
  test.each(sayings)('stdout fails with %s', async (code, message) => {
    for (const [format, at] of [
      [[], 1],
      [['--json'], 1],
      [['--jsonl'], 2],
    ] as const) {
      const asked = await ask(answerWell, ['Hi', ...format], { stdoutError: { code, at } });
      expect(asked.code).toBe(50);
      const lines = errLines(asked.world);
      const errors = lines.filter((line) => line.startsWith('alltoken: '));
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(message);
      expect(errors[0]).toContain(`[local_io code=${code}]`);
      expect(lines.at(-1)).toMatch(/^hint: .*may have been billed/);
      expect(asked.world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome']);
    }
  });

  test.each([
    [[], 1],
    [[], 2],
    [['--json'], 1],
    [['--jsonl'], 2],
    [['--jsonl'], 3],
    [['--jsonl'], 4],
  ] as const)('a full disk in the middle of an answer costs none of it %j', async (format, at) => {
    const { code, world } = await ask(answerWell, ['Hi', ...format], {
      stdoutError: { code: 'ENOSPC', at },
    });
    expect(code).toBe(50);
    expect(errLines(world).filter((line) => line.startsWith('[usage]'))).toHaveLength(1);
    expect(errLines(world).at(-1)).toMatch(/^hint: .*alltoken sessions show last$/);
    expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome', billed: 'yes' });
    const later = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await later.run('sessions', 'show', 'last')).toBe(0);
    expect(later.out()).toContain('Hello wörld');
  });

  test.each([
    [['help', 'exit-codes']],
    [['models', '-g', 'sandbox']],
    [['cost', '--since', '7d']],
    [['chat', '--no-such-flag', '--json']],
    [['chat', '-g', 'sandbox', '--dry-run', 'Hi']],
    [['image', '-g', 'sandbox', '--dry-run', '--json', 'A cat']],
    [['chat', '-g', 'openai', '--json', 'Hi']],
    [['tasks']],
    [['sessions', 'list', '--json']],
    [['search', '-g', 'sandbox', '--jsonl', 'Hi']],
  ])('stdout fails where nothing can have been bought: %j', async (argv) => {
    const world = fakeDeps({ stdoutError: { code: 'ENOSPC', at: 1 } });
    expect(await world.run(...argv)).toBeGreaterThan(0);
    expect(errLines(world).at(-1)).toBe('hint: free disk space, then run the same command again');
  });

  test('a file that may not be read', async () => {
    const files = { ...realFiles, read: refusing };
    await expectFailure(
      (...format) => ask(answerWell, ['-f', 'a.txt', 'Hi', ...format], { files: filesFor(files) }),
      {
        exit: 50,
        name: 'local_io',
        code: 'EACCES',
        message: /-f a\.txt: no permission to read it/,
        // Room and places have nothing to do with it.
        hint: /^(?!.*free disk space)/,
        billed: 'no',
        requests: 0,
        inLedger: false,
      },
    );
  });

  /** The config is read by the same function, and is not the point here. */
  function filesFor(broken: typeof realFiles): Partial<typeof realFiles> {
    return {
      read: (path, limit) =>
        path.endsWith('a.txt') ? broken.read(path, limit) : realFiles.read(path, limit),
    };
  }

  test('a conversation that may not be read', async () => {
    const files: Partial<typeof realFiles> = {
      read: (path, limit) =>
        path.endsWith('work.jsonl') ? refusing(path) : realFiles.read(path, limit),
    };
    const asked = await ask(answerWell, ['--session', 'work', 'Hi', '--json'], { files });
    expectFailureDocument(asked, {
      exit: 50,
      name: 'local_io',
      code: 'EACCES',
      message: /session work cannot be read/,
      hint: /./,
      billed: 'no',
      requests: 0,
      inLedger: false,
    });
    expect(asked.server.requests).toEqual([]);
  });
});

describe('chat ends with 141 when the reader of stdout went away', () => {
  test.each([
    [[], 1],
    [['--json'], 1],
    [['--jsonl'], 2],
    [['-v'], 1],
  ])('without a word %j', async (format, at) => {
    const stdoutError = { code: 'EPIPE', at };
    const { code, world } = await ask(answerWell, ['Hi', ...format], { stdoutError });
    expect(code).toBe(141);
    expect(world.err()).not.toContain('alltoken: ');
    expect(world.ledger().at(-1)).toMatchObject({ event: 'outcome' });
  });

  test('before anything was sent: nothing is sent', async () => {
    const stdoutError = { code: 'EPIPE', at: 1 };
    const { code, server, world } = await ask(answerWell, ['Hi', '--jsonl'], { stdoutError });
    expect(code).toBe(141);
    expect(server.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });
});
