import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashOf, hashText } from '../../../src/batch/line-index.ts';
import { echo, openBatch, promptOf, refuse, someLines, stateOf } from '../../helpers/batch.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

describe('the same command again', () => {
  test('sends nothing that has a result', async () => {
    const world = await openBatch();
    world.input(...someLines(5));
    await world.batch();
    const before = readFileSync(join(world.home, 'out.jsonl'), 'utf8');
    const ran = await world.batch('--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ lines: 5, succeeded: 5, skipped: 0 });
    expect(world.chats()).toHaveLength(5);
    expect(readFileSync(join(world.home, 'out.jsonl'), 'utf8')).toBe(before);
    expect(stateOf(world.home)).toHaveLength(1);
  });

  test('--limit sends some, the next run the others', async () => {
    const world = await openBatch();
    world.input(...someLines(5));
    const first = await world.batch('--limit', '2', '--json');
    expect([first.code, JSON.parse(first.out).skipped]).toEqual([0, 3]);
    expect(world.chats()).toHaveLength(2);
    expect((await world.batch()).code).toBe(0);
    expect(world.prompts().sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  });

  test('lines that were appended are new work', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch();
    world.input(...someLines(4));
    expect((await world.batch()).code).toBe(0);
    expect(world.prompts().sort()).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  test('a line with a custom_id may move', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch();
    world.input({ custom_id: 'new', prompt: 'n' }, ...someLines(2).reverse());
    expect((await world.batch()).code).toBe(0);
    expect(world.prompts().slice(2)).toEqual(['n']);
  });

  test.each([
    [
      'changed',
      [
        { custom_id: 'id-0', prompt: 'other' },
        { custom_id: 'id-1', prompt: 'p1' },
      ],
    ],
    ['gone', [{ custom_id: 'id-1', prompt: 'p1' }]],
  ])('a line that was read and is %s is 2', async (_how, lines) => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch();
    world.input(...lines);
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('input_changed')]);
  });

  test('a line without an id is known by its number and what it holds', async () => {
    const world = await openBatch();
    world.input({ prompt: 'a' }, { prompt: 'b' });
    await world.batch();
    world.input({ prompt: 'b' }, { prompt: 'a' });
    expect((await world.batch()).code).toBe(2);
  });

  test.each([
    [['-m', 'other'], '--model'],
    [['--param', 'seed=1'], '--param'],
    [['--prompt', '{{prompt}}'], '--prompt'],
    [['--text'], '--text'],
  ])('%s changes requests: 2, and says which flag', async (flags, name) => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch();
    const ran = await world.batch(...flags);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(name)]);
    expect(world.chats()).toHaveLength(2);
  });

  const anew = 'begin another batch, and pay for all lines again, with -o';

  test.each<[readonly string[], readonly string[], string]>([
    [['--prompt', 'C: {{prompt}}'], ['--prompt', 'D: {{prompt}}'], ": --prompt 'C: {{prompt}}'"],
    [['-m', 'one'], ['-m', 'two'], ': -m one'],
    [['-m', 'one'], [], ': -m one'],
    [[], ['-m', 'two'], ': leave out -m'],
    [[], ['--text'], ': leave out --text'],
    [['--text'], [], ' with --text'],
    [
      ['--param', 'seed=1', '--param', 'top_k=2'],
      ['--param', 'seed=2', '-m', 'x'],
      ': --param seed=1 --param top_k=2, without -m',
    ],
  ])(
    'after %j, %j: the hint names first what goes on, and that another output pays again',
    async (first, then, words) => {
      const world = await openBatch();
      world.input(...someLines(2));
      await world.batch(...first);
      const ran = await world.batch(...then);
      expect(ran.code).toBe(2);
      expect(ran.err).toContain(`\nhint: go on with this batch${words}, or ${anew}\n`);
      expect((await world.batch(...first)).code).toBe(0);
      expect(world.chats()).toHaveLength(2);
    },
  );

  test('the file of a flag that has changed is named; a state of before, which has no values, says the flags', async () => {
    const world = await openBatch();
    world.input(...someLines(1));
    world.write('s.json', '{"type":"object"}');
    await world.batch('--schema', 's.json');
    world.write('s.json', '{"type":"array"}');
    const ran = await world.batch('--schema', 's.json');
    expect(ran.err).toContain(
      `\nhint: restore what --schema stands for, in its file or in the config, or ${anew}\n`,
    );
    const state = join(world.home, 'out.jsonl.state');
    const { said: _said, ...header } = JSON.parse(readFileSync(state, 'utf8'));
    writeFileSync(state, `${JSON.stringify(header)}\n`);
    const old = await world.batch('-m', 'x');
    expect(old.err).toContain(
      `\nhint: go on with --model, --schema as when this batch began, or ${anew}\n`,
    );
  });

  test('a line that has changed is named with the ways to go on', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch();
    world.input(...someLines(1), { custom_id: 'id-1', prompt: 'other' });
    expect((await world.batch()).err).toContain(
      `\nhint: restore line 2 of the input; its new form can be a further line, with another custom_id, or ${anew}\n`,
    );
    world.input(...someLines(1));
    expect((await world.batch()).err).toContain(
      `\nhint: restore the line "id-1" in the input, or ${anew}\n`,
    );
  });

  test('flags that change no request may change', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch('--limit', '1');
    const ran = await world.batch(
      '--concurrency',
      '2',
      '--max-errors',
      '1',
      '--tag',
      't',
      '--in-order',
    );
    expect(ran.code).toBe(0);
  });
});

