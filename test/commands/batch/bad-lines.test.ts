/** Lines of the input that are not requests: which they are, and that they can be corrected. */
import { describe, expect, test } from 'vitest';
import { echo, openBatch, promptOf, refuse, someLines } from '../../helpers/batch.ts';
import { goodStream, sendStream } from '../../helpers/server.ts';

const good = { custom_id: 'good', prompt: 'p' };

describe('a line that is not a request', () => {
  test('is named on stderr with its reason, the first few of many; the hint says to correct it', async () => {
    const world = await openBatch();
    world.input(good, 'no', '[1]', { a: 1 }, ...Array.from({ length: 200 }, () => 'no'));
    const ran = await world.batch();
    expect(ran.code).toBe(40);
    expect(ran.err).toMatch(
      /203 lines are not requests, and are not sent: line 2: the line is not JSON; line 3: the line is not a JSON object; line 4: the line has none of body, messages and prompt; it has a; and 200 more\n/,
    );
    expect(ran.err).toContain('of 204 lines 203 failed (none of them is a request)');
    expect(ran.err).toContain(
      '\nhint: correct the lines in the input, then run the same command again\n',
    );
    expect(ran.err).not.toContain('--retry-failed');
    const again = await world.batch('--retry-failed', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      error: { code: 'failed_lines', next: [{ do: 'say' }] },
      warnings: [expect.stringContaining('203 lines are not requests')],
    });
    expect(again.err).toContain('204 lines, 0 to send');
  });

  test('beside one that failed: each has its own way', async () => {
    const world = await openBatch((response, request, nth) =>
      promptOf(request.json) === 'p0'
        ? refuse(response, 400, 'bad_thing')
        : echo(response, request, nth),
    );
    world.input(...someLines(2), 'no');
    const { err } = await world.batch();
    expect(err).toContain('of 3 lines 2 failed (1 of them is not a request)');
    expect(err).toMatch(
      /hint: correct the line in the input, then run the same command again, or send the failed ones again with --retry-failed\n/,
    );
  });

  test.each([
    ['under its number', 'no', { prompt: 'now' }, 'line-2'],
    ['under a custom_id that it had not', 'no', { custom_id: 'b', prompt: 'now' }, 'b'],
    ['under its own', { custom_id: 'b' }, { custom_id: 'b', prompt: 'now' }, 'b'],
  ])('that is corrected is sent, %s, and its old result goes', async (_how, bad, now, id) => {
    const world = await openBatch();
    world.input(good, bad);
    expect((await world.batch()).code).toBe(40);
    world.input(good, now);
    const dry = await world.batch('--dry-run', '--json');
    expect(JSON.parse(dry.out)).toMatchObject({ to_send: 1, unreadable: 0, finished: 1 });
    const ran = await world.batch('--json');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      0,
      expect.objectContaining({ lines: 2, succeeded: 2, failed: 0, skipped: 0 }),
    ]);
    expect(world.results()).toEqual({ good: 'p', [id]: 'now' });
    expect(world.prompts()).toEqual(['p', 'now']);
    expect(world.lines()).toHaveLength(2);
  });

  test.each([
    ['changed, and still none', ['{'], { good: 'p', 'line-2': 'not_json' }, 40],
    ['taken out', [], { good: 'p' }, 0],
  ])('that is %s', async (_how, lines, results, code) => {
    const world = await openBatch();
    world.input(good, 'no');
    await world.batch();
    world.input(good, ...lines);
    expect((await world.batch()).code).toBe(code);
    expect(world.results()).toEqual(results);
    expect(world.lines()).toHaveLength(Object.keys(results).length);
  });

  test('that is corrected and not sent yet has no result meanwhile', async () => {
    const world = await openBatch();
    world.input(...someLines(2), 'no');
    await world.batch('--limit', '1');
    world.input(...someLines(2), { prompt: 'now' });
    const ran = await world.batch('--limit', '1', '--json');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      0,
      expect.objectContaining({ succeeded: 2, failed: 0, skipped: 1 }),
    ]);
    expect(world.results()).toEqual({ 'id-0': 'p0', 'id-1': 'p1' });
  });

  test('a line that a cap refused before it was sent may be changed, too; one that was sent may not', async () => {
    const list = { data: [{ id: 'known', input_price: '1', output_price: '10' }] };
    const world = await openBatch(echo, {}, list);
    world.input(
      { custom_id: 'a', prompt: 'x', model: 'known' },
      { custom_id: 'b', prompt: 'y', model: 'nowhere' },
    );
    await world.batch('--max-cost', '1', '--param', 'max_tokens=10');
    expect(world.results()).toEqual({ a: 'x', b: 'cost_unbounded' });
    world.input(
      { custom_id: 'a', prompt: 'x', model: 'known' },
      { custom_id: 'b', prompt: 'y', model: 'known' },
    );
    expect((await world.batch('--max-cost', '1', '--param', 'max_tokens=10')).code).toBe(0);
    expect(world.results()).toEqual({ a: 'x', b: 'y' });
    world.input(
      { custom_id: 'a', prompt: 'x', model: 'known' },
      { custom_id: 'b', prompt: 'z', model: 'known' },
    );
    const changed = await world.batch('--max-cost', '1', '--param', 'max_tokens=10');
    expect([changed.code, changed.err]).toEqual([2, expect.stringContaining('input_changed')]);
  });
});

describe('the counts of a batch that a cap stopped', () => {
  const list = {
    data: [
      { id: 'gpt-5.4-mini', input_price: '1.00', output_price: '10.00', max_output_tokens: 500 },
    ],
  };
  const flags = [
    '--concurrency',
    '1',
    '--param',
    'max_tokens=100',
    '--max-cost',
    '0.005',
    '--json',
  ];
  const openPriced = () =>
    openBatch((response) => sendStream(response, goodStream('x', '0.004')), {}, list);

  test('are those of its summary, also with lines that are no requests', async () => {
    const world = await openPriced();
    world.input(...someLines(10), 'no', '[1]');
    const ran = await world.batch(...flags);
    const { error, skipped, succeeded, failed } = JSON.parse(ran.out);
    expect([ran.code, succeeded + failed + skipped]).toEqual([27, 12]);
    expect(error.message).toContain(
      `; ${succeeded + failed} lines have a result, ${skipped} were not sent`,
    );
    expect(ran.err).toContain(`skipped=${skipped}`);
  });

  test('and where failed lines are sent again: those that were not have their result still', async () => {
    let isBad = true;
    const world = await openBatch(
      (response) =>
        isBad ? refuse(response, 400, 'bad_thing') : sendStream(response, goodStream('x', '0.004')),
      {},
      list,
    );
    world.input(...someLines(5));
    await world.batch('--param', 'max_tokens=100');
    isBad = false;
    const ran = await world.batch(...flags, '--retry-failed');
    const { error, skipped, succeeded, failed } = JSON.parse(ran.out);
    expect([ran.code, skipped, succeeded + failed]).toEqual([27, 0, 5]);
    expect(error.message).toContain('; 5 lines have a result, 0 were not sent');
  });
});
