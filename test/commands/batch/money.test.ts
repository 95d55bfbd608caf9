import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BatchWorld, openBatch, refuse, someLines } from '../../helpers/batch.ts';
import { chunk, goodStream, sendStream } from '../../helpers/server.ts';

/** USD for a million tokens. */
const list = {
  data: [
    { id: 'gpt-5.4-mini', input_price: '1.00', output_price: '10.00', max_output_tokens: 500 },
  ],
};

describe('--max-cost', () => {
  test('is the total of the batch: it stops new lines with 27, and going on after it was raised sends the rest', async () => {
    const world = await openPriced('0.004');
    world.input(...someLines(10));
    const flags = ['--concurrency', '1', '--param', 'max_tokens=100'];
    const ran = await world.batch('--max-cost', '0.0200', '--json', ...flags);
    expect(ran.code).toBe(27);
    const document = JSON.parse(ran.out);
    // Each call is bound to a little more than 0.001, and costs 0.004.
    expect(document).toMatchObject({ succeeded: 5, failed: 0, error: { code: 'max_cost' } });
    expect(document.cost.amount).toBe('0.02');
    expect(document.error.message).toMatch(
      /with \$0\.02 spent so far that is more than --max-cost 0\.0200; 5 lines have a result, 5 were not sent$/,
    );
    // Five more at the same cost and a quarter, and the bound of one; and five at their bounds.
    expect(document.error.hint).toMatch(
      /^for lines that cost up to a quarter more than those so far: --max-cost 0\.047, or enough for the longest answers: --max-cost 0\.026$/,
    );
    const more = await world.batch('--max-cost', '1', '--json', ...flags);
    expect(more.code).toBe(0);
    expect(JSON.parse(more.out)).toMatchObject({ succeeded: 10, cost: { amount: '0.04' } });
    expect(world.chats()).toHaveLength(10);
  });

  test('lets in every line that fits, whatever others have spent while it waited', async () => {
    const world = await openPriced('0.0002', {}, undefined, 100_000);
    world.input(...someLines(20));
    // An answer that the cap has shortened is bound to 0.01 at least: one can run at a time.
    const ran = await world.batch('--max-cost', '0.015', '--json', '--concurrency', '4');
    expect([ran.code, JSON.parse(ran.out).succeeded]).toEqual([0, 20]);
  });

  test.each(['1', '4'])(
    'the amount of the hint is enough for the rest, if it costs up to a quarter more; %s in flight',
    async (concurrency) => {
      const world = await openBatch(
        (response, _request, nth) => sendStream(response, goodStream('x', `0.00${19 + nth}`)),
        {},
        { data: [{ ...list.data[0], max_output_tokens: 100_000 }] },
      );
      // The prompts of the last lines, and so their bounds, are larger than those before.
      world.input(...someLines(10), { prompt: 'long '.repeat(1000) });
      const flags = ['--concurrency', concurrency];
      const ran = await world.batch('--max-cost', '0.02', ...flags);
      expect(ran.code).toBe(27);
      const [, enough = ''] = /\nhint: .*?: --max-cost (\S+), or/.exec(ran.err) ?? [];
      const more = await world.batch('--max-cost', enough, ...flags);
      expect([more.code, world.chats().length]).toEqual([0, 11]);
    },
  );

  test('counts every try whose reply was lost, also of a line that is sent again, and again', async () => {
    const world = await openBatch((response) => void response.destroy(), {}, list);
    world.input(...someLines(1));
    const flags = ['--retry-failed', '--json', '--param', 'max_tokens=100'];
    // Each try is bound to a little more than 0.001.
    for (const code of [40, 40, 27])
      expect((await world.batch('--max-cost', '0.0025', ...flags)).code).toBe(code);
    expect(world.chats()).toHaveLength(2);
    const [line] = world.lines();
    expect(line?.alltoken).toMatchObject({ billed: 'unknown', attempts: 2 });
    expect(Number(line?.alltoken.bound)).toBeGreaterThan(0.002);
    const more = await world.batch('--max-cost', '1', ...flags);
    expect([more.code, world.chats().length]).toEqual([40, 3]);
  });

  test('counts a try whose reply was lost also where a later one bought nothing, or was answered', async () => {
    const world = await openBatch(
      (response, _request, nth) => {
        if (nth === 1) response.destroy();
        else if (nth === 2) refuse(response, 400, 'bad_thing');
        else sendStream(response, goodStream('x', '0.0001'));
      },
      {},
      list,
    );
    world.input(...someLines(1));
    const flags = ['--retry-failed', '--max-cost', '1', '--json', '--param', 'max_tokens=100'];
    const ran = async (): Promise<unknown> => {
      const { code } = await world.batch(...flags);
      const { billed, bound } = world.lines()[0]?.alltoken ?? {};
      return [code, billed, Number(bound) > 0.001];
    };
    expect([await ran(), await ran(), await ran()]).toEqual([
      [40, 'unknown', true],
      [40, 'unknown', true],
      [0, 'yes', true],
    ]);
    // 0.0001 is known, and a little more than 0.001 may have been billed.
    world.input(...someLines(2));
    const last = await world.batch('--json', '--max-cost', '0.0022', '--param', 'max_tokens=100');
    expect([last.code, world.chats().length]).toEqual([27, 3]);
  });

  test.each([1, 60])(
    'a line that was refused for %d s keeps its money, and goes before those that wait for it',
    async (seconds) => {
      const world = await openBatch(
        (response, _request, nth) => {
          const after = { 'retry-after': String(seconds) };
          if (nth === 1) refuse(response, 429, 'rate_limit_exceeded', after);
          else sendStream(response, goodStream('x', '0.0001'));
        },
        {},
        list,
      );
      world.input(...someLines(4));
      // Each line is bound to a little more than 0.001: one can run at a time.
      const ran = await world.batch('--max-cost', '0.0018', '--json', '--param', 'max_tokens=100');
      expect([ran.code, JSON.parse(ran.out).succeeded]).toEqual([0, 4]);
      expect(world.chats()).toHaveLength(5);
    },
  );

  test('says what the lines can cost before the first, and --dry-run the same', async () => {
    const world = await openPriced('0.001');
    world.input(...someLines(3));
    const dry = await world.batch('--dry-run', '--json', '--param', 'max_tokens=100');
    const { price } = JSON.parse(dry.out);
    expect(price).toMatchObject({ source: 'catalog', open: null });
    expect(Number(price.max)).toBeGreaterThan(0.003);
    expect(Number(price.max)).toBeLessThan(0.004);
    const ran = await world.batch('--param', 'max_tokens=100');
    expect(ran.err).toContain(`3 lines, 3 to send: they cost at most $${price.max}`);
  });

  test('says what the most assumes where no line limits its answer, and what lowers it', async () => {
    const world = await openPriced('0.001', {}, undefined, 100_000);
    world.input(...someLines(3));
    const dry = await world.batch('--dry-run', '--json');
    const ran = await world.batch('--max-cost', '2');
    const words =
      /to send: up to \$(\S+) for answers of 1000 tokens \(--param max_tokens=1000 sets that limit\); they cost at most \$3\.\d+ if answers are as long as their model allows \(100000 tokens\)/g;
    expect(ran.err).toMatch(words);
    expect(ran.err).toContain('; --max-cost stops the batch at $2\n');
    expect(dry.err.match(words)).toHaveLength(1);
    expect(dry.out).not.toContain('at most');
    const { short, max } = JSON.parse(dry.out).price;
    const less = short.max;
    expect([short.max_tokens, Number(max) > 3]).toEqual([1000, true]);
    const limited = await world.batch('-o', 'b.jsonl', '--param', 'max_tokens=1000');
    const most = Number(/they cost at most \$(\S+)/.exec(limited.err)?.[1]);
    expect(limited.err).not.toContain('as long as');
    // The limit itself is a few more bytes of each request.
    expect(most - Number(less)).toBeGreaterThanOrEqual(0);
    expect(most - Number(less)).toBeLessThan(0.0002);
  });

  test('too low for one line, with an answer that it may shorten: 27, and the hint is to allow more', async () => {
    const world = await openPriced('0.001', {}, undefined, 100_000);
    world.input(...someLines(3));
    const ran = await world.batch('--max-cost', '0.00001');
    expect(ran.code).toBe(27);
    expect(ran.err).toMatch(/; 0 lines have a result, 3 were not sent \[budget code=max_cost\]\n/);
    const [, enough = ''] =
      /\nhint: for answers of 1000 tokens: --max-cost (\S+), or enough for the longest answers: --max-cost 3\S*\n/.exec(
        ran.err,
      ) ?? [];
    expect(world.chats()).toEqual([]);
    expect((await world.batch('--max-cost', enough)).code).toBe(0);
  });

  test('with --limit the price and the number are of the lines that this run sends', async () => {
    const world = await openPriced('0.001');
    world.input(...someLines(5));
    const flags = ['--param', 'max_tokens=100'];
    const dry = JSON.parse(
      (await world.batch('--limit', '2', '--dry-run', '--json', ...flags)).out,
    );
    expect(dry).toMatchObject({ lines: 5, to_send: 2 });
    expect(Number(dry.price.max)).toBeLessThan(0.003);
    const ran = await world.batch('--limit', '2', ...flags);
    expect(ran.err).toContain(`5 lines, 2 to send: they cost at most $${dry.price.max}`);
    expect(world.chats()).toHaveLength(2);
  });

  // Each has a first line whose longest answer costs more than the cap.
  test.each([
    ['budget.day', { day: '0.5' }, []],
    ['budget.call', { call: '0.5' }, []],
    ['--max-cost', {}, ['--max-cost', '0.5']],
  ])(
    '--dry-run under %s decides as the run, which makes the answers shorter',
    async (name, budget, flags) => {
      const world = await openPriced('0.001', budget, undefined, 100_000);
      world.input(...someLines(3));
      const dry = JSON.parse((await world.batch(...flags, '--dry-run', '--json')).out);
      expect(dry.verdict).toMatchObject({ fits: true, caps: [{ name, fits: true }] });
      const [limit, body] = [dry.cap.max_tokens, dry.request.body];
      expect([dry.cap.name, body.max_tokens]).toEqual([name, limit]);
      expect((await world.batch(...flags, '--concurrency', '1')).code).toBe(0);
      expect(world.chats()[0]?.json?.max_tokens).toBe(limit);
    },
  );

  test('--dry-run of a batch that goes on counts what it has spent', async () => {
    const world = await openPriced('0.004');
    world.input(...someLines(10));
    const flags = ['--max-cost', '0.02', '--concurrency', '1', '--param', 'max_tokens=100'];
    expect((await world.batch(...flags)).code).toBe(27);
    const dry = JSON.parse((await world.batch(...flags, '--dry-run', '--json')).out);
    expect(dry.verdict).toMatchObject({
      fits: false,
      caps: [{ name: '--max-cost', spent: '0.02' }],
    });
  });

  test('cannot be enforced where no price is known: 27, and nothing is sent', async () => {
    const world = await openBatch();
    world.input(...someLines(3));
    const ran = await world.batch('--max-cost', '1');
    expect([ran.code, ran.err]).toEqual([27, expect.stringContaining('cost_unbounded')]);
    expect(world.chats()).toEqual([]);
  });

  test('lowers max_tokens where nobody set it, and an answer that it cut is a failed line', async () => {
    const cut = [
      chunk({ content: 'half' }),
      chunk({}, 'length'),
      'data: [DONE]\n\n',
      ': {"cost":"0.01"}\n\n',
    ];
    const world = await openPriced('0.01', {}, cut.join(''), 100_000);
    world.input(...someLines(1));
    const ran = await world.batch('--max-cost', '0.05');
    expect(ran.code).toBe(40);
    expect(world.chats()[0]?.json?.max_tokens).toBeGreaterThanOrEqual(1024);
    expect(world.lines()[0]).toMatchObject({
      response: { status_code: 200, body: { choices: [{ message: { content: 'half' } }] } },
      error: { code: 'cut_by_cap' },
      alltoken: { billed: 'yes', cost: { amount: '0.01' } },
    });
  });
});

