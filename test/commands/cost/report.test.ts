import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import {
  asModel,
  cost,
  intent,
  jobOutcome,
  outcome,
  reported,
  writeLedger,
} from '../../money/ledger/lines.ts';

const at = '2026-11-20T12:00:00.000Z';

const mixed = [
  outcome('a', at, '0.1', { ...asModel('gpt-5.4'), tags: ['ci', 'night'], session: 'work' }),
  outcome('b', at, '0.2', { ...asModel('gpt-5.4'), tags: ['ci'], gateway: 'altllm' }),
  outcome('c', '2026-11-21T12:00:00.000Z', '0.5', { ...asModel('kimi-k2.6'), command: 'search' }),
  outcome('d', at, null, asModel('glm-5')),
  outcome('e', at, null, { ...asModel('glm-5'), billed: 'no', exit: 31, usage: null }),
];

describe('cost --since', () => {
  test('sums exactly, and counts what is not known apart', async () => {
    const { totals } = await reported(mixed);
    expect(totals).toEqual({
      calls: 5,
      prompt_tokens: 76,
      completion_tokens: 48,
      total_tokens: 124,
      cost: { amount: '0.8', currency: 'USD', source: 'gateway' },
      sources: { gateway: '0.8', catalog: null },
      known_calls: 3,
      unknown_calls: 1,
      unbilled_calls: 1,
    });
  });

  test('counts no call that was let in and never sent, as a line of a batch that ended', async () => {
    const never = { billed: 'no', attempts: 0, exit: null, usage: null } as const;
    const before = await reported(mixed);
    const after = await reported([
      ...mixed,
      intent('f', at, asModel('other')),
      outcome('f', at, null, { ...asModel('other'), ...never }),
    ]);
    expect([after.totals, after.rows]).toEqual([before.totals, before.rows]);
  });

  const groups: [string, [string | null, number, string | null][]][] = [
    [
      'model',
      [
        ['kimi-k2.6', 1, '0.5'],
        ['gpt-5.4', 2, '0.3'],
        ['glm-5', 2, null],
      ],
    ],
    [
      'command',
      [
        ['search', 1, '0.5'],
        ['chat', 4, '0.3'],
      ],
    ],
    [
      'gateway',
      [
        ['alltoken', 4, '0.6'],
        ['altllm', 1, '0.2'],
      ],
    ],
    [
      'day',
      [
        ['2026-11-20', 4, '0.3'],
        ['2026-11-21', 1, '0.5'],
      ],
    ],
    [
      'session',
      [
        [null, 4, '0.7'],
        ['work', 1, '0.1'],
      ],
    ],
    [
      'tag',
      [
        [null, 3, '0.5'],
        ['ci', 2, '0.3'],
        ['night', 1, '0.1'],
      ],
    ],
  ];
  test.each(groups)('--by %s', async (by, expected) => {
    const { rows, totals } = await reported(mixed, '--by', by);
    expect(rows.map((row) => [row.key, row.calls, row.cost.amount])).toEqual(expected);
    expect(totals.cost.amount).toBe('0.8');
  });

  test('of nothing but free failures is 0, of unknown ones is not', async () => {
    const free = outcome('a', at, null, { billed: 'no' });
    const lost = outcome('b', at, null, { billed: 'unknown' });
    expect((await reported([free])).totals.cost).toMatchObject({ amount: '0', source: 'gateway' });
    expect((await reported([lost])).totals.cost).toMatchObject({ amount: null, source: 'unknown' });
    expect((await reported([])).totals).toMatchObject({ calls: 0, cost: { amount: '0' } });
  });

  test('tells estimates from what the gateway said', async () => {
    const catalog = { cost: { amount: '0.05', currency: 'USD', source: 'catalog' } };
    const { totals } = await reported([outcome('a', at, '0.1'), outcome('b', at, null, catalog)]);
    expect(totals).toMatchObject({
      cost: { amount: '0.15', source: 'catalog' },
      sources: { gateway: '0.1', catalog: '0.05' },
      known_calls: 2,
    });
  });

  test('does not add another currency to dollars', async () => {
    const euros = { cost: { amount: '9', currency: 'EUR', source: 'gateway' } };
    const { totals } = await reported([outcome('a', at, '0.1'), outcome('b', at, null, euros)]);
    expect(totals).toMatchObject({ cost: { amount: '0.1' }, unknown_calls: 1 });
  });

  test('counts the tokens of pictures as well', async () => {
    const usage = { input_tokens: 50, output_tokens: 1000, total_tokens: 1050 };
    const { totals } = await reported([jobOutcome('j', at, '0.02', { usage })]);
    expect(totals).toMatchObject({ prompt_tokens: 50, completion_tokens: 1000 });
  });

  test('has a dated version under the name that was asked for, another model under its own', async () => {
    const answered = (model: string) => outcome(model, at, '1', { model });
    const { rows } = await reported([
      answered('gpt-5.4-nano'),
      answered('gpt-5.4-nano-2026-03-17'),
      answered('gpt-5.4-nano-pro'),
      intent('open', at),
    ]);
    expect(rows.map(({ key, calls }) => [key, calls])).toEqual([
      ['gpt-5.4-nano', 3],
      ['gpt-5.4-nano-pro', 1],
    ]);
  });

  test('--tag and --model choose calls; an alias stands for its model', async () => {
    expect((await reported(mixed, '--tag', 'ci')).totals).toMatchObject({ calls: 2 });
    expect((await reported(mixed, '--model', 'glm-5')).totals).toMatchObject({ calls: 2 });
    expect((await reported(mixed, '--tag', 'night', '-m', 'kimi-k2.6')).totals.calls).toBe(0);
    const world = fakeDeps();
    writeLedger(world.home, mixed);
    world.write('config.json', '{"aliases":{"kimi":"kimi-k2.6"}}');
    expect(await world.run('cost', '-m', 'kimi', '--json')).toBe(0);
    expect(world.json()).toMatchObject({ filter: { model: 'kimi-k2.6' }, totals: { calls: 1 } });
  });

  test('M13: -g chooses the calls of one gateway; play money is in no other report', async () => {
    const all = [...mixed, outcome('s', at, '9', { gateway: 'sandbox', tags: ['ci'] })];
    expect((await reported(all)).totals).toMatchObject({ calls: 5, cost: { amount: '0.8' } });
    const { totals, filter } = await reported(all, '-g', 'altllm');
    expect(totals).toMatchObject({ calls: 1, cost: { amount: '0.2' } });
    expect(filter).toEqual({ tag: null, model: null, gateway: 'altllm' });
    const play = await reported(all, '-g', 'sandbox', '--by', 'gateway');
    expect(play.rows).toMatchObject([{ key: 'sandbox', calls: 1, cost: { amount: '9' } }]);
    expect((await reported(all, '--tag', 'ci')).totals.calls).toBe(2);
  });

  test('--limit keeps the dearest, says how many are left out, and sums all', async () => {
    const { code, world } = await cost(mixed, ['--limit', '1', '--json']);
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({
      rows: [{ key: 'kimi-k2.6' }],
      rows_left_out: 2,
      totals: { calls: 5 },
    });
    expect(world.err()).toContain('2 more rows are left out; see --limit\n');
  });

  test('--limit of days keeps the newest', async () => {
    const { rows } = await reported(mixed, '--by', 'day', '--limit', '1');
    expect(rows.map(({ key }) => key)).toEqual(['2026-11-21']);
  });

  test('without --since is this month, and says so', async () => {
    const lines = [outcome('old', '2026-10-31T12:00:00.000Z', '9'), ...mixed];
    const { world } = await cost(lines, ['--by', 'model', '--json']);
    expect(world.json()).toMatchObject({
      since: '2026-11-01T00:00:00.000Z',
      until: null,
      by: 'model',
      totals: { calls: 5 },
    });
    expect(world.err()).toBe('calls since 2026-11-01, this month (UTC); --since 7d for others\n');
  });
});
