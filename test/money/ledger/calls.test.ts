import { describe, expect, test } from 'vitest';
import { cost, intent, jobOutcome, outcome, reported } from './lines.ts';

const day = (number: number, time = '12:00:00.000'): string =>
  `2026-11-${String(number).padStart(2, '0')}T${time}Z`;

describe('a call', () => {
  test('is one, though it has two lines', async () => {
    const { totals } = await reported([intent('a', day(1)), outcome('a', day(1), '0.5')]);
    expect(totals).toMatchObject({ calls: 1, cost: { amount: '0.5' }, unknown_calls: 0 });
  });

  test('whose outcome came while others ran is still one', async () => {
    const { totals } = await reported([
      intent('a', day(1)),
      intent('b', day(1)),
      outcome('b', day(1), '0.2'),
      outcome('a', day(1), '0.5'),
    ]);
    expect(totals).toMatchObject({ calls: 2, cost: { amount: '0.7' }, unknown_calls: 0 });
  });

  test('whose lines were copied by another program counts once', async () => {
    const [a, b] = [intent('a', day(1)), outcome('a', day(1), '0.5')];
    const [c, d] = [intent('c', day(2)), outcome('c', day(2), '0.25')];
    const job = [intent('j', day(1)), jobOutcome('j', day(1), '0.125', { exit: 0 })];
    for (const lines of [
      [a, b, b, c, d],
      [a, b, c, d, a, b, c, d],
      [a, a, b, c, d],
      [b, a, d, c, d],
      [b, b, d],
    ]) {
      const { totals } = await reported(lines);
      expect(totals).toMatchObject({ calls: 2, known_calls: 2, cost: { amount: '0.75' } });
      const { world } = await cost(lines, ['--calls']);
      expect(world.out().trimEnd().split('\n')).toHaveLength(2);
      const last = (await cost(lines, ['--json'])).world.json();
      expect(last).toMatchObject({ open_call: null, warnings: [] });
    }
    expect((await reported([...job, ...job, intent('j', day(1))])).totals).toMatchObject({
      calls: 1,
      cost: { amount: '0.125' },
    });
  });

  test('without an outcome is unknown, not free', async () => {
    const { totals } = await reported([intent('a', day(1)), outcome('b', day(1), '0.5')]);
    expect(totals).toMatchObject({ calls: 2, known_calls: 1, unknown_calls: 1 });
    const alone = await reported([intent('a', day(1))]);
    expect(alone.totals.cost).toEqual({ amount: null, currency: 'USD', source: 'unknown' });
  });

  test('counts tokens that are counts, and none that are not', async () => {
    const odd = { prompt_tokens: -5, completion_tokens: '7', total_tokens: 1.5 };
    const lines = [outcome('a', day(1), '0.5', { usage: odd }), outcome('b', day(1), '0.5')];
    const { totals } = await reported(lines);
    expect(totals).toMatchObject({ prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 });
  });

  test('belongs to the time of its outcome', async () => {
    const lines = [
      intent('a', day(1, '23:59:59.000')),
      outcome('a', day(2, '00:00:01.000'), '0.5'),
    ];
    const rows = (await reported(lines, '--by', 'day')).rows;
    expect(rows.map(({ key }) => key)).toEqual(['2026-11-02']);
    const first = await reported(lines, '--since', '2026-11-01', '--until', '2026-11-01');
    expect(first.totals.calls).toBe(0);
  });

  test('counts among many, in a file of many pieces', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => [
      intent(`${index}`, day(1)),
      outcome(`${index}`, day(1), '0.5'),
    ]).flat();
    const all = await reported(lines);
    expect(all).toMatchObject({
      totals: { calls: 300, cost: { amount: '150' } },
      skipped_lines: 0,
    });
    // One call of October ends in November, after hundreds of others.
    const late = [
      intent('late', '2026-10-31T23:59:00.000Z'),
      ...lines.map((line) => ({ ...line, at: '2026-11-01T00:00:01.000Z' })),
      outcome('late', '2026-11-01T00:00:02.000Z', '2'),
    ];
    const october = await reported(late, '--since', '2026-10', '--until', '2026-10');
    expect(october.totals).toMatchObject({ calls: 0, unknown_calls: 0 });
  });

  test('at the end of a month looks for its outcome in the next file', async () => {
    const lines = [
      intent('a', '2026-10-31T23:59:00.000Z'),
      intent('killed', '2026-10-31T23:59:30.000Z'),
      outcome('a', '2026-11-01T00:00:10.000Z', '0.5'),
    ];
    const before = [
      intent('done', '2026-10-30T12:00:00.000Z'),
      outcome('done', '2026-10-30T12:00:01.000Z', '2'),
    ];
    const full = await reported([...before, ...lines], '--since', '2026-10', '--until', '2026-10');
    expect(full.totals).toMatchObject({ calls: 2, unknown_calls: 1, cost: { amount: '2' } });
    const october = await reported(lines, '--since', '2026-10', '--until', '2026-10');
    expect(october.totals).toMatchObject({ calls: 1, unknown_calls: 1 });
    const november = await reported(lines, '--since', '2026-11');
    expect(november.totals).toMatchObject({ calls: 1, unknown_calls: 0 });
    const both = await reported(lines, '--since', '2026-10');
    expect(both.totals).toMatchObject({ calls: 2, unknown_calls: 1 });
  });
});

