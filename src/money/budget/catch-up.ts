/** Brings the state up to the end of the ledger: what calls have cost, which ones have no outcome, and which reservations are over. It writes nothing. */
import { crc32 } from 'node:zlib';
import type { Deps, FileReader } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { ELSEWHERE_HOLD_MS, type Holder, stateOf } from '../../base/process-state.ts';
import { compare, type Decimal, formatDecimal, minus, plus, zero } from '../decimal.ts';
import { readLines } from '../ledger/read-lines.ts';
import { playGateway } from '../play.ts';
import { amountOf, LineCounter, timeOf } from './count-lines.ts';
import {
  type Book,
  type BudgetState,
  newState,
  type Reservation,
  readState,
  type Waiter,
} from './state.ts';

export type CatchUpDeps = Pick<Deps, 'files' | 'path' | 'clock' | 'processMark' | 'processSpace'>;

/** One that waits confirms it more often than this, ms: the process of one that has left may go on, and be unable to say so. */
const WAITS_MS = 60_000;

/** Of the first line, in bytes: its time and its id are in there. */
const BEGINNING_BYTES = 128;

/** Of the end of what is counted: a line with its time and its id. */
const TAIL_BYTES = 512;

/** The state as it is now, for whoever only looks. Rejects with the system's error. */
export async function readNow(book: Book, deps: CatchUpDeps): Promise<BudgetState> {
  return catchUp(await readState(book, deps), book, deps);
}

/**
 * A new state, or the old one changed in place. `only`: counts the lines of this gateway alone.
 * Rejects with the system's error when the ledger cannot be read.
 */
export async function catchUp(
  before: BudgetState | null,
  book: Book,
  deps: CatchUpDeps,
  only: string | null = null,
): Promise<BudgetState> {
  const now = new Date(deps.clock.now()).toISOString();
  const month = now.slice(0, 7);
  const isCurrent = before !== null && before.month === month;
  let state = isCurrent ? before : newState(month, before);
  // Checked before the ledger is read: what a process wrote before it died is in there, and one that ends later writes its outcome after what is read now.
  const ended = new Set(state.reservations.filter((held) => !isHeld(held, deps)));
  const isCounted = (gateway: string): boolean =>
    (gateway === playGateway) === book.isPlay && (only === null || gateway === only);
  const { join } = deps.path;
  const reader = await openOrNot(join(book.ledger, `${month}.jsonl`), deps);
  if (reader !== null) {
    try {
      const beginning = beginningOf(reader);
      const change = changeOf(reader, beginning, state, deps);
      if (change === 'replaced') state = newState(month, state);
      // What was spent stays spent: only lines that are newer than all of those are counted.
      const counted = change === 'cut' ? (state.counted ?? null) : null;
      if (change === 'cut')
        state.offset = counted === null ? Math.min(reader.size, state.offset) : 0;
      state.beginning = beginning;
      const counter = new LineCounter(state, reader, isCounted);
      for (const { lines, end } of readLines(reader, state.offset)) {
        for (const line of lines) if (isAfter(line, counted)) counter.count(line);
        const last = timeOf(lines.at(-1) ?? '');
        // A copy is older; what a wrong clock wrote is newer than all that comes.
        if (last !== null && last > (state.counted ?? '') && last <= now) state.counted = last;
        state.space = deps.processSpace();
        state.offset = end;
      }
      counter.close();
      state.tail = tailOf(reader, state.offset);
    } finally {
      await reader.close();
    }
  }
  for (const held of state.reservations) if (ended.has(held)) keepUnsettled(held, state, deps);
  state.reservations = state.reservations.filter((held) => !ended.has(held));
  state.waiting = state.waiting.filter((waiter) => isWaiting(waiter, deps));
  return state;
}

function isHeld(held: Reservation, deps: CatchUpDeps): boolean {
  const state = stateOf(held, deps);
  return state === 'runs' || (state === 'elsewhere' && isWithin(ELSEWHERE_HOLD_MS, held, deps));
}

function isWaiting(waiter: Waiter, deps: CatchUpDeps): boolean {
  return stateOf(waiter, deps) !== 'dead' && isWithin(WAITS_MS, waiter, deps);
}

/** The clock may have been set back since: a time to come is as far away as one that is gone. */
function isWithin(milliseconds: number, { at }: { at: number }, { clock }: CatchUpDeps): boolean {
  return Math.abs(clock.now() - at) < milliseconds;
}

/**
 * A killed process may have bought what it had begun: its intents are in the ledger, and count. What it had reserved
 * and not begun is free again, unless lines of the ledger may be lost: in a restart of the machine, or out of our sight.
 */
function keepUnsettled(held: Reservation, state: BudgetState, deps: CatchUpDeps): void {
  if (Object.hasOwn(state.unsettled, held.call) || isWholeLedgerOf(held, deps)) return;
  const begun = Object.values(state.unsettled)
    .filter(({ lease }) => lease === held.call)
    .reduce<Decimal>((sum, { amount }) => plus(sum, amountOf(amount)), zero);
  const rest = minus(amountOf(held.amount), begun);
  if (compare(rest, zero) <= 0) return;
  state.unsettled[held.call] = {
    amount: formatDecimal(rest),
    tags: held.tags,
    at: new Date(held.at).toISOString(),
    gateway: held.gateway,
    command: null,
    model: null,
  };
}

/** It died on this machine, which has not been started anew since: no line that it wrote is lost. */
function isWholeLedgerOf(holder: Holder, deps: CatchUpDeps): boolean {
  const boot = bootOf(deps.processSpace());
  return boot !== null && bootOf(holder.space) === boot && stateOf(holder, deps) === 'dead';
}

/**
 * What became of the file since it was counted. `cut`: the machine was started anew, which may have taken all of it, or its end; the
 * lines that are there now come on top. `replaced`: a person put another one in its place, and what the old one said is gone with it.
 */
function changeOf(
  reader: FileReader,
  beginning: string,
  state: BudgetState,
  deps: CatchUpDeps,
): 'none' | 'cut' | 'replaced' {
  const { offset, counted, tail } = state;
  const isRestarted = isAfterRestart(state, deps);
  if (beginning.startsWith(state.beginning)) {
    const isWhole = reader.size >= offset;
    if (isWhole && (tail === undefined || !isRestarted)) return 'none';
    return isWhole && tailOf(reader, offset) === tail ? 'none' : 'cut';
  }
  return isRestarted && counted !== undefined ? 'cut' : 'replaced';
}

function isAfter(line: string, counted: string | null): boolean {
  if (counted === null) return true;
  const at = timeOf(line);
  return at !== null && at > counted;
}

function isAfterRestart({ space }: BudgetState, deps: CatchUpDeps): boolean {
  const [then, now] = [bootOf(space ?? ''), bootOf(deps.processSpace())];
  return then !== null && now !== null && then !== now;
}

/** Of a process space: which start of the machine it is; null where that is not known. */
function bootOf(space: string): string | null {
  const boot = space.split('_')[1];
  return boot === undefined || boot === '0' ? null : boot;
}

function beginningOf(reader: FileReader): string {
  const bytes = reader.read(0, Math.min(BEGINNING_BYTES, reader.size));
  return Buffer.from(bytes).toString('latin1');
}

function tailOf(reader: FileReader, end: number): number {
  const start = Math.max(0, end - TAIL_BYTES);
  return crc32(reader.read(start, end - start));
}

async function openOrNot(path: string, { files }: CatchUpDeps) {
  try {
    return await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
