/** What a batch says while it runs, and before: how fast, why nothing moves, what it cannot send as it was written. */
import { describe, expect, test } from 'vitest';
import { echo, openBatch, promptOf, refuse, someLines } from '../../helpers/batch.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

const list = {
  data: [{ id: 'gpt-5.4-mini', input_price: '1', output_price: '10', max_output_tokens: 500 }],
};

test('--concurrency auto is what it is without it', async () => {
  const world = await openBatch();
  world.input(...someLines(6));
  expect((await world.batch('--concurrency', 'auto')).code).toBe(0);
  expect(world.chats()).toHaveLength(6);
});

describe('the progress', () => {
  test('says why nothing is answered, until something is', async () => {
    const world = await openBatch(
      (response, request, nth) =>
        nth === 1
          ? refuse(response, 429, 'slow_down', { 'retry-after': '25' })
          : echo(response, request, nth),
      { timers: 'by hand' },
    );
    world.input(...someLines(2));
    const ran = await world.batch('--concurrency', '1');
    expect(ran.err).toContain('waiting: rate_limited slow_down');
    expect(ran.err.trim().split('\n').at(-1)).not.toContain('waiting');
  });

  test.each([
    ['on a terminal', {}, true],
    ['on a terminal that cannot draw, as in a log', { TERM: 'dumb' }, false],
  ])('%s', async (_name, env, isOften) => {
    const world = await openBatch(
      (response, { json }, nth) =>
        nth === 1
          ? refuse(response, 429, 'slow_down', { 'retry-after': '25' })
          : sendStream(response, goodStream(promptOf(json))),
      { timers: 'by hand', stderrIsTerminal: true, env },
    );
    world.input(...someLines(1));
    const ran = await world.batch('--jsonl');
    const steps = ran.out.split('\n').filter((line) => line.includes('"progress"')).length;
    expect(steps > 50).toBe(isOften);
    expect(steps).toBeGreaterThan(1);
  });
});

describe('a number that would be sent as another one', () => {
  const body = (more: string) => `{"messages":[{"role":"user","content":"x"}],${more}}`;

  test.each([
    ['above 2^53', `{"body":${body('"seed":9007199254740993')}}`],
    ['below -2^53', `{"body":${body('"seed":-9007199254740993')}}`],
    ['beyond all numbers', `{"body":${body('"logit_bias":{"1":1e400}')}}`],
    ['in messages', '{"messages":[{"role":"user","content":"x","n":12345678901234567891}]}'],
  ])('%s fails the line', async (_name, line) => {
    const world = await openBatch();
    world.input(line, { prompt: 'p' });
    expect((await world.batch()).code).toBe(40);
    expect(world.results()).toEqual({ 'line-1': 'inexact_number', 'line-2': 'p' });
  });

  test.each([
    ['a power of two', `{"body":${body('"seed":18014398509481984')}}`],
    ['a fraction', `{"body":${body('"top_p":0.1000000000000000055')}}`],
    ['a large one with an exponent', `{"body":${body('"x":1e300')}}`],
    ['a text', `{"body":${body('"user":"9007199254740993","x":1e300')}}`],
    ['not of the request', '{"prompt":"x","row":9007199254740993}'],
  ])('%s is sent', async (_name, line) => {
    const world = await openBatch();
    world.input(line);
    expect((await world.batch()).code).toBe(0);
  });

  test('of a gap fails the line, and of --param is 2', async () => {
    const world = await openBatch();
    world.input('{"id":9007199254740993,"text":"a"}', '{"id":7,"text":"b"}');
    expect((await world.batch('--prompt', '{{id}} {{text}}')).code).toBe(40);
    expect(world.results()).toEqual({ 'line-1': 'inexact_number', 'line-2': '7 b' });
    expect((await world.batch('-o', 'b.jsonl', '--param', 'seed=9007199254740993')).code).toBe(2);
  });
});

describe('an input that is no list of lines', () => {
  test.each([
    ['one JSON text over many lines', '[{\n"prompt": "x"\n}]'],
    ['a list', '[{"prompt":"x"}]'],
    ['UTF-16', Buffer.from('\ufeff{"prompt":"x"}', 'utf16le').toString('latin1')],
  ])('%s: 2, and the hint says what it has to be', async (_name, text) => {
    const world = await openBatch();
    world.input(text);
    const ran = await world.batch();
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('one JSON object a line')]);
  });
});

describe('a line whose cost has no limit', () => {
  const unlisted = { custom_id: 'unlisted', prompt: 'x', model: 'nobody-knows' };

  test.each([['budget.call'], ['--max-cost']])('fails alone under %s', async (cap) => {
    const world = await openBatch(echo, {}, list);
    if (cap === 'budget.call')
      expect(await world.run('config', 'set', 'budget.call', '0.5')).toBe(0);
    // Under budget.call a price that is not known is counted afterwards; more than one answer is not.
    world.input(
      cap === 'budget.call' ? { body: manyImages, custom_id: 'unlisted' } : unlisted,
      ...someLines(2),
    );
    const ran = await world.batch(...(cap === '--max-cost' ? [cap, '1'] : []));
    expect(ran.code).toBe(40);
    expect(world.results()).toEqual({ unlisted: 'cost_unbounded', 'id-0': 'p0', 'id-1': 'p1' });
  });
});

/** An optional part without a known limit. */
const manyImages = {
  messages: [{ role: 'user', content: 'x' }],
  max_tokens: 1e300,
};

describe('a limit of the proxy', () => {
  test('on all calls ends the batch with 27, and is not a balance to top up', async () => {
    const world = await openBatch((response) => refuse(response, 402, 'max_cost'));
    world.input(...someLines(2));
    const ran = await world.batch('--concurrency', '1');
    expect(ran.code).toBe(27);
    expect(ran.err).toContain('raise the limit of the proxy');
    expect(world.chats()).toHaveLength(1);
  });

  test('on single calls fails that line alone', async () => {
    const world = await openBatch((response, request, nth) =>
      nth === 1 ? refuse(response, 402, 'budget_call') : echo(response, request, nth),
    );
    world.input(...someLines(2));
    expect((await world.batch('--concurrency', '1')).code).toBe(40);
    expect(world.results()).toEqual({ 'id-0': 'budget_call', 'id-1': 'p1' });
  });
});

test('a refusal by --max-cost names no flag that a batch does not have', async () => {
  const world = await openBatch(echo, {}, list);
  world.input(...someLines(2));
  const ran = await world.batch('--max-cost', '0.000001');
  expect(ran.code).toBe(27);
  expect(ran.err).not.toMatch(/--max-tokens|this month/);
  expect(ran.err).toContain('--max-cost');
});
