/** What is spent, reserved and waited for, as one small file beside the ledger. The ledger is the truth: without the file, what is spent is made again from this month's. */
import type { Deps } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import type { Holder } from '../../base/process-state.ts';
import { playGateway } from '../play.ts';

/** Where one set of caps is kept. The sandbox has a book of its own: its money is play money. */
export interface Book {
  /** The directory of the state. */
  budget: string;
  /** The directory of the ledger. */
  ledger: string;
  isPlay: boolean;
}

export function bookOf({ budget, ledger }: Pick<Book, 'budget' | 'ledger'>, gateway: string): Book {
  return { budget, ledger, isPlay: gateway === playGateway };
}

/** The name of its file and of its lock. */
export function nameOf({ isPlay }: Book): string {
  return isPlay ? 'sandbox' : 'budget';
}

/** Amounts are USD, decimal strings; `days` by YYYY-MM-DD, UTC. */
interface Account {
  month: string;
  days: Record<string, string>;
}

export interface Reservation extends Holder {
  /** Of a lease: its own id. */
  call: string;
  gateway: string;
  amount: string;
  tags: string[];
  /** Milliseconds since 1970, UTC: when it was made, or confirmed. */
  at: number;
  /** It pays for many calls; each one's actual cost is taken off. */
  isLease?: true;
}

/** A call that running calls are in the way of. The lowest ticket is the first in line. */
export interface Waiter extends Holder {
  call: string;
  amount: string;
  tags: string[];
  ticket: number;
  /** Milliseconds since 1970, UTC: when it was last confirmed. */
  at: number;
}

/** A call that was begun and has no outcome: it runs, or it was killed. */
export interface Unsettled {
  /** Its bound; null: not known, as where no budget was set when it began. */
  amount: string | null;
  tags: string[];
  /** RFC 3339, UTC. */
  at: string;
  gateway: string;
  /** null: it was killed so early that this is not known. */
  command: string | null;
  model: string | null;
  /** The reservation that pays for it while its owner runs. */
  lease?: string;
}

/** What a call that may go on was counted with, so that its next outcome can replace it. */
interface Counted {
  amount: string;
  tags: string[];
  day: string;
  /** What comes after it is a copy. Absent: another outcome may replace it. */
  isFinal?: true;
}

export interface BudgetState {
  v: 2;
  /** YYYY-MM. */
  month: string;
  /** Bytes of this month's ledger that are counted. */
  offset: number;
  /** How that file begins: another one that has taken its place is counted anew. */
  beginning: string;
  /** A checksum of the last bytes that are counted: others in their place are of lines that came after a power cut. Absent: not known. */
  tail?: number;
  /** RFC 3339, UTC: of the last line that is counted; absent: none is. */
  counted?: string;
  /** Of the process that counted it; absent: not known. */
  space?: string;
  /** By tag; '' is all calls. */
  accounts: Record<string, Account>;
  reservations: Reservation[];
  /** In the order of their tickets. */
  waiting: Waiter[];
  unsettled: Record<string, Unsettled>;
  open: Record<string, Counted>;
}

/** Of a month's budget; a day of a million calls leaves no more, as closed calls are forgotten. */
const MAX_BYTES = 16 * 1024 * 1024;

type StateDeps = Pick<Deps, 'files' | 'path'>;

function fileOf(book: Book, { path }: StateDeps): string {
  return path.join(book.budget, `${nameOf(book)}.json`);
}

/** `before`: whose running and waiting calls go on. */
export function newState(
  month: string,
  before?: Pick<BudgetState, 'reservations' | 'waiting'> | null,
): BudgetState {
  return {
    v: 2,
    month,
    offset: 0,
    beginning: '',
    accounts: {},
    reservations: before?.reservations ?? [],
    waiting: before?.waiting ?? [],
    unsettled: {},
    open: {},
  };
}

/**
 * null when there is none, or none that this version understands: it is then made again from the ledger. Rejects with the
 * system's error where it is there and cannot be read: its reservations, of calls that run, stand nowhere else.
 */
export async function readState(book: Book, deps: StateDeps): Promise<BudgetState | null> {
  const bytes = await readOrNot(fileOf(book, deps), deps);
  if (bytes === null) return null;
  try {
    const state = asObject(JSON.parse(new TextDecoder().decode(bytes)));
    if (!areAll(state?.reservations, isReservation)) return null;
    // An older version counted otherwise; its reservations still hold.
    if (state?.v === 1)
      return newState('', { reservations: state.reservations as Reservation[], waiting: [] });
    const isWhole =
      state?.v === 2 &&
      typeof state.month === 'string' &&
      Number.isSafeInteger(state.offset) &&
      Number(state.offset) >= 0 &&
      typeof state.beginning === 'string' &&
      areAll(valuesOf(state.accounts), isAccount) &&
      areAll(valuesOf(state.open), ({ tags, amount }) => Array.isArray(tags) && isAmount(amount)) &&
      areAll(valuesOf(state.unsettled), isUnsettled) &&
      areAll(state.waiting, isWaiter);
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

/** As we write them: one below zero would lift a cap. */
function isAmount(value: unknown): boolean {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
}

function isAccount({ month, days }: JsonObject): boolean {
  const byDay = asObject(days);
  return isAmount(month) && byDay !== null && Object.values(byDay).every(isAmount);
}

function isReservation({ call, space, tags, at, amount }: JsonObject): boolean {
  const texts = typeof call === 'string' && typeof space === 'string';
  return texts && Array.isArray(tags) && typeof at === 'number' && isAmount(amount);
}

function isWaiter(waiter: JsonObject): boolean {
  return isReservation(waiter) && typeof waiter.ticket === 'number';
}

function isUnsettled({ tags, at, amount }: JsonObject): boolean {
  const isBound = amount === null || isAmount(amount);
  return Array.isArray(tags) && typeof at === 'string' && isBound;
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
export async function writeState(book: Book, state: BudgetState, deps: StateDeps): Promise<void> {
  await deps.files.replace(fileOf(book, deps), `${JSON.stringify(state)}\n`);
}
