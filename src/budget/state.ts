/** What is spent and reserved, as one small file beside the ledger. The ledger is the truth: without the file it is made again from this month's. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../deps.ts';
import { asObject } from '../json.ts';

/** Amounts are USD, decimal strings; `days` by YYYY-MM-DD, UTC. */
interface Account {
  month: string;
  days: Record<string, string>;
}

export interface Reservation {
  call: string;
  pid: number;
  mark: string;
  amount: string;
  tags: string[];
  /** Milliseconds since 1970, UTC. */
  at: number;
}

/** What a call that may go on was counted with, so that its next outcome can replace it. */
interface Counted {
  amount: string;
  tags: string[];
  day: string;
}

export interface BudgetState {
  v: 1;
  /** YYYY-MM. */
  month: string;
  /** Bytes of this month's ledger that are counted. */
  offset: number;
  /** By tag; '' is all calls. */
  accounts: Record<string, Account>;
  reservations: Reservation[];
  open: Record<string, Counted>;
}

/** Of a month's budget; a day of a million calls leaves no more, as closed calls are forgotten. */
const MAX_BYTES = 16 * 1024 * 1024;

type StateDeps = Pick<Deps, 'files' | 'platform'>;

function fileIn(directory: string, { platform }: StateDeps): string {
  return (platform === 'win32' ? win32 : posix).join(directory, 'budget.json');
}

export function newState(month: string, reservations: Reservation[] = []): BudgetState {
  return { v: 1, month, offset: 0, accounts: {}, reservations, open: {} };
}

/** null when there is none, or none that this version understands: it is then made again from the ledger. */
export async function readState(directory: string, deps: StateDeps): Promise<BudgetState | null> {
  try {
    const bytes = await deps.files.read(fileIn(directory, deps), MAX_BYTES);
    const state = asObject(JSON.parse(new TextDecoder().decode(bytes)));
    const isWhole =
      state?.v === 1 &&
      typeof state.month === 'string' &&
      typeof state.offset === 'number' &&
      asObject(state.accounts) !== null &&
      asObject(state.open) !== null &&
      Array.isArray(state.reservations) &&
      state.reservations.every((held) => asObject(held) !== null);
    return isWhole ? (state as unknown as BudgetState) : null;
  } catch {
    return null;
  }
}

/** Rejects with the system's error. */
export async function writeState(
  directory: string,
  state: BudgetState,
  deps: StateDeps,
): Promise<void> {
  await deps.files.replace(fileIn(directory, deps), `${JSON.stringify(state)}\n`);
}
