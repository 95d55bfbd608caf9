/** Rows of a report: which come first, and which are left out. */
import { compare, type Decimal } from '../../money/decimal.ts';
import type { CostFlags } from './options.ts';

export interface Row<Group> {
  /** null: without a tag, or without a session. */
  key: string | null;
  group: Group;
}

/** Days in their order, all else by amount, the largest first and unknown ones last. A limit keeps the newest days. */
export function arrange<Group>(
  groups: ReadonlyMap<string | null, Group>,
  { by, limit }: CostFlags,
  amount: (group: Group) => Decimal | null,
): { rows: Row<Group>[]; leftOut: number } {
  const rows = [...groups].map(([key, group]) => ({ key, group, amount: amount(group) }));
  const isByDay = by === 'day';
  rows.sort((a, b) => (isByDay ? 0 : compareAmounts(b.amount, a.amount)) || compareKeys(a, b));
  const count = Math.min(limit ?? rows.length, rows.length);
  const shown = isByDay ? rows.slice(rows.length - count) : rows.slice(0, count);
  return {
    rows: shown.map(({ key, group }) => ({ key, group })),
    leftOut: rows.length - count,
  };
}

function compareAmounts(a: Decimal | null, b: Decimal | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compare(a, b);
}

function compareKeys(a: { key: string | null }, b: { key: string | null }): number {
  return (a.key ?? '') < (b.key ?? '') ? -1 : 1;
}

export function keyWord(key: string | null): string {
  return key ?? '(none)';
}
