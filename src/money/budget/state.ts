/** What is spent and reserved, as one small file beside the ledger. The ledger is the truth: without the file it is made again from this month's. */
import type { Deps } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import type { Holder } from '../../system/lock.ts';

/** Amounts are USD, decimal strings; `days` by YYYY-MM-DD, UTC. */
interface Account {
  month: string;
  days: Record<string, string>;
}

export interface Reservation extends Holder {
  call: string;
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
  /** How that file begins: another one that has taken its place is counted anew. */
  beginning: string;
  /** By tag; '' is all calls. */
  accounts: Record<string, Account>;
  reservations: Reservation[];
  open: Record<string, Counted>;
}

/** Of a month's budget; a day of a million calls leaves no more, as closed calls are forgotten. */
const MAX_BYTES = 16 * 1024 * 1024;

type StateDeps = Pick<Deps, 'files' | 'path'>;

function fileIn(directory: string, { path }: StateDeps): string {
  return path.join(directory, 'budget.json');
}

export function newState(month: string, reservations: Reservation[] = []): BudgetState {
  return { v: 1, month, offset: 0, beginning: '', accounts: {}, reservations, open: {} };
}

/**
 * null when there is none, or none that this version understands: it is then made again from the ledger. Rejects with the
 * system's error where it is there and cannot be read: its reservations, of calls that run, stand nowhere else.
 */
export async function readState(directory: string, deps: StateDeps): Promise<BudgetState | null> {
  const bytes = await readOrNot(fileIn(directory, deps), deps);
  if (bytes === null) return null;
  try {
    const state = asObject(JSON.parse(new TextDecoder().decode(bytes)));
    const isWhole =
      state?.v === 1 &&
      typeof state.month === 'string' &&
      Number.isSafeInteger(state.offset) &&
      Number(state.offset) >= 0 &&
      typeof state.beginning === 'string' &&
      areAll(valuesOf(state.accounts), ({ days }) => asObject(days) !== null) &&
      areAll(valuesOf(state.open), ({ tags }) => Array.isArray(tags)) &&
      areAll(state.reservations, isReservation);
    return isWhole ? (state as unknown as BudgetState) : null;
  } catch {
    return null;
  }
}

async function readOrNot(path: string, { files }: StateDeps): Promise<Uint8Array | null> {
  try {
    return await files.read(path, MAX_BYTES);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'EFBIG') return null;
    throw error;
  }
}

function isReservation({ call, space, tags, at }: JsonObject): boolean {
  const texts = typeof call === 'string' && typeof space === 'string';
  return texts && Array.isArray(tags) && typeof at === 'number';
}

function valuesOf(value: unknown): unknown {
  return asObject(value) === null ? null : Object.values(value as object);
}

function areAll(values: unknown, isRight: (value: JsonObject) => boolean): boolean {
  if (!Array.isArray(values)) return false;
  return values.every((value) => {
    const object = asObject(value);
    return object !== null && isRight(object);
  });
}

/** Rejects with the system's error. */
export async function writeState(
  directory: string,
  state: BudgetState,
  deps: StateDeps,
): Promise<void> {
  await deps.files.replace(fileIn(directory, deps), `${JSON.stringify(state)}\n`);
}
