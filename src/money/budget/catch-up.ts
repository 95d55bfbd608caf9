/** Brings the state up to the end of the ledger: what calls have cost, which ones have no outcome, and which reservations are over. It writes nothing. */
import type { Deps, FileReader } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { asObject, own } from '../../base/json.ts';
import { type Holder, stateOf } from '../../base/process-state.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  minus,
  notBelowZero,
  parseDecimal,
  plus,
  zero,
} from '../decimal.ts';
import type { IntentLine, OutcomeLine } from '../ledger/lines.ts';
import { parseLedgerLine } from '../ledger/parse.ts';
import { readLines } from '../ledger/read-lines.ts';
import { usdOf } from '../ledger/totals.ts';
import { playGateway } from '../play.ts';
import {
  type Book,
  type BudgetState,
  newState,
  type Reservation,
  readState,
  type Waiter,
} from './state.ts';

export type CatchUpDeps = Pick<Deps, 'files' | 'path' | 'clock' | 'processMark' | 'processSpace'>;

/** Whether a process of another container or machine still runs cannot be seen from here; no call takes longer, ms. */
const ELSEWHERE_HOLD_MS = 60 * 60_000;

/** One that waits confirms it more often than this, ms: the process of one that has left may go on, and be unable to say so. */
const WAITS_MS = 60_000;

/** Of the first line, in bytes: its time and its id are in there. */
const BEGINNING_BYTES = 128;

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
  const month = new Date(deps.clock.now()).toISOString().slice(0, 7);
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
      const isOther = !beginning.startsWith(state.beginning);
      // The file was replaced: it is counted from its beginning.
      if (isOther && !isNewAfterRestart(beginning, state, deps)) state = newState(month, state);
      // A power cut took all of it, or lines of its end, but not what was spent.
      else if (isOther) state.offset = 0;
      else if (reader.size < state.offset) state.offset = reader.size;
      state.beginning = beginning;
      for (const { lines, end } of readLines(reader, state.offset)) {
        for (const line of lines) count(line, state, isCounted);
        const last = timeOf(lines.at(-1) ?? '');
        if (last !== null) state.counted = last;
        state.space = deps.processSpace();
        state.offset = end;
      }
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
 * A power cut took the whole ledger, which was new, but not what was spent: the lines of its successor come on top. Without a restart a
 * person took it away, and what it said is gone with it.
 */
function isNewAfterRestart(
  beginning: string,
  { counted, space }: BudgetState,
  deps: CatchUpDeps,
): boolean {
  const [then, now] = [bootOf(space ?? ''), bootOf(deps.processSpace())];
  const first = timeOf(beginning);
  const isRestarted = then !== null && now !== null && then !== now;
  return isRestarted && counted !== undefined && first !== null && first > counted;
}

/** Of a line, or of its first bytes. All of ours are in UTC and of one length, so that they compare as texts. */
function timeOf(line: string): string | null {
  return /"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"/.exec(line)?.[1] ?? null;
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

async function openOrNot(path: string, { files }: CatchUpDeps) {
  try {
    return await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function count(text: string, state: BudgetState, isCounted: (gateway: string) => boolean): void {
  if (text.includes('"event":"release"')) {
    const call = releasedCall(text);
    if (call !== null) delete state.unsettled[call];
    return;
  }
  // Most calls have no budget, and then their intents say nothing of money.
  if (!text.includes('"outcome"') && !text.includes('"bound"')) return;
  const line = parseLedgerLine(text);
  if (line === null || line.event === 'other' || !isCounted(line.gateway)) return;
  if (line.event === 'outcome') settle(line, state);
  else begin(line, state);
}

/** The line with which a person ends the wait for an outcome. Versions that do not know it leave it out. */
export function releaseLine(call: string, at: number): string {
  return JSON.stringify({ v: 1, event: 'release', call, at: new Date(at).toISOString() });
}

function releasedCall(text: string): string | null {
  try {
    const line = asObject(JSON.parse(text));
    const isOurs = line?.v === 1 && line.event === 'release' && typeof line.call === 'string';
    return isOurs ? String(line.call) : null;
  } catch {
    return null;
  }
}

function begin(line: IntentLine, state: BudgetState): void {
  const { call, tags, at, gateway, command, model, bound, lease } = line;
  if (typeof bound !== 'string') return;
  state.unsettled[call] = {
    amount: bound,
    tags: [...tags],
    at,
    gateway,
    command,
    model,
    ...(typeof lease === 'string' ? { lease } : {}),
  };
}

/** The last outcome of a call counts; each one ends its reservation. An unknown cost counts as the reserved amount. */
export function settle(line: OutcomeLine, state: BudgetState): void {
  const { call, tags, billed } = line;
  const held = state.reservations.find((reservation) => reservation.call === call);
  const before = own(state.open, call);
  const begun = own(state.unsettled, call);
  const guess = line.bound ?? held?.amount ?? begun?.amount ?? before?.amount ?? '0';
  const amount = usdOf(line) ?? (billed === 'no' ? '0' : guess);
  if (held !== undefined)
    state.reservations = state.reservations.filter((reservation) => reservation !== held);
  const lease = state.reservations.find((one) => one.isLease && one.call === begun?.lease);
  if (lease !== undefined) lease.amount = lessThan(lease.amount, amount);
  if (before !== undefined) add(state, before.tags, before.day, before.amount, minus);
  delete state.open[call];
  delete state.unsettled[call];
  const day = line.at.slice(0, 10);
  add(state, tags, day, amount, plus);
  // A job may be taken up again, also one that is done or has no id, and then reports the same outcome again.
  if (line.task_id !== undefined) state.open[call] = { amount, tags: [...tags], day };
}

/** Never below zero: a call may cost more than its bound where that is open. */
function lessThan(slice: string, amount: string): string {
  const rest = minus(amountOf(slice), amountOf(amount));
  return formatDecimal(notBelowZero(rest));
}

function add(
  state: BudgetState,
  tags: readonly string[],
  day: string,
  amount: string,
  how: (a: Decimal, b: Decimal) => Decimal,
): void {
  for (const name of ['', ...tags]) {
    const account = own(state.accounts, name);
    const { month, days } = account ?? { month: '0', days: {} };
    const sum = (text: string | undefined): string =>
      formatDecimal(how(amountOf(text), amountOf(amount)));
    state.accounts[name] = { month: sum(month), days: { ...days, [day]: sum(days[day]) } };
  }
}

/** A sum of ours: taking back may leave less than nothing. An invalid amount counts as zero. */
export function amountOf(sum: unknown): Decimal {
  const text = typeof sum === 'string' ? sum : '0';
  const isNegative = text.startsWith('-');
  const value = parseDecimal(isNegative ? text.slice(1) : text) ?? zero;
  return isNegative ? minus(zero, value) : value;
}
