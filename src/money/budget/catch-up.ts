/** Brings the state up to the end of the ledger: what calls have cost, and which reservations are over. */
import type { Deps, FileReader } from '../../base/deps.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { stateOf } from '../../system/lock.ts';
import { type Decimal, formatDecimal, minus, parseDecimal, plus, zero } from '../decimal.ts';
import type { OutcomeLine } from '../ledger/lines.ts';
import { parseLedgerLine } from '../ledger/parse.ts';
import { readLines } from '../ledger/read-lines.ts';
import { usdOf } from '../ledger/totals.ts';
import { type BudgetState, newState, type Reservation } from './state.ts';

type CatchUpDeps = Pick<Deps, 'files' | 'path' | 'clock' | 'processMark' | 'processSpace'>;

/** A killed process may still have bought something; its reservation expires after this long, ms. */
const CRASH_HOLD_MS = 5 * 60_000;

/** Whether a process of another container or machine still runs cannot be seen from here; no call takes longer, ms. */
const ELSEWHERE_HOLD_MS = 60 * 60_000;

/** Of the first line, in bytes: its time and its id are in there. */
const BEGINNING_BYTES = 128;

/** A new state, or the old one changed in place. Rejects with the system's error when the ledger cannot be read. */
export async function catchUp(
  before: BudgetState | null,
  ledger: string,
  deps: CatchUpDeps,
): Promise<BudgetState> {
  const month = new Date(deps.clock.now()).toISOString().slice(0, 7);
  const isCurrent = before !== null && before.month === month;
  let state = isCurrent ? before : newState(month, before?.reservations);
  // Checked before the ledger is read: a process that ends later writes its outcome after what is read now.
  const active = new Set(state.reservations.filter((held) => isHeld(held, deps)));
  const { join } = deps.path;
  const reader = await openOrNot(join(ledger, `${month}.jsonl`), deps);
  if (reader !== null) {
    try {
      const beginning = beginningOf(reader);
      // The file was replaced: it is counted from its beginning.
      if (reader.size < state.offset || !beginning.startsWith(state.beginning))
        state = newState(month, state.reservations);
      state.beginning = beginning;
      for (const { lines, end } of readLines(reader, state.offset)) {
        for (const line of lines) count(line, state);
        state.offset = end;
      }
    } finally {
      await reader.close();
    }
  }
  state.reservations = state.reservations.filter((held) => active.has(held));
  return state;
}

function isHeld(held: Reservation, deps: CatchUpDeps): boolean {
  const state = stateOf(held, deps);
  // The clock may have been set back since: a time to come is as far away as one that is gone.
  const age = Math.abs(deps.clock.now() - held.at);
  return state === 'runs' || age < (state === 'dead' ? CRASH_HOLD_MS : ELSEWHERE_HOLD_MS);
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

function count(text: string, state: BudgetState): void {
  // Half of the lines are intents, and say nothing of money.
  if (!text.includes('"outcome"')) return;
  const line = parseLedgerLine(text);
  if (line?.event === 'outcome') settle(line, state);
}

/** The last outcome of a call counts; each one ends its reservation. An unknown cost counts as the reserved amount. */
export function settle(line: OutcomeLine, state: BudgetState): void {
  const { call, tags, billed } = line;
  const held = state.reservations.find((reservation) => reservation.call === call);
  const before = Object.hasOwn(state.open, call) ? state.open[call] : undefined;
  const guess = line.bound ?? held?.amount ?? before?.amount ?? '0';
  const amount = usdOf(line) ?? (billed === 'no' ? '0' : guess);
  if (held !== undefined)
    state.reservations = state.reservations.filter((reservation) => reservation !== held);
  if (before !== undefined) add(state, before.tags, before.day, before.amount, minus);
  delete state.open[call];
  const day = line.at.slice(0, 10);
  add(state, tags, day, amount, plus);
  // A job may be taken up again, also one that is done, and then reports the same outcome again.
  if (line.task_id != null) state.open[call] = { amount, tags: [...tags], day };
}

function add(
  state: BudgetState,
  tags: readonly string[],
  day: string,
  amount: string,
  how: (a: Decimal, b: Decimal) => Decimal,
): void {
  for (const name of ['', ...tags]) {
    const account = Object.hasOwn(state.accounts, name) ? state.accounts[name] : undefined;
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