describe('a budget of the config', () => {
  test('stops new lines, and finished ones stay', async () => {
    const world = await openPriced('0.5', { day: '2' });
    world.input(...someLines(10));
    const ran = await world.batch('--json', '--concurrency', '1', '--param', 'max_tokens=10');
    expect(ran.code).toBe(27);
    expect(JSON.parse(ran.out)).toMatchObject({ succeeded: 4, error: { code: 'budget_day' } });
    expect(world.lines()).toHaveLength(4);
  });

  test('of single calls refuses one line alone', async () => {
    const world = await openPriced('0.001', { call: '0.006' });
    world.input(
      {
        custom_id: 'dear',
        body: { messages: [{ role: 'user', content: 'x' }], max_tokens: 90_000 },
      },
      ...someLines(2),
    );
    const ran = await world.batch('--param', 'seed=1');
    expect(ran.code).toBe(40);
    expect(world.results()).toEqual({ dear: 'budget_call', 'id-0': 'x', 'id-1': 'x' });
  });

  test('tags are in the ledger', async () => {
    const world = await openPriced('0.001');
    world.input(...someLines(1));
    await world.batch('--tag', 'nightly');
    expect(world.ledger().map(({ command, tags }) => [command, tags])).toEqual([
      ['batch', ['nightly']],
      ['batch', ['nightly']],
    ]);
  });
});

/** A gateway whose public list names a price, and whose calls cost so many USD. */
async function openPriced(
  cost: string,
  budget: object = {},
  body = goodStream('x', cost),
  most = 500,
): Promise<BatchWorld> {
  const [model] = list.data;
  const world = await openBatch(
    (response) => sendStream(response, body),
    {},
    { data: [{ ...model, max_output_tokens: most }] },
  );
  writeFileSync(join(world.home, 'config.json'), JSON.stringify({ budget }));
  return world;
}