describe('failed lines', () => {
  test('that --limit does not send again have failed still: 40', async () => {
    const bad = new Set(['p0', 'p1', 'p2']);
    const world = await openBatch((response, request, nth) =>
      bad.delete(promptOf(request.json))
        ? refuse(response, 400, 'bad_thing')
        : echo(response, request, nth),
    );
    world.input(...someLines(4));
    await world.batch();
    const ran = await world.batch('--retry-failed', '--limit', '1', '--json');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      40,
      expect.objectContaining({ succeeded: 2, failed: 2, unknown: 0, skipped: 0 }),
    ]);
  });

  test('are sent again with --retry-failed alone, and the later result counts', async () => {
    const bad = new Set(['p1', 'p3']);
    const world = await openBatch((response, request, nth) => {
      const prompt = promptOf(request.json);
      return bad.delete(prompt) ? refuse(response, 400, 'bad_thing') : echo(response, request, nth);
    });
    world.input(...someLines(4));
    const first = await world.batch('--json');
    expect([first.code, JSON.parse(first.out)]).toEqual([
      40,
      expect.objectContaining({ succeeded: 2, failed: 2 }),
    ]);
    expect(world.lines().find(({ custom_id: id }) => id === 'id-1')).toMatchObject({
      response: { status_code: 400, body: { error: { code: 'bad_thing' } } },
      error: { code: 'bad_thing' },
      alltoken: { billed: 'no' },
    });
    expect((await world.batch()).code).toBe(40);
    expect(world.chats()).toHaveLength(4);
    expect((await world.batch('--retry-failed')).code).toBe(0);
    expect(world.chats()).toHaveLength(6);
    expect(world.lines()).toHaveLength(4);
    expect(world.results()).toEqual({ 'id-0': 'p0', 'id-1': 'p1', 'id-2': 'p2', 'id-3': 'p3' });
    expect(world.lines().find(({ custom_id: id }) => id === 'id-1')?.alltoken.attempts).toBe(2);
  });

  test('what cannot be a request stays failed, with one line', async () => {
    const world = await openBatch();
    world.input({ custom_id: 'a', prompt: 'x' }, 'no');
    await world.batch();
    expect((await world.batch('--retry-failed')).code).toBe(40);
    expect(world.lines()).toHaveLength(2);
  });

  test('--max-errors stops after so many', async () => {
    const world = await openBatch((response) => refuse(response, 400, 'bad_thing'));
    world.input(...someLines(50));
    const ran = await world.batch('--max-errors', '3', '--concurrency', '1', '--json');
    expect(ran.code).toBe(40);
    expect(JSON.parse(ran.out)).toMatchObject({
      failed: 3,
      skipped: 47,
      error: { code: 'max_errors' },
    });
  });
});