describe('a job', () => {
  test('counts once, with the last of its outcomes', async () => {
    const { totals, rows } = await reported(
      [
        intent('j', day(1), { command: 'video' }),
        jobOutcome('j', day(1), null, { exit: 45, billed: 'unknown' }),
        jobOutcome('j', day(2), null, { exit: 40, billed: 'unknown' }),
        jobOutcome('j', day(3), '0.4'),
      ],
      '--by',
      'day',
    );
    expect(totals).toMatchObject({ calls: 1, cost: { amount: '0.4' }, unknown_calls: 0 });
    expect(rows.map(({ key }) => key)).toEqual(['2026-11-03']);
  });

  test('that is still running is unknown', async () => {
    const { totals } = await reported([
      intent('j', day(1), { command: 'video' }),
      jobOutcome('j', day(1), null, { exit: 45, billed: 'unknown' }),
    ]);
    expect(totals).toMatchObject({ calls: 1, unknown_calls: 1, known_calls: 0 });
  });

  test('whose result is fetched again was not bought again', async () => {
    const { totals } = await reported([
      jobOutcome('j', day(1), '0.4'),
      jobOutcome('j', day(5), '0.4'),
    ]);
    expect(totals).toMatchObject({ calls: 1, cost: { amount: '0.4' } });
  });

  test('that ended in the next month belongs there', async () => {
    const lines = [
      jobOutcome('j', '2026-10-31T22:00:00.000Z', null, { exit: 45, billed: 'unknown' }),
      jobOutcome('j', '2026-11-01T02:00:00.000Z', '0.4'),
    ];
    const october = await reported(lines, '--since', '2026-10', '--until', '2026-10');
    expect(october.totals.calls).toBe(0);
    expect((await reported(lines, '--since', '2026-10')).totals).toMatchObject({
      calls: 1,
      cost: { amount: '0.4' },
    });
  });
});

