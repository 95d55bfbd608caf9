/** Totals as people, pipes and spreadsheets read them. */
import type { Deps } from '../../base/deps.ts';
import { type Decimal, formatDecimal } from '../../money/decimal.ts';
import type { Tally } from '../../money/ledger/totals.ts';
import type { Table } from '../../schemas/events.ts';
import type { Counted } from './count.ts';
import { csvOf } from './csv.ts';
import { bars, grouped, roundedColumn } from './numbers.ts';
import type { CostFlags } from './options.ts';
import { keyWord, type Row } from './rows.ts';
import { costOf, tallyOf } from './tally-document.ts';

const csvColumns = [
  'calls',
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'cost_usd',
  'known_calls',
  'unknown_calls',
  'unbilled_calls',
];

export function totalsContent(
  rows: readonly Row<Tally>[],
  { question, groups }: Counted<Tally>,
  { csv }: CostFlags,
  { stdout }: Pick<Deps, 'stdout'>,
): { text: string } | { table: Table } {
  if (csv) return { text: csvOf([question.by, ...csvColumns], rows.map(csvRow)) };
  if (!stdout.isTerminal) return { table: { head: [], rows: rows.map(pipeRow) } };
  if (groups.whole.calls === 0) return { text: 'no calls\n' };
  return { table: forPeople(rows, groups.whole, question.by, stdout.columns ?? 80) };
}

function pipeRow({ key, group }: Row<Tally>): string[] {
  const cost = costOf(group);
  return [
    keyWord(key),
    String(group.calls),
    String(group.promptTokens),
    String(group.completionTokens),
    cost === null ? 'unknown' : formatDecimal(cost),
    String(group.unknownCalls),
  ];
}

/** An unknown cost is an empty field: a word would make the column one of texts. */
function csvRow({ key, group }: Row<Tally>): string[] {
  const { cost, calls, prompt_tokens, completion_tokens, total_tokens, ...more } = tallyOf(group);
  const counts = [more.known_calls, more.unknown_calls, more.unbilled_calls];
  const tokens = [prompt_tokens, completion_tokens, total_tokens];
  return [
    keyWord(key),
    ...[calls, ...tokens].map(String),
    cost.amount ?? '',
    ...counts.map(String),
  ];
}

/** Without the bars, then the tokens, then the calls, as the terminal gets narrower. The last row is the total. */
function forPeople(rows: readonly Row<Tally>[], whole: Tally, by: string, columns: number): Table {
  const groups = [...rows.map(({ group }) => group), whole];
  const names = [...rows.map(({ key }) => keyWord(key)), 'total'];
  const amounts = groups.map(costOf);
  const cost = roundedColumn(amounts);
  // A model that was only refused, or that does not exist, was not used for nothing.
  const cells = groups.map(({ calls, unbilledCalls }, index) =>
    calls > 0 && calls === unbilledCalls ? 'not billed' : (cost.cells[index] ?? ''),
  );
  const count = (head: string, of: (tally: Tally) => number): [string, string[]] => [
    head,
    groups.map((group) => grouped(of(group))),
  ];
  const most: [string, string[]][] = [
    [by, names],
    count('calls', (tally) => tally.calls),
    count('prompt', (tally) => tally.promptTokens),
    count('completion', (tally) => tally.completionTokens),
    [cost.rounded ? '≈ cost $' : 'cost $', cells],
    ...(whole.unknownCalls > 0 ? [count('unknown', (tally) => tally.unknownCalls)] : []),
  ];
  const unbilled = count('unbilled', (tally) => tally.unbilledCalls);
  const texts = whole.unbilledCalls > 0 && columns > WIDE ? [...most, unbilled] : most;
  const drawn = barsBeside(texts, amounts.slice(0, -1), columns);
  const all = [...texts, ...(drawn === null ? [] : [drawn])];
  return {
    head: all.map(([head]) => head),
    align: all.map((_, index) => (index === 0 || index === texts.length ? 'left' : 'right')),
    optional: [...(drawn === null ? [] : [texts.length]), 2, 3, 1],
    rows: names.map((_, index) => all.map(([, cells]) => cells[index] ?? '')),
  };
}

/** Calls that cost nothing are the first to be left to --json. */
const WIDE = 100;
const GAP = 2;
const SHORTEST_BAR = 4;
const LONGEST_BAR = 24;

/** null when bars would be too short to be useful. */
function barsBeside(
  texts: readonly [string, string[]][],
  amounts: readonly (Decimal | null)[],
  columns: number,
): [string, string[]] | null {
  const widths = texts.map(([head, cells]) => Math.max(...[head, ...cells].map((c) => c.length)));
  const used = widths.reduce((sum, width) => sum + width + GAP, 0);
  const room = Math.min(columns - used, LONGEST_BAR);
  return room < SHORTEST_BAR ? null : ['', bars(amounts, room)];
}
