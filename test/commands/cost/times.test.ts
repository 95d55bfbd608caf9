import { describe, expect, test } from 'vitest';
import { cost } from '../../money/ledger/lines.ts';

/** It is noon of 2026-11-22, a Sunday. */
async function stretch(...argv: string[]): Promise<unknown[]> {
  const { world } = await cost([], ['--json', ...argv]);
  const { since, until } = world.json();
  return [since, until];
}

describe('--since and --until', () => {
  test.each([
    ['30m', '2026-11-22T11:30:00.000Z'],
    ['24h', '2026-11-21T12:00:00.000Z'],
    ['7d', '2026-11-15T12:00:00.000Z'],
    ['2w', '2026-11-08T12:00:00.000Z'],
    ['today', '2026-11-22T00:00:00.000Z'],
    ['yesterday', '2026-11-21T00:00:00.000Z'],
    ['2026-02', '2026-02-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-22T09:30:00Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T09:30:00.25+02:00', '2026-11-22T07:30:00.250Z'],
    ['2026-11-22t09:30z', '2026-11-22T09:30:00.000Z'],
  ])('--since %s', async (text, since) =>
    expect(await stretch('--since', text)).toEqual([since, null]),
  );

  test.each([
    ['2026-11', '2026-12-01T00:00:00.000Z'],
    ['2026-12', '2027-01-01T00:00:00.000Z'],
    ['2026-11-03', '2026-11-04T00:00:00.000Z'],
    ['today', '2026-11-23T00:00:00.000Z'],
    ['yesterday', '2026-11-22T00:00:00.000Z'],
    ['1h', '2026-11-22T11:00:00.000Z'],
    ['2026-11-03T01:00:00Z', '2026-11-03T01:00:00.000Z'],
  ])('--until %s has all of it', async (text, until) =>
    expect(await stretch('--until', text)).toEqual(['2026-11-01T00:00:00.000Z', until]),
  );

  test.each([
    'now',
    '7',
    '7y',
    '-7d',
    '1.5h',
    '2026',
    '2026-13',
    '2026-02-30',
    '2026-1-1',
    '2026-11-22T09:30:00',
    '2026-02-30T00:00:00Z',
    '2026-11-22T25:00:00Z',
    '1900-01',
    '9999-12',
    '',
  ])('%j is not a valid time', async (text) => {
    const { code, world } = await cost([], [`--since=${text}`]);
    expect(code).toBe(2);
    expect(world.out()).toBe('');
    expect(world.err()).toMatch(
      /--since: .* is not a valid time \[usage code=bad_time\]\nhint: one of: 30m/,
    );
  });

  test('must be in order', async () => {
    const { code, world } = await cost(
      [],
      ['--since', '2026-11-02', '--until', '2026-11-01', '--json'],
    );
    expect(code).toBe(2);
    expect(world.json()).toMatchObject({ ok: false, error: { exit: 2, code: 'bad_time' } });
  });

  test.each([
    ['2026-10', '--since 2026-10 --until 2026-10'],
    ['2026-10-15', '--since 2026-10-15 --until 2026-10-15'],
    ['30d', '--since 60d --until 30d'],
    ['2026-10-15T12:00:00Z', '--since 2026-10-15 --until 2026-10-15T12:00:00Z'],
    ['2026-10-15T00:00:00Z', '--since 2026-10-14 --until 2026-10-15T00:00:00Z'],
    ['2026-10-15 12:00Z', "--since 2026-10-15 --until '2026-10-15 12:00Z'"],
    ['999999d', null],
  ])('--until %s alone is before this month: the hint has a --since', async (until, flags) => {
    const { code, world } = await cost([], ['--until', until]);
    expect(code).toBe(2);
    expect(world.err()).toContain(`--until ${until} is before this month`);
    expect(world.err()).not.toContain('after --since');
    const hint = flags === null ? 'alltoken cost --since 7d' : `alltoken cost ${flags}`;
    expect(world.err()).toContain(`\nhint: ${hint}\n`);
  });

  test('on the first of a month, yesterday alone is yesterday', async () => {
    const now = () => Date.parse('2026-12-01T12:00:00Z');
    const { world } = await cost([], ['--until', 'yesterday'], { now });
    expect(world.err()).toContain('hint: alltoken cost --since yesterday --until yesterday\n');
  });

  test('may go back further than there are years', async () => {
    expect(await stretch('--since', '999999w')).toEqual(['1970-01-01T00:00:00.000Z', null]);
  });
});