describe('the lines', () => {
  test('that are torn are skipped and counted, and the others are read', async () => {
    const { code, world } = await cost(
      [
        '{"v":1,"event":"int\n',
        outcome('a', day(3), '0.5'),
        'not json\n',
        '[]\n',
        'null\n',
        '{"v"',
      ],
      ['--since', '2026-11', '--json'],
    );
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ totals: { calls: 1 }, skipped_lines: 5 });
    expect(world.err()).toBe('warning: 5 lines of the ledger are torn or not ours; left out\n');
    expect(world.json().warnings).toHaveLength(1);
  });

  test('of an older version lack fields', async () => {
    const old: Record<string, unknown> = { ...outcome('a', day(1), '0.5') };
    for (const name of ['tags', 'session', 'duration_ms', 'first_token_ms', 'attempts'])
      delete old[name];
    const document = await reported([`${JSON.stringify(old)}\n`], '--by', 'tag');
    expect(document).toMatchObject({ totals: { calls: 1 }, skipped_lines: 0 });
    expect(document.rows).toMatchObject([{ key: null, cost: { amount: '0.5' } }]);
  });

  test('of a newer version are not taken for torn', async () => {
    const { skipped_lines: skipped, totals } = await reported([
      `${JSON.stringify({ v: 1, event: 'refund', call: 'a', at: day(1) })}\n`,
      `${JSON.stringify({ v: 2, event: 'outcome', id: 7 })}\n`,
      outcome('a', day(1), '0.5', { added_later: { x: 1 } }),
    ]);
    expect({ skipped, calls: totals.calls }).toEqual({ skipped: 0, calls: 1 });
  });

  const noTimes = [
    'xxxxxxxxxxxxxxxxxxxxxxxZ',
    '2026-11-22',
    '2026-11-22T12:00:00.000',
    '2026-99-22T12:00:00.000Z',
    '2026-02-30T12:00:00.000Z',
    '2026-02-30T12:00:00Z',
    'Sun, 22 Nov 2026 12:00:00 GMT',
    '1795348800000',
    '',
  ];
  test.each(noTimes)('that tell no time are not ours: %j', async (at) => {
    const odd = `${JSON.stringify({ ...outcome('b', day(2), '0.25'), at })}\n`;
    const { totals, skipped_lines: skipped } = await reported([outcome('a', day(1), '0.5'), odd]);
    expect({ skipped, calls: totals.calls }).toEqual({ skipped: 1, calls: 1 });
    const { world } = await cost([outcome('a', day(1), '0.5'), odd]);
    expect(world.out()).toBe('0.5\n');
  });

  test.each(['NaN', '-5', '1\u001b[31m', '1e999', '', ' 1', '0x10', '1,5'])(
    'that tell no amount tell of a cost that nobody knows: %j',
    async (amount) => {
      const odd = outcome('a', day(1), amount);
      const { totals } = await reported([odd]);
      expect(totals).toMatchObject({ cost: { amount: null }, unknown_calls: 1, known_calls: 0 });
      const { world } = await cost([odd]);
      expect(world.out()).toBe('unknown\n');
      expect((await cost([odd], ['--json'])).world.json()).toMatchObject({
        cost: { amount: null, currency: 'USD', source: 'unknown' },
      });
    },
  );

  test('without a cost tell of one that nobody knows', async () => {
    const { world } = await cost([outcome('a', day(1), null, { cost: undefined })], ['--json']);
    expect(world.json()).toMatchObject({
      cost: { amount: null, currency: 'USD', source: 'unknown' },
    });
  });

  test('may tell the time in another form', async () => {
    const { rows } = await reported(
      [outcome('a', '2026-11-02T00:30:00+01:00', '0.5'), outcome('b', '2026-11-03T10:00:00Z', '1')],
      '--by',
      'day',
    );
    expect(rows.map(({ key }) => key)).toEqual(['2026-11-01', '2026-11-03']);
  });

  test.each(['T12:00:00.abcZ', 'T29:00:00.000Z', 'T23:60:00.000Z', '', 'T12:00:00.000'])(
    'are not ours with a time that is none: %s',
    async (time) => {
      const odd = outcome('a', `2026-11-02${time}`, '0.5');
      expect(await reported([odd])).toMatchObject({ totals: { calls: 0 }, skipped_lines: 1 });
    },
  );

  test('after which the writer was killed in the middle count all the same', async () => {
    const last = JSON.stringify(outcome('b', day(2), '0.25'));
    const whole = await reported([outcome('a', day(1), '0.5'), last]);
    expect(whole).toMatchObject({ totals: { cost: { amount: '0.75' } }, skipped_lines: 0 });
    const torn = await reported([outcome('a', day(1), '0.5'), last.slice(0, -3)]);
    expect(torn).toMatchObject({ totals: { cost: { amount: '0.5' } }, skipped_lines: 1 });
  });
});
