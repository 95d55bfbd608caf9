/** Which files of the ledger a stretch of time needs: one a month, by UTC. It reads none of them. */
import type { Deps } from '../../base/deps.ts';

/** Instants as `Date.toISOString` writes them, so that they compare as texts. */
export interface Period {
  /** The first moment. */
  since: string;
  /** The first moment after it; null: no end. */
  until: string | null;
}

export interface MonthFile {
  /** `YYYY-MM`. */
  month: string;
  /** Absolute. */
  path: string;
}

type MonthDeps = Pick<Deps, 'files' | 'path'>;

/** All there are, oldest first; none when there is no ledger. Throws ENOTDIR when something else is in its place. */
export async function listMonths(directory: string, deps: MonthDeps): Promise<MonthFile[]> {
  const { join } = deps.path;
  const names = await deps.files.list(directory);
  if (names.length === 0 && (await deps.files.status(directory))?.isDirectory === false)
    throw Object.assign(new Error(`ENOTDIR: ${directory}`), { code: 'ENOTDIR' });
  return names
    .flatMap((name) => /^(\d{4}-\d{2})\.jsonl$/.exec(name)?.slice(1) ?? [])
    .sort()
    .map((month) => ({ month, path: join(directory, `${month}.jsonl`) }));
}

/** Whether any moment of the stretch is in the month. */
export function touches({ month }: MonthFile, { since, until }: Period): boolean {
  // Texts again: 2026-11~ is more than any moment in it.
  return `${month}~` > since && (until === null || `${month}-01T00:00:00.000Z` < until);
}

/** `days` later, in the same form. */
export function daysAfter(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * 86_400_000).toISOString();
}
