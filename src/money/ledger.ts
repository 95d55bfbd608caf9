/** The ledger: one line before a paid request, one after. Append-only, a file a month; no prompt and no answer in it. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../deps.ts';
import type { Billed } from '../errors.ts';
import type { Cost } from '../schemas/common.ts';

export interface IntentLine {
  v: 1;
  event: 'intent';
  /** Joins the outcome to its intent. */
  call: string;
  /** RFC 3339, UTC. */
  at: string;
  pid: number;
  command: string;
  gateway: string;
  model: string;
  session: string | null;
}

export interface OutcomeLine {
  v: 1;
  event: 'outcome';
  call: string;
  at: string;
  command: string;
  gateway: string;
  /** As answered; null when no answer said it. */
  model: string | null;
  requested_model: string;
  session: string | null;
  request_id: string | null;
  /** Of a paid job; a call of another kind has none. */
  task_id?: string | null;
  /** null when the output failed before the end was known. */
  exit: number | null;
  billed: Billed;
  attempts: number;
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
}

type LedgerDeps = Pick<Deps, 'files' | 'clock' | 'platform'>;

/** Appends one line with one write(). Returns null, or why the line is not there: a ledger that cannot be written never costs the answer. */
export async function appendLedger(
  directory: string,
  line: IntentLine | OutcomeLine,
  deps: LedgerDeps,
): Promise<string | null> {
  const { join } = deps.platform === 'win32' ? win32 : posix;
  const file = join(directory, `${line.at.slice(0, 7)}.jsonl`);
  const text = JSON.stringify(line);
  try {
    try {
      await deps.files.appendLine(file, text);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
      await deps.files.makeDirectory(directory);
      await deps.files.appendLine(file, text);
    }
    return null;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return `the ledger in ${directory} cannot be written (${typeof code === 'string' ? code : 'unknown error'}); this call is not in it`;
  }
}
