/** An output that was changed by hand: nothing that was paid for is bought again without a word, and nothing of others is lost. */
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type BatchWorld,
  echo,
  openBatch,
  refuse,
  someLines,
  stateOf,
} from '../../helpers/batch.ts';

const resend = '--resend-unknown';

/** Three lines with their results. */
async function openDone(): Promise<BatchWorld & { path: string; rows(): string[] }> {
  const world = await openBatch();
  world.input(...someLines(3));
  expect((await world.batch('--in-order')).code).toBe(0);
  const path = join(world.home, 'out.jsonl');
  return { ...world, path, rows: () => readFileSync(path, 'utf8').trimEnd().split('\n') };
}

/** Refused, with nothing sent or written. */
async function expectRefused(
  world: Awaited<ReturnType<typeof openDone>>,
  words: string | RegExp,
  ...flags: string[]
): Promise<string> {
  const before = ['out.jsonl', 'out.jsonl.state'].map((name) => readOrNull(join(world.home, name)));
  const chats = world.chats().length;
  for (const more of [[], ['--dry-run'], ['--retry-failed']]) {
    const ran = await world.batch('--json', ...flags, ...more);
    const { error } = JSON.parse(ran.out);
    expect([ran.code, error.code, error.billed]).toEqual([2, 'output_changed', 'no']);
    expect(error.message).toMatch(words);
  }
  expect(world.chats()).toHaveLength(chats);
  expect(
    ['out.jsonl', 'out.jsonl.state'].map((name) => readOrNull(join(world.home, name))),
  ).toEqual(before);
  return (await world.batch(...flags)).err;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

describe('an output with a line that is damaged', () => {
  test.each<[string, (rows: string[]) => string]>([
    ['garbage', ([a, , c]) => `${a}\ngarbage\n${c}\n`],
    ['cut in the middle', ([a, b = '', c]) => `${a}\n${b.slice(0, 90)}\n${c}\n`],
    ['run into the next one', ([a, b = '', c]) => `${a}\n${b.slice(0, 90)}${c}\n`],
    ['of another form', ([a, , c]) => `${a}\n{"custom_id":"id-1","answer":"p1"}\n${c}\n`],
  ])('%s: names the line, also with --resend-unknown', async (_how, change) => {
    const world = await openDone();
    const whole = readFileSync(world.path, 'utf8');
    writeFileSync(world.path, change(world.rows()));
    const words = /line 2 of .*out\.jsonl is not a result of this batch, and \d of the 3 results/;
    await expectRefused(world, words, resend);
    const err = await expectRefused(world, words);
    expect(err).toContain(
      '\nhint: restore the file from a copy, or move line 2 out of the file, then add --resend-unknown, or begin another batch, and pay for all lines again, with -o\n',
    );
    writeFileSync(world.path, whole);
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()).toHaveLength(3);
  });

  test('when it is moved away, its request is sent again with --resend-unknown alone, and all tries count', async () => {
    const world = await openDone();
    const [a, , c] = world.rows();
    writeFileSync(world.path, `${a}\n${c}\n`);
    const err = await expectRefused(world, /was changed: 1 of the 3 results that it had is gone/);
    expect(err).toContain(
      '\nhint: restore the file from a copy, or send 1 line again, and pay twice, with --resend-unknown, or begin another batch, and pay for all lines again, with -o\n',
    );
    const dry = await world.batch(resend, '--dry-run', '--json');
    expect(JSON.parse(dry.out)).toMatchObject({ to_send: 1, paid_twice: 1 });
    const ran = await world.batch(resend, '--json');
    expect(ran.err).toContain('1 of them may be paid for twice');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      0,
      expect.objectContaining({
        succeeded: 3,
        cost: { amount: '0.0000752', currency: 'USD', source: 'gateway' },
      }),
    ]);
    expect(world.prompts().slice(3)).toEqual(['p1']);
    // It is still paid for after the next run, and the output is whole.
    const again = await world.batch('--json');
    expect([again.code, JSON.parse(again.out).cost.amount]).toEqual([0, '0.0000752']);
    expect(world.chats()).toHaveLength(4);
  });

  test('what is lost counts against --max-cost', async () => {
    const list = {
      data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 1 }],
    };
    const world = await openBatch(echo, {}, list);
    world.input(...someLines(2));
    await world.batch('--max-cost', '1');
    rmSync(join(world.home, 'out.jsonl'));
    const ran = await world.batch('--max-cost', '0.00003', resend, '--json');
    expect([ran.code, JSON.parse(ran.out).error.code]).toEqual([27, 'max_cost']);
    expect(world.chats()).toHaveLength(2);
  });

  test('a last line that is cut is ours after a kill only', async () => {
    const world = await openDone();
    const [a, b, c = ''] = world.rows();
    writeFileSync(world.path, `${a}\n${b}\n${c.slice(0, 100)}`);
    await expectRefused(world, /1 of the 3 results that it had is gone/);
  });

  test.each([
    ['removed', (path: string) => rmSync(path)],
    ['emptied', (path: string) => writeFileSync(path, '')],
  ])('%s: is not bought again without a word', async (_how, change) => {
    const world = await openDone();
    change(world.path);
    await expectRefused(world, /out\.jsonl is not there or empty, and had 3 results/);
    const ran = await world.batch(resend);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('3 of them may be paid for twice');
    expect(world.chats()).toHaveLength(6);
    expect(world.lines()).toHaveLength(3);
  });

  test('failed lines that bought nothing may be taken out: they are sent again', async () => {
    let isBad = true;
    const world = await openBatch((response, request, nth) =>
      isBad && nth === 2 ? refuse(response, 400, 'bad_thing') : echo(response, request, nth),
    );
    world.input(...someLines(3));
    await world.batch('--concurrency', '1');
    isBad = false;
    const path = join(world.home, 'out.jsonl');
    const rows = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, rows.filter((row) => !row.includes('bad_thing')).join('\n'));
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()).toHaveLength(4);
  });

  test('after a kill a result of before is missed, too', async () => {
    const world = await openDone();
    world.input(...someLines(5));
    const [a, b, c] = world.rows();
    const state = join(world.home, 'out.jsonl.state');
    const before = readFileSync(state, 'utf8');
    expect((await world.batch('--in-order')).code).toBe(0);
    const [, , , d = ''] = world.rows();
    const { custom_id: id, alltoken } = JSON.parse(d);
    // The second run was killed when the fourth line had its result.
    const intent = { id, h: alltoken.hash, call: alltoken.call };
    writeFileSync(state, `${before}${JSON.stringify(intent)}\n`);
    writeFileSync(world.path, `${a}\n${c}\n${d}\n`);
    await expectRefused(world, /1 of the 3 results that it had is gone/);
    writeFileSync(world.path, `${a}\nx\n${c}\n${d}\n`);
    await expectRefused(world, /line 2 of .* is not a result/);
    writeFileSync(world.path, `${a}\n${b}\n${c}\n${d.slice(0, 50)}`);
    expect((await world.batch()).code).toBe(40);
    expect(world.results()).toMatchObject({ 'id-1': 'p1', 'id-3': 'unknown', 'id-4': 'p4' });
  });

  test('results that were never sent may go: they are written again', async () => {
    const world = await openBatch();
    world.input(...someLines(1), 'no');
    await world.batch('--in-order');
    const path = join(world.home, 'out.jsonl');
    const [a] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${a}\n`);
    expect((await world.batch()).code).toBe(40);
    expect(world.results()).toEqual({ 'id-0': 'p0', 'line-2': 'not_json' });
  });

  test('what says the same in another form is well: sorted, spaced, with empty lines', async () => {
    const world = await openDone();
    const rows = world.rows().reverse();
    writeFileSync(
      world.path,
      `\n${rows.map((row) => JSON.stringify(JSON.parse(row), null, 1).replaceAll('\n', ' ')).join('\r\n\n')}\r\n`,
    );
    expect((await world.batch()).code).toBe(0);
    expect(world.chats()).toHaveLength(3);
    expect(world.lines()).toHaveLength(3);
  });
});

describe('a file of somebody else in place of the output', () => {
  test.each([
    ['with results in the state', 3, 'mine\n'],
    ['with results in the state, without a line feed', 3, 'mine'],
    ['where nothing had a result yet', 0, '{"mine":1}\n{"mine":2}\n'],
    ['where nothing had a result yet, without a line feed', 0, 'mine'],
  ])('%s', async (_how, count, text) => {
    const world = await openBatch((response, request, nth) =>
      count === 0 ? refuse(response, 401, 'no') : echo(response, request, nth),
    );
    world.input(...someLines(3));
    await world.batch();
    const path = join(world.home, 'out.jsonl');
    writeFileSync(path, text);
    const chats = world.chats().length;
    for (const flags of [[], [resend], ['--in-order'], ['--dry-run']]) {
      const ran = await world.batch(...flags);
      expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('code=output_changed')]);
      expect(ran.err).toMatch(/line 1 of .*out\.jsonl is not a result of this batch/);
    }
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(world.chats()).toHaveLength(chats);
  });

  test('a note that somebody added is not thrown away', async () => {
    const world = await openDone();
    appendFileSync(world.path, '# checked by me\n');
    const err = await expectRefused(world, /line 4 of .*out\.jsonl is not a result of this batch;/);
    expect(err).toContain(
      '\nhint: move line 4 out of the file, or restore the file from a copy, or begin another batch, and pay for all lines again, with -o\n',
    );
  });

  test('after a kill: neither', async () => {
    const world = await openDone();
    const [header] = stateOf(world.home) ?? [];
    writeFileSync(
      join(world.home, 'out.jsonl.state'),
      `${header}\n{"id":"id-2","h":"${world.lines()[2]?.alltoken.hash}","call":"c"}\n`,
    );
    writeFileSync(world.path, 'mine\n');
    await expectRefused(world, /line 1 of/);
  });
});

describe('an output that others change while the batch writes it', () => {
  const ways: [string, (path: string) => void, number, string[]][] = [
    ['moved away', (path) => renameSync(path, `${path}.1`), 3, []],
    ['emptied', (path) => writeFileSync(path, ''), 3, []],
    ['moved away, with --in-order', (path) => renameSync(path, `${path}.1`), 3, ['--in-order']],
    ['replaced', (path) => writeFileSync(path, 'mine\n'), 3, ['--in-order']],
    ['moved away behind the last line', (path) => renameSync(path, `${path}.1`), 6, []],
  ];

  test.each(ways)('%s: the run says what is gone', async (_how, change, from, flags) => {
    const world = await openBatch((response, request, nth) => {
      if (nth === from) change(join(world.home, 'out.jsonl'));
      return echo(response, request, nth);
    });
    world.input(...someLines(6));
    const ran = await world.batch('--concurrency', '1', '--json', ...flags);
    const { ok, error } = JSON.parse(ran.out);
    expect([ran.code, ok, error.code, error.billed]).toEqual([
      50,
      false,
      'output_changed',
      'unknown',
    ]);
    const gone = from - 1;
    expect(error.message).toMatch(
      `out.jsonl was changed while the batch wrote it: ${gone} of its 6 results are gone, and were paid for`,
    );
    expect(ran.err).toContain(
      `\nhint: restore the file from a copy, or send ${gone} lines again, and pay twice, with --resend-unknown`,
    );
    expect(readFileSync(join(world.home, 'out.jsonl'), 'utf8')).toContain('"id-5"');
    // It is as it would be if it had been changed after the run.
    expect((await world.batch()).code).toBe(2);
    expect(world.chats()).toHaveLength(6);
  });

  test('what was moved may be put back', async () => {
    const world = await openBatch((response, request, nth) => {
      if (nth === 3) renameSync(path, `${path}.1`);
      return echo(response, request, nth);
    });
    const path = join(world.home, 'out.jsonl');
    world.input(...someLines(6));
    await world.batch('--concurrency', '1');
    appendFileSync(path, readFileSync(`${path}.1`, 'utf8'));
    expect((await world.batch()).code).toBe(0);
    expect(world.lines()).toHaveLength(6);
    expect(world.chats()).toHaveLength(6);
  });

  test('a run that ended early for another reason says it, too, also with -q', async () => {
    const world = await openBatch((response, request, nth) => {
      if (nth === 3) renameSync(join(world.home, 'out.jsonl'), join(world.home, 'out.1'));
      return nth === 5 ? refuse(response, 401, 'no') : echo(response, request, nth);
    });
    world.input(...someLines(6));
    const ran = await world.batch('--concurrency', '1', '-q');
    expect(ran.code).toBe(21);
    expect(ran.err).toMatch(
      /warning: .*out\.jsonl was changed while .*: 2 of its 4 results are gone/,
    );
  });
});