/** As a process leaves it that was killed after the intent of a line. */
function killed(home: string, id: string, prompt: string, call = 'call-1'): void {
  const text = JSON.stringify({ custom_id: id, prompt });
  const record = { id, h: hashText(hashOf(text)), call };
  const path = join(home, 'out.jsonl.state');
  const [first = '', ...records] = readFileSync(path, 'utf8').split('\n');
  // As it was written when that run began, when nothing had a result.
  const { results: _results, ...header } = JSON.parse(first);
  writeFileSync(path, [JSON.stringify(header), ...records].join('\n'));
  appendFileSync(path, `${JSON.stringify(record)}\n`);
}

describe('after a kill', () => {
  test('a line with an intent and no result is unknown, and sent again only when that is asked for', async () => {
    const world = await openBatch();
    world.input(...someLines(3));
    await world.batch('--limit', '1');
    killed(world.home, 'id-1', 'p1');
    const ran = await world.batch('--json');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      40,
      expect.objectContaining({
        succeeded: 2,
        unknown: 1,
        cost: expect.objectContaining({ at_least: true }),
      }),
    ]);
    expect(world.prompts()).toEqual(['p0', 'p2']);
    expect(world.lines().find(({ custom_id: id }) => id === 'id-1')).toMatchObject({
      response: null,
      error: { code: 'unknown' },
      alltoken: { billed: 'unknown', call: 'call-1', cost: { amount: null, source: 'unknown' } },
    });
    expect((await world.batch('--retry-failed')).code).toBe(40);
    expect((await world.batch('--resend-unknown')).code).toBe(0);
    expect(world.prompts()).toEqual(['p0', 'p2', 'p1']);
    expect(world.lines()).toHaveLength(3);
    const [line] = world.lines().filter(({ custom_id: id }) => id === 'id-1');
    expect(line?.alltoken.cost).toEqual({
      amount: '0.0000188',
      currency: 'USD',
      source: 'gateway',
      at_least: true,
    });
  });

  test('an intent that was taken back is sent', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch('--limit', '1');
    killed(world.home, 'id-1', 'p1');
    appendFileSync(
      join(world.home, 'out.jsonl.state'),
      `${JSON.stringify({ id: 'id-1', call: 'call-1', not: true })}\n`,
    );
    expect((await world.batch()).code).toBe(0);
    expect(world.prompts()).toEqual(['p0', 'p1']);
  });

  test.each([
    ['refused: its outcome says that it bought nothing', false],
    ['refused and sent again: it stays unknown', true],
  ])('a call that a killed run had %s', async (_what, isAgain) => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch('--limit', '1');
    const [intent] = world.ledger();
    const month = join(world.home, 'ledger', `${String(intent?.at).slice(0, 7)}.jsonl`);
    appendFileSync(month, `${JSON.stringify({ ...intent, call: 'call-1' })}\n`);
    killed(world.home, 'id-1', 'p1');
    const state = join(world.home, 'out.jsonl.state');
    appendFileSync(state, `${JSON.stringify({ id: 'id-1', call: 'call-1', not: true })}\n`);
    if (isAgain) killed(world.home, 'id-1', 'p1');
    expect((await world.batch()).code).toBe(isAgain ? 40 : 0);
    const outcomes = world
      .ledger()
      .filter(({ call, event }) => call === 'call-1' && event === 'outcome');
    expect(outcomes).toMatchObject(isAgain ? [] : [{ billed: 'no', exit: null }]);
  });

  test('torn last lines are cut off, of the output and of the state', async () => {
    const world = await openBatch();
    world.input(...someLines(3));
    await world.batch('--limit', '2', '--concurrency', '1');
    const path = join(world.home, 'out.jsonl');
    const [first = '', second = ''] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${first}\n${second.slice(0, 100)}`);
    killed(world.home, 'id-1', 'p1', JSON.parse(second).alltoken.call);
    appendFileSync(join(world.home, 'out.jsonl.state'), '{"id":"id-2","h":"');
    expect((await world.batch()).code).toBe(40);
    expect(world.results()).toEqual({ 'id-0': 'p0', 'id-1': 'unknown', 'id-2': 'p2' });
    expect(world.prompts()).toEqual(['p0', 'p1', 'p2']);
    // Its outcome was in the ledger: what it cost is known.
    expect(world.lines().find(({ custom_id: id }) => id === 'id-1')?.alltoken).toMatchObject({
      billed: 'yes',
      cost: { amount: '0.0000188000', source: 'gateway' },
    });
  });

  test('a last line that lacks only its end is a result', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch('--limit', '1');
    const path = join(world.home, 'out.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd());
    expect((await world.batch()).code).toBe(0);
    expect(world.lines()).toHaveLength(2);
    expect(world.chats()).toHaveLength(2);
  });

  test('an outcome that lacks only its line feed in the ledger is not written once more', async () => {
    const world = await openBatch();
    world.input(...someLines(1));
    await world.batch();
    const [line] = world.lines();
    const [intent, outcome] = world.ledger();
    const month = join(world.home, 'ledger', `${String(intent?.at).slice(0, 7)}.jsonl`);
    writeFileSync(month, `${JSON.stringify(intent)}\n${JSON.stringify(outcome)}`);
    killed(world.home, 'id-0', 'p0', line?.alltoken.call ?? '');
    expect((await world.batch()).code).toBe(0);
    expect(world.ledger()).toEqual([intent, outcome]);
  });

  test('a result whose outcome is not in the ledger is written there', async () => {
    const world = await openBatch();
    world.input(...someLines(1));
    await world.batch();
    const [line] = world.lines();
    const ledger = world.ledger();
    const month = `${String(ledger[0]?.at).slice(0, 7)}.jsonl`;
    writeFileSync(join(world.home, 'ledger', month), `${JSON.stringify(ledger[0])}\n`);
    killed(world.home, 'id-0', 'p0', String(line?.alltoken.call));
    expect((await world.batch()).code).toBe(0);
    expect(world.ledger()[1]).toMatchObject({
      event: 'outcome',
      call: line?.alltoken.call,
      cost: { amount: '0.0000188000', source: 'gateway' },
      billed: 'yes',
      exit: 0,
    });
    expect(world.chats()).toHaveLength(1);
  });

  test.each([
    ['failed, and its cost is known', '--retry-failed'],
    ['is unknown', '--resend-unknown'],
  ])(
    'the outcome of a second try is that of this try alone, where the first one %s',
    async (_how, flag) => {
      const world = await openBatch((response, request, nth) =>
        nth === 1 && flag === '--retry-failed'
          ? sendStream(response, goodStream('half').replace('"stop"', '"content_filter"'))
          : echo(response, request, nth),
      );
      world.input(...someLines(1));
      if (flag === '--retry-failed') await world.batch();
      else {
        await world.batch('--max-cost', '0');
        killed(world.home, 'id-0', 'p0');
      }
      expect((await world.batch(flag)).code).toBe(0);
      const [line] = world.lines();
      expect(line?.alltoken.attempts).toBe(2);
      const ledger = world.ledger();
      const month = `${String(ledger[0]?.at).slice(0, 7)}.jsonl`;
      // The intent of the second try alone.
      writeFileSync(join(world.home, 'ledger', month), `${JSON.stringify(ledger.at(-2))}\n`);
      killed(world.home, 'id-0', 'p0', String(line?.alltoken.call));
      expect((await world.batch()).code).toBe(0);
      expect(world.ledger().at(-1)).toMatchObject({
        event: 'outcome',
        call: line?.alltoken.call,
        cost: { amount: '0.0000188000', source: 'gateway' },
        attempts: 1,
      });
    },
  );
});

test('two runs on one output: the second is 50 and sends nothing', async () => {
  const world = await openBatch();
  world.input(...someLines(3));
  let second: Awaited<ReturnType<typeof world.batch>> | null = null;
  const slow = await openBatch(async (response, request, nth) => {
    second ??= await slow.batch('--limit', '1');
    return echo(response, request, nth);
  });
  slow.input(...someLines(2));
  expect((await slow.batch('--concurrency', '1')).code).toBe(0);
  expect(second).toMatchObject({ code: 50, err: expect.stringContaining('in_use') });
  expect(slow.chats()).toHaveLength(2);
});

test('--in-order leaves the results in the order of the lines', async () => {
  const world = await openBatch();
  world.input(...someLines(20).reverse());
  expect((await world.batch('--in-order')).code).toBe(0);
  expect(world.lines().map(({ alltoken }) => alltoken.line)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
});
