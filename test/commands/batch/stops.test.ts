import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { batchEventSchema } from '../../../src/schemas/batch.ts';
import { echo, key, openBatch, someLines, stateOf } from '../../helpers/batch.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import { runs } from '../../helpers/share.ts';

test('Ctrl-C: no new lines, those in flight end, and the same command goes on', async () => {
  const waiting: (() => void)[] = [];
  const world = await openBatch((response, request, nth) => {
    waiting.push(() => void echo(response, request, nth));
    if (nth === 4) {
      ran.signal('SIGINT');
      for (const answer of waiting.splice(0)) answer();
    }
  });
  const ran = fakeDeps({
    env: {
      ALLTOKEN_HOME: world.home,
      ALLTOKEN_API_KEY: key,
      ALLTOKEN_BASE_URL: world.server.baseUrl,
    },
  });
  world.input(...someLines(20));
  const [input, out] = ['in.jsonl', 'out.jsonl'].map((name) => join(world.home, name));
  expect(await ran.run('batch', input ?? '', '-o', out ?? '', '--json')).toBe(130);
  expect(ran.json()).toMatchObject({ succeeded: 4, unknown: 0, skipped: 16, exit: 130 });
  expect(world.chats()).toHaveLength(4);
  expect(stateOf(world.home)).toHaveLength(1);
});

test('more than ten requests in flight are no warning of Node', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const waiting: (() => void)[] = [];
  const world = await openBatch((response, request, nth) => {
    waiting.push(() => void echo(response, request, nth));
    if (nth === 24) for (const answer of waiting.splice(0)) answer();
  });
  world.input(...someLines(24));
  expect((await world.batch('--concurrency', '24')).code).toBe(0);
  expect(warnings).toEqual([]);
});

test.each([[['--json']], [['--json', '-q']]])(
  'a full disk, %j: 50, nothing new is sent, and what was lost is unknown with its cost',
  async (flags) => {
    let isFull = false;
    const world = await openBatch((response, request, nth) => {
      isFull = nth >= 3;
      return echo(response, request, nth);
    });
    const { files } = world.deps;
    const { appendLine } = files;
    Object.assign(files, {
      appendLine: async (path: string, line: string) => {
        if (isFull && path.endsWith('out.jsonl'))
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        await appendLine(path, line);
      },
    });
    world.input(...someLines(10));
    const ran = await world.batch('--concurrency', '1', ...flags);
    expect(ran.code).toBe(50);
    expect(JSON.parse(ran.out)).toMatchObject({ succeeded: 2, unknown: 1, skipped: 7 });
    expect(world.chats()).toHaveLength(3);
    const { call } = world.ledger().at(-1) ?? {};
    expect(ran.err).toContain(
      `warning: the output did not take the results of id-2 (request_id req-1, call ${call})\n`,
    );
    expect(JSON.parse(ran.out).error.message).toMatch(/; 1 result that was paid for is lost$/);
    isFull = false;
    Object.assign(files, { appendLine });
    expect((await world.batch('--concurrency', '1')).code).toBe(40);
    expect(world.lines()[2]).toMatchObject({
      error: { code: 'unknown' },
      alltoken: { billed: 'yes', cost: { amount: '0.0000188000' } },
    });
  },
);

test('a disk that was full for a moment loses nothing: what it did not take is written at the end', async () => {
  let tries = 0;
  const world = await openBatch();
  const { files } = world.deps;
  const { appendLine } = files;
  Object.assign(files, {
    appendLine: async (path: string, line: string, how: 'often') => {
      if (path.endsWith('out.jsonl')) tries += 1;
      if (path.endsWith('out.jsonl') && tries === 2) {
        // A part of it went in.
        await appendLine(path, line.slice(0, 40), how);
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      }
      await appendLine(path, line, how);
    },
  });
  world.input(...someLines(10));
  const ran = await world.batch('--concurrency', '2', '--json');
  expect(ran.code).toBe(50);
  const { succeeded, unknown, skipped, error } = JSON.parse(ran.out);
  expect([unknown, succeeded + skipped]).toEqual([0, 10]);
  expect(error).toMatchObject({
    code: 'ENOSPC',
    message: expect.stringMatching(/no result is lost$/),
  });
  expect(world.lines()).toHaveLength(succeeded);
  expect(stateOf(world.home)).toHaveLength(1);
  expect((await world.batch()).code).toBe(0);
  expect(world.chats()).toHaveLength(10);
});

