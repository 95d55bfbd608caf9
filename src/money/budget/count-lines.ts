/** Counts the lines of a month's ledger into the state of a budget, each call once. It finds no reservation over, and writes nothing. */
import type { FileReader } from '../../base/deps.ts';
import { asObject, own } from '../../base/json.ts';
import {
  type Decimal,
  formatDecimal,
  minus,
  notBelowZero,
  parseDecimal,
  plus,
  zero,
} from '../decimal.ts';
import type { IntentLine, OutcomeLine } from '../ledger/lines.ts';
import { isFinal, parseLedgerLine } from '../ledger/parse.ts';
import { readLines } from '../ledger/read-lines.ts';
import { Seen } from '../ledger/seen.ts';
import { usdOf } from '../ledger/totals.ts';
import type { BudgetState } from './state.ts';

/** A line of ours is written at the moment that it names; one this much older, ms, may be a copy. */
const COPY_AGE_MS = 5000;

export class LineCounter {
  private readonly state: BudgetState;
  private readonly reader: Pick<FileReader, 'read'>;
  private readonly isCounted: (gateway: string) => boolean;
  /** Bytes that were counted before; what is in there is looked up only for a line that may be a copy. */
  private readonly before: number;
  /** An intent of before may be a copy; null: none is. */
  private readonly copiesEnd: string | null;
  /** Calls of before that have an outcome; null: nobody has asked yet. One reading for all that may be copies. */
  private endedBefore: Seen | null = null;
  /** Calls of now that have an outcome. */
  private readonly ended = new Seen();
  /** By call: intents without a bound, as they stand there. Most have an outcome soon, and none of those is parsed. */
  private readonly unbounded = new Map<string, string>();

  /** Lines behind `state.offset`; `state` is changed in place. */
  constructor(
    state: BudgetState,
    reader: Pick<FileReader, 'read'>,
    isCounted: (gateway: string) => boolean,
  ) {
    this.state = state;
    this.reader = reader;
    this.isCounted = isCounted;
    this.before = state.offset;
    const newest = state.offset === 0 ? Number.NaN : Date.parse(state.counted ?? '');
    this.copiesEnd = Number.isNaN(newest) ? null : new Date(newest - COPY_AGE_MS).toISOString();
  }

  count(text: string): void {
    if (text.includes('"event":"release"')) {
      const call = releasedCall(text);
      if (call === null) return;
      delete this.state.unsettled[call];
      this.unbounded.delete(call);
      return;
    }
    // Most calls have no budget, and then their intents say nothing of money.
    if (!text.includes('"outcome"') && !text.includes('"bound"')) {
      const call = /"event":"intent".*?"call":"([^"]*)"/.exec(text)?.[1];
      if (call !== undefined && !this.isCopy(call, timeOf(text))) this.unbounded.set(call, text);
      return;
    }
    const line = parseLedgerLine(text);
    if (line === null || line.event === 'other' || !this.isOurs(line)) return;
    if (line.event === 'intent') this.begin(line);
    else this.end(line);
  }

  /** Behind the last line: what was begun without a bound and has no outcome. */
  close(): void {
    for (const text of this.unbounded.values()) {
      const line = parseLedgerLine(text);
      if (line?.event === 'intent' && this.isOurs(line)) this.begin(line);
    }
    this.unbounded.clear();
  }

  /** A line is written into the file of its own month: one of another month is a copy. */
  private isOurs({ gateway, at }: IntentLine | OutcomeLine): boolean {
    return at.startsWith(this.state.month) && this.isCounted(gateway);
  }

  private begin(line: IntentLine): void {
    const { call, tags, at, gateway, command, model, bound, lease } = line;
    if (this.isCopy(call, at) || own(this.state.open, call) !== undefined) return;
    this.state.unsettled[call] = {
      amount: bound ?? null,
      tags: [...tags],
      at,
      gateway,
      command,
      model,
      ...(typeof lease === 'string' ? { lease } : {}),
    };
  }

  private end(line: OutcomeLine): void {
    const { call, task_id: task } = line;
    const isCopy = this.ended.add(call) || (!this.isBegun(call) && this.hasEndedBefore(call));
    this.unbounded.delete(call);
    // The outcome of a job takes the place of the one before.
    if (!isCopy || task !== undefined) settle(line, this.state);
    else delete this.state.unsettled[call];
  }

  /** Of an intent. */
  private isCopy(call: string, at: string | null): boolean {
    if (this.ended.has(call)) return true;
    const mayBe = at !== null && this.copiesEnd !== null && at < this.copiesEnd;
    return mayBe && this.hasEndedBefore(call);
  }

  private isBegun(call: string): boolean {
    const { reservations, unsettled, open } = this.state;
    return (
      this.unbounded.has(call) ||
      own(unsettled, call) !== undefined ||
      own(open, call) !== undefined ||
      reservations.some((held) => held.call === call)
    );
  }

  /** Whether an outcome of it is among the lines that were counted before. */
  private hasEndedBefore(call: string): boolean {
    this.endedBefore ??= this.readEnded();
    return this.endedBefore.has(call);
  }

  private readEnded(): Seen {
    const { reader, before } = this;
    const counted = {
      read: (from: number, length: number) => reader.read(from, Math.min(length, before - from)),
    };
    const ended = new Seen();
    for (const { lines } of readLines(counted, 0))
      for (const text of lines) {
        const call = text.includes('"outcome"') ? outcomeOf(text) : null;
        if (call !== null) ended.add(call);
      }
    return ended;
  }
}

/** The call; null where the line is none. As ours are written it is found without parsing all of it. */
function outcomeOf(text: string): string | null {
  const found = /^\{"v":1,"event":"outcome","call":"([^"\\]+)"/.exec(text)?.[1];
  if (found !== undefined) return found;
  const line = parseLedgerLine(text);
  return line?.event === 'outcome' ? line.call : null;
}

/** Of a line, or of its first bytes. All of ours are in UTC and of one length, so that they compare as texts. */
export function timeOf(line: string): string | null {
  return /"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"/.exec(line)?.[1] ?? null;
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
  if (before?.isFinal === true) {
    delete state.unsettled[call];
    return;
  }
  const lease = state.reservations.find((one) => one.isLease && one.call === begun?.lease);
  if (lease !== undefined) lease.amount = lessThan(lease.amount, amount);
  if (before !== undefined) add(state, before.tags, before.day, before.amount, minus);
  delete state.open[call];
  delete state.unsettled[call];
  const day = line.at.slice(0, 10);
  add(state, tags, day, amount, plus);
  // A job may be taken up again, also one that is done or has no id, and then reports the same outcome again.
  if (line.task_id !== undefined)
    state.open[call] = { amount, tags: [...tags], day, ...(isFinal(line) && { isFinal: true }) };
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
