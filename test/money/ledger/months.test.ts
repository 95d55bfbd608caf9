import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { files } from '../../../src/system/files.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { cost, outcome, writeLedger } from './lines.ts';

const lines = [
  outcome('a', '2026-08-15T12:00:00.000Z', '1'),
  outcome('b', '2026-09-30T23:59:59.999Z', '2'),
  outcome('c', '2026-10-01T00:00:00.000Z', '4'),
  outcome('d', '2026-10-31T23:59:59.999Z', '8'),
  outcome('e', '2026-11-22T11:00:00.000Z', '16'),
];

/** Which months were opened, and the sum. */
async function opened(...argv: string[]): Promise<[string[], unknown]> {
  const months: string[] = [];
  const openToRead: typeof files.openToRead = (path) => {
    months.push(path.slice(-'2026-11.jsonl'.length, -'.jsonl'.length));
    return files.openToRead(path);
  };
  const { world } = await cost(lines, ['--json', ...argv], { files: { openToRead } });
  return [months, (world.json().totals as { cost: { amount: unknown } }).cost.amount];
}

describe('a report reads only the months it needs', () => {
  test.each([
    [['--since', '2026-10'], ['2026-10', '2026-11'], '28'],
    [['--since', '2026-09-30', '--until', '2026-10-01'], ['2026-09', '2026-10'], '6'],
    [['--since', '2026-10', '--until', '2026-10'], ['2026-10'], '12'],
    [['--since', '2026-09', '--until', '2026-10-01T00:00:00Z'], ['2026-09'], '2'],
    [['--since', '7d'], ['2026-11'], '16'],
    [['--since', '2026-11', '--until', '2026-11-22T11:00:00Z'], ['2026-11'], '0'],
    [['--since', '2026-11-22T11:00:00Z'], ['2026-11'], '16'],
    [['--by', 'model'], ['2026-11'], '16'],
    [['--since', '2026-01'], ['2026-08', '2026-09', '2026-10', '2026-11'], '31'],
    [['--since', '2025-01', '--until', '2025-12'], [], '0'],
  ])('%j', async (argv, months, sum) => expect(await opened(...argv)).toEqual([months, sum]));

  test('and no file of another name', async () => {
    const world = fakeDeps();
    writeLedger(world.home, lines);
    for (const name of ['2026-10.jsonl.bak', '2026-10.jsonl~', 'x2026-10.jsonl', '2026-10.json'])
      writeFileSync(join(world.home, 'ledger', name), `${JSON.stringify(lines[2])}\n`);
    expect(await world.run('cost', '--json', '--since', '2026-01')).toBe(0);
    expect(world.json().totals).toMatchObject({ calls: 5, cost: { amount: '31' } });
  });

  test('and the last call only the newest', async () => {
    const months: string[] = [];
    const openToRead: typeof files.openToRead = (path) => {
      months.push(path);
      return files.openToRead(path);
    };
    await cost(lines, [], { files: { openToRead } });
    expect(months).toEqual([expect.stringMatching(/2026-11\.jsonl$/)]);
  });
});