test('a disk without room begins nothing', async () => {
  const world = await openBatch();
  Object.assign(world.deps.files, { freeBytes: async () => 1000 });
  world.input(...someLines(2));
  expect((await world.batch()).code).toBe(50);
  expect(world.chats()).toEqual([]);
});

test('room is needed for the lines that are sent, and not for more', async () => {
  const world = await openBatch();
  Object.assign(world.deps.files, { freeBytes: async () => 1_000_000 });
  world.input(...someLines(200));
  const refused = await world.batch();
  expect([refused.code, world.chats().length]).toEqual([50, 0]);
  expect(refused.err).toMatch(
    /1\.0 MB are free on .*, and 200 lines may need 3\.4; nothing was sent/,
  );
  expect(refused.err).toContain('\nhint: free disk space, then run the same command again');
  expect((await world.batch('--limit', '20')).code).toBe(0);
  expect(world.chats()).toHaveLength(20);
});

test('--jsonl whose reader has left: 141, no result is lost, and stderr says how it goes on', async () => {
  const options = { stdoutError: { code: 'EPIPE', at: 1 } };
  const world = await openBatch(echo, options);
  world.input(...someLines(3));
  const ran = await world.batch('--jsonl');
  expect(ran.code).toBe(141);
  expect(ran.err).toContain('the reader of stdout is gone');
  options.stdoutError.at = 100;
  expect((await world.batch()).code).toBe(0);
  expect(world.chats()).toHaveLength(3);
});

test.each([
  ['from the begin', 0],
  ['after the first answer', 1],
])('-q: a ledger that takes no line %s is said once', async (_, answered) => {
  let count = 0;
  const files = failingFiles(
    'ENOSPC',
    ({ name, path }) => name === 'appendLine' && count >= answered && path.includes('ledger'),
  );
  const world = await openBatch(
    (...all) => {
      count += 1;
      return echo(...all);
    },
    { files },
  );
  world.input(...someLines(4));
  const ran = await world.batch('-q', '--concurrency', '1');
  expect(ran.code).toBe(0);
  expect(ran.err.match(/^warning: the ledger in .*ENOSPC/gm)).not.toBeNull();
  const lines = ran.err.trim().split('\n');
  expect(lines).toEqual([...new Set(lines)]);
});

test('--jsonl: one event a line, all in the schema, the result last', async () => {
  const world = await openBatch();
  world.input(...someLines(3));
  const ran = await world.batch('--jsonl');
  const events = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const event of events) expect(batchEventSchema.parse(event)).toEqual(event);
  expect(events.at(-1)).toMatchObject({ type: 'result', succeeded: 3 });
});

test('the key is nowhere in what is left', async () => {
  const world = await openBatch((response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `bad ${key}`, code: `x ${key}` } }));
  });
  world.input(...someLines(2));
  const ran = await world.batch();
  const left = ['out.jsonl', 'out.jsonl.state'].map((name) =>
    readFileSync(join(world.home, name), 'utf8'),
  );
  expect([ran.out, ran.err, ...left].join('')).not.toContain(key);
});

test('any bytes may come in: each line has one result, or nothing was sent', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\n',
      '\r\n',
      '\r',
      '{"prompt":"x"}',
      '{"custom_id":"a","prompt":"',
      '"}',
      '[',
      '\ufeff',
      '{"body":{"messages":[{"role":"user"}]}}',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (input, isText) => {
      const world = await openBatch();
      world.write('in.jsonl', input);
      const ran = await world.batch(...(isText ? ['--text'] : []));
      if (ran.code === 2) {
        expect(world.chats()).toEqual([]);
        return;
      }
      expect([0, 40]).toContain(ran.code);
      const lines = input
        .toString('latin1')
        .split('\n')
        .filter((line) => /[^\0-\x20\xef\xbb\xbf]/.test(line));
      expect(world.lines().map(({ alltoken }) => alltoken.line)).toHaveLength(lines.length);
    }),
    { numRuns: runs(25) },
  );
});
