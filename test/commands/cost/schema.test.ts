import { describe, expect, test } from 'vitest';
import { fromJSONSchema } from 'zod';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { intent, jobOutcome, outcome, writeLedger } from '../../money/ledger/lines.ts';

const at = '2026-11-20T12:00:00.000Z';

const lines = [
  outcome('a', at, '0.0000188000', { tags: ['ci'], session: 'work' }),
  outcome('b', at, null, { model: null, usage: null, exit: null, billed: 'unknown' }),
  jobOutcome('c', at, '0.02'),
  intent('d', at),
];

describe('alltoken schema cost', () => {
  test.each([
    [[]],
    [['-g', 'sandbox', 'gpt-5.4-nano', '19', '12', '--cached', '5', '--reasoning', '7']],
    [['--by', 'tag']],
    [['--by', 'session', '--limit', '1']],
    [['-g', 'sandbox', '--what-if', 'gpt-5.4-nano', '--by', 'command']],
    [['--since', 'never']],
  ])('describes --json of cost %j', async (argv) => {
    const printed = fakeDeps();
    expect(await printed.run('schema', 'cost')).toBe(0);
    const schema = fromJSONSchema(printed.json() as Parameters<typeof fromJSONSchema>[0]);
    const first = fakeDeps();
    // The list that --what-if is to find in the cache.
    await first.run('cost', '-g', 'sandbox', 'gpt-5.4-nano', '1', '1');
    writeLedger(first.home, lines);
    const world = fakeDeps({ env: { ALLTOKEN_HOME: first.home } });
    const code = await world.run('cost', '--json', ...argv);
    const document = world.json();
    expect(document.ok).toBe(code === 0);
    expect(schema.safeParse(document).success, world.out()).toBe(true);
    expect(schema.safeParse({ ...document, added_later: 1 }).success).toBe(true);
    expect(
      schema.safeParse({ ...document, cost: { amount: 0.1 }, totals: 1, error: 1 }).success,
    ).toBe(false);
  });
});
