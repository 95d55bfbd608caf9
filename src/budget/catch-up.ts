/** Brings the state up to the end of the ledger: what calls have cost, and which reservations are over. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../deps.ts';
import { systemErrorCode } from '../errors.ts';
import type { OutcomeLine } from '../ledger/lines.ts';
import { parseLedgerLine } from '../ledger/parse.ts';
import { readLines } from '../ledger/read-lines.ts';
import { type Decimal, formatDecimal, minus, parseDecimal, plus, zero } from '../money/decimal.ts';
import { type BudgetState, newState, type Reservation } from './state.ts';

type CatchUpDeps = Pick<Deps, 'files' | 'platform' | 'clock' | 'processMark'>;

/** A process that was killed may have bought something all the same; after this long nobody waits for it, ms. */
const CRASH_HOLD_MS = 5 * 60_000;

/** A new state, or the old one changed in place. Rejects with the system's error when the ledger cannot be read. */
export async function catchUp(
  before: BudgetState | null,
  ledger: string,
  deps: CatchUpDeps,
): Promise<BudgetState> {
  const month = new Date(deps.clock.now()).toISOString().slice(0, 7);
  const isCurrent = before !== null && before.month === month;
  let state = isCurrent ? before : newState(month, before?.reservations);
  // Asked before the ledger is read: whoever ends later has its outcome behind what is read now.
  const kept = new Set(state.reservations.filter((held) => isHeld(held, deps)));
  const { join } = deps.platform === 'win32' ? win32 : posix;
  const reader = await openOrNot(join(ledger, `${month}.jsonl`), deps);
  if (reader !== null) {
    try {
      // Somebody has put another file there: it is counted from its beginning.
      if (reader.size < state.offset) state = newState(month, state.reservations);
      for (const { lines, end } of readLines(reader, state.offset)) {
        for (const line of lines) count(line, state);
        state.offset = end;
      }
    } finally {
      await reader.close();
    }
  }
  state.reservations = state.reservations.filter((held) => kept.has(held));
  return state;
}

function isHeld({ pid, mark, at }: Reservation, { processMark, clock }: CatchUpDeps): boolean {
  return processMark(pid) === mark || clock.now() - at < CRASH_HOLD_MS;
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

/** The last outcome of a call counts; each one ends its reservation. */
function settle(line: OutcomeLine, state: BudgetState): void {
  const { call, tags, billed, exit } = line;
  const held = state.reservations.find((reservation) => reservation.call === call);
  const before = Object.hasOwn(state.open, call) ? state.open[call] : undefined;
  const guess = held?.amount ?? before?.amount ?? '0';
  const amount = line.cost.amount ?? (billed === 'no' ? '0' : guess);
  if (held !== undefined)
    state.reservations = state.reservations.filter((reservation) => reservation !== held);
  if (before !== undefined) add(state, before.tags, before.day, before.amount, minus);
  delete state.open[call];
  const day = line.at.slice(0, 10);
  add(state, tags, day, amount, plus);
  // A job that has not come to its end may be taken up again, and then says more.
  const mayGoOn = line.task_id != null && !(exit === 0 && billed === 'yes');
  if (mayGoOn) state.open[call] = { amount, tags: [...tags], day };
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

/** Only what `catchUp` wrote stands there, and taking back may for a moment leave less than nothing. */
export function amountOf(text: string | undefined): Decimal {
  const isNegative = text?.startsWith('-') === true;
  const value = parseDecimal((isNegative ? text?.slice(1) : text) ?? '0') ?? zero;
  return isNegative ? minus(zero, value) : value;
}
