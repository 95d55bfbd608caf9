/** A comparison as people, pipes and spreadsheets read it. */
import type { Deps } from '../../base/deps.ts';
import { type Decimal, formatDecimal, minus, parseDecimal } from '../../money/decimal.ts';
import type { Comparison } from '../../money/ledger/comparison.ts';
import type { Table } from '../../schemas/events.ts';
import type { Counted } from './count.ts';
import { csvOf } from './csv.ts';
import { grouped, roundedColumn } from './numbers.ts';
import type { CostFlags } from './options.ts';
import { keyWord, type Row } from './rows.ts';

const csvColumns = [
  'calls',
  'compared_calls',
  'real_usd',
  'what_if_usd',
  'difference_usd',
  'unknown_calls',
  'left_out_calls',
];

export interface Amounts {
  real: Decimal | null;
  whatIf: Decimal | null;
  difference: Decimal | null;
}

export function amountsOf(group: Comparison): Amounts {
  const real = group.realCost;
  const { amount } = group.compared.cost;
  const whatIf = real === null || amount === null ? null : parseDecimal(amount);
  return { real, whatIf, difference: real && whatIf ? minus(whatIf, real) : null };
}

export function whatIfContent(
  rows: readonly Row<Comparison>[],
  { question, groups }: Counted<Comparison>,
  { csv }: CostFlags,
  { stdout }: Pick<Deps, 'stdout'>,
): { text: string } | { table: Table } {
  if (csv)
    return {
      text: csvOf(
        [question.by, ...csvColumns],
        rows.map((row) => csvRow(row)),
      ),
    };
  if (!stdout.isTerminal) return { table: { head: [], rows: rows.map((row) => pipeRow(row)) } };
  if (groups.whole.calls === 0) return { text: 'no calls\n' };
  return { table: forPeople([...rows, { key: null, group: groups.whole }], question.by) };
}

/** key, compared calls, what they cost, what they would have cost, the difference, calls that are not compared */
function pipeRow({ key, group }: Row<Comparison>): string[] {
  const { real, whatIf, difference } = amountsOf(group);
  const amounts = [real, whatIf, difference].map((amount) =>
    amount === null ? 'unknown' : formatDecimal(amount),
  );
  const apart = group.unknownCalls + group.leftOutCalls;
  return [keyWord(key), String(group.comparedCalls), ...amounts, String(apart)];
}

function csvRow({ key, group }: Row<Comparison>): string[] {
  const { real, whatIf, difference } = amountsOf(group);
  const amounts = [real, whatIf, difference].map((amount) =>
    amount === null ? '' : formatDecimal(amount),
  );
  const apart = [group.unknownCalls, group.leftOutCalls].map(String);
  return [keyWord(key), String(group.calls), String(group.comparedCalls), ...amounts, ...apart];
}

/** The last row is that of all. */
function forPeople(rows: readonly Row<Comparison>[], by: string): Table {
  const amounts = rows.map(({ group }) => amountsOf(group));
  const apart = rows.map(({ group }) => group.unknownCalls + group.leftOutCalls);
  // Three columns with the same number of places, so that one can see them add up.
  const three = amounts.flatMap(({ real, whatIf, difference }) => [real, whatIf, difference]);
  const { cells, rounded } = roundedColumn(three);
  const every = (first: number): string[] => cells.filter((_, index) => index % 3 === first);
  const hasApart = apart.some((count) => count > 0);
  const columns: [string, string[]][] = [
    [by, rows.map(({ key }, at) => (at === rows.length - 1 ? 'total' : keyWord(key)))],
    ['calls', rows.map(({ group }) => grouped(group.comparedCalls))],
    [rounded ? '≈ real $' : 'real $', every(0)],
    ['what if', every(1)],
    ['change', every(2)],
    ...(hasApart ? [['left out', apart.map(grouped)] as [string, string[]]] : []),
  ];
  return {
    head: columns.map(([head]) => head),
    align: columns.map((_, index) => (index === 0 ? 'left' : 'right')),
    optional: [...(hasApart ? [5] : []), 1, 4],
    rows: rows.map((_, index) => columns.map(([, cells]) => cells[index] ?? '')),
  };
}
