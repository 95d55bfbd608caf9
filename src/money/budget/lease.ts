/**
 * A slice of a budget for many calls of one process: one lock and one sync of the disk pay for all of them, and each
 * call is let in from memory. It sends nothing, and it is not shared between processes: each opens its own.
 *
 * What makes it safe:
 * - The slice is in the state, durable, before a call is let in on it. While its owner runs it counts as reserved, less
 *   what its calls have cost: that is in the ledger, and whoever reads the ledger takes it off the slice.
 * - The intent of a call is in the ledger before the call may be sent, with its bound and the id of the lease. A line that
 *   was written survives the death of its process without a sync. So when the owner is dead, the slice is free but for
 *   the calls that have an intent and no outcome: they count at their bounds.
 * - A line that was not synced may be lost when the machine itself stops. Then (and where that cannot be known) all of
 *   the slice that no outcome has paid for counts until the period ends: a little too much, and never too little.
 * - A call of unknown cost keeps its bound.
 */
import type { Deps } from '../../base/deps.ts';
import { thisProcess } from '../../base/process-state.ts';
import {
  compare,
  type Decimal,
  divided,
  formatDecimal,
  larger,
  minus,
  notBelowZero,
  parseDecimal,
  plus,
  smaller,
  times,
  zero,
} from '../decimal.ts';
import { appendLedger } from '../ledger/append.ts';
import type { IntentLine, OutcomeLine } from '../ledger/lines.ts';
import { usdOf } from '../ledger/totals.ts';
import {
  type Bound,
  bookedBound,
  type Cap,
  type CapCheck,
  checkCaps,
  decimal,
  type Spending,
} from './caps.ts';
import { type BudgetDeps, changeState } from './change-state.ts';
import { settle } from './count-lines.ts';
import { ahead, giveUp, leaveLine, type Patience, standInLine, Wait } from './line.ts';
import { onlyReserved, refuseMisfit, withoutLedger } from './refusal.ts';
import { leftBelow, spendingOf } from './spending.ts';
import { type Book, type BudgetState, readState } from './state.ts';
import type { Total } from './total.ts';

/** A slice pays for so many of the largest calls seen, */
const CALLS_A_SLICE = 8;

/** and is at most this part of what is left, so that others find something. */
const PART_OF_LEFT = 8;

/** Without a call for this long, what is not in use is given back, ms. */
const IDLE_MS = 2000;

/** How often it is looked whether others wait for what is not in use, ms. */
const LOOK_MS = 1000;

/** Seen from another container a reservation is believed for an hour: it is confirmed sooner. */
const CONFIRM_MS = 10 * 60_000;

export interface LeaseOptions {
  gateway: string;
  /** The gateway's key, which no line of the ledger may hold; null: none. */
  key: string | null;
  /** Of all its calls. */
  tags: readonly string[];
  caps: readonly Cap[];
  /** May be shared by several leases of this process; null: none. */
  total: Total | null;
  /** Another process of ours writes the ledger. */
  isBookedElsewhere: boolean;
}

export interface LeasedCall {
  /** Its line in the ledger, without what the lease adds: `bound`, `lease`, and `at`, the moment when it is let in. */
  intent: IntentLine;
  bound: Bound;
}

/** A call that may be sent. */
export interface Admission {
  /** Why its intent is not in the ledger; null: it is. Under a cap over several calls it always is. */
  readonly problem: string | null;
  /**
   * Writes the outcome, also of a call that was not sent after all (`billed` no). Resolves to null, or to why it is not
   * in the ledger. A second call does nothing.
   */
  settle(outcome: OutcomeLine): Promise<string | null>;
}

type LeaseDeps = BudgetDeps & Pick<Deps, 'uuid'>;

interface Asking {
  call: LeasedCall;
  amount: Decimal;
  patience: Patience;
  signal: AbortSignal;
  since: number;
  done(admission: Admission): void;
  fail(error: unknown): void;
}

/** Costs nothing until the first call. Close it at the end. */
export function openLease(options: LeaseOptions, book: Book, deps: LeaseDeps): Lease {
  return new Lease(options, book, deps);
}

export class Lease {
  private readonly id: string;
  private readonly options: LeaseOptions;
  private readonly book: Book;
  private readonly deps: LeaseDeps;
  private readonly shared: readonly Cap[];
  /** As the state has it: what its open calls may cost, and what is free. */
  private slice: Decimal = zero;
  /** The bounds of its open calls. */
  private held: Decimal = zero;
  private largest: Decimal = zero;
  private queue: Asking[] = [];
  private isPumping = false;
  /** One change of the state at a time. */
  private changing: Promise<unknown> | null = null;
  /** Calls that ended while the state was being changed: they are counted after it. */
  private ended: { bound: Decimal; cost: Decimal }[] = [];
  private wake: () => void = () => {};
  private usedAt = 0;
  /** When a call was last seen to end, here or elsewhere; on the monotonic clock, ms. */
  private lastEndAt = 0;
  private isClosed = false;
  private confirmedAt = 0;
  /** What was last written of it. */
  private written: Decimal = zero;
  /** A call ended while that was written: the state may say more than is held. */
  private isOff = false;
  private stopLooking: (() => void) | null = null;
  /** The size that the change under way asks for: it counts once that is on the disk. */
  private wanted: Decimal | null = null;

  constructor(options: LeaseOptions, book: Book, deps: LeaseDeps) {
    this.id = deps.uuid();
    this.options = options;
    this.book = book;
    this.deps = deps;
    this.shared = options.caps.filter(({ per }) => per !== 'call');
  }

  /**
   * Resolves when the call may be sent; its intent is in the ledger then. Waits, in order, for calls that run now.
   * Rejects with `CliError` budget where it cannot fit, rate_limited when the others take too long, local_io where the
   * budget cannot be enforced; nothing may be sent then. `signal`: the call is no longer wanted.
   */
  async admit(
    call: LeasedCall,
    patience: Patience,
    signal: AbortSignal = this.deps.signal,
  ): Promise<Admission> {
    signal.throwIfAborted();
    const { bound } = call;
    const single = this.options.caps.filter(({ per }) => per === 'call');
    refuseMisfit(single, checkCaps(single, bound, null), bound);
    const amount = decimal(bound.amount);
    if (compare(amount, this.largest) > 0) this.largest = amount;
    this.usedAt = this.deps.clock.monotonic();
    if (this.queue.length === 0 && this.mayBegin(bound, amount) && this.fitsTotal(bound)) {
      const admission = await this.begin(call, amount);
      this.topUp();
      return admission;
    }
    return new Promise((resolve, reject) => {
      const since = this.deps.clock.monotonic();
      const stop = (): void => this.forget(asking);
      const asking: Asking = {
        call,
        amount,
        patience,
        signal,
        since,
        done(admission) {
          signal.removeEventListener('abort', stop);
          resolve(admission);
        },
        fail(error) {
          signal.removeEventListener('abort', stop);
          reject(error);
        },
      };
      // All stop with the process: the first one notices, and the others as they become the first.
      if (signal !== this.deps.signal) signal.addEventListener('abort', stop, { once: true });
      this.queue.push(asking);
      void this.pump();
    });
  }

  /** Gives back what is not in use. Calls that still run keep their bounds until they are settled. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.look(null);
    await this.nothingChanges();
    await this.giveBack();
  }

  private get free(): Decimal {
    return minus(this.slice, this.held);
  }

  private mayBegin({ openReason }: Bound, amount: Decimal): boolean {
    if (this.shared.length === 0) return true;
    // What nobody knows the cost of is let in as long as anything is left.
    if (openReason !== null && compare(this.free, zero) <= 0) return false;
    return compare(this.free, amount) >= 0;
  }

  private fitsTotal(bound: Bound): boolean {
    const check = this.options.total?.check(bound);
    return check === undefined || (check.fits && !check.waits);
  }

  /** Counted before anything is awaited: no other call is let in on the same money. */
  private async begin({ intent, bound }: LeasedCall, amount: Decimal): Promise<Admission> {
    this.held = plus(this.held, amount);
    this.options.total?.hold(amount);
    const isShared = this.shared.length > 0;
    const line = { ...intent };
    // It may have waited for long, past midnight, too: it counts when it is let in.
    line.at = new Date(this.deps.clock.now()).toISOString();
    line.bound = bookedBound(bound);
    if (isShared) line.lease = this.id;
    const problem = await this.note(line);
    if (problem !== null && isShared) {
      this.count(amount, zero);
      throw withoutLedger(problem);
    }
    let isSettled = false;
    return {
      problem,
      settle: async (outcome) => {
        if (isSettled) return null;
        isSettled = true;
        const line = { ...outcome };
        line.bound = bookedBound(bound);
        return this.end(line, amount);
      },
    };
  }

  /** Resolves to null, or to why it is not in the ledger. */
  private async note(line: IntentLine | OutcomeLine): Promise<string | null> {
    const { key, isBookedElsewhere } = this.options;
    return isBookedElsewhere ? null : appendLedger(this.book.ledger, line, key, this.deps);
  }

  private async end(outcome: OutcomeLine, bound: Decimal): Promise<string | null> {
    const cost = parseDecimal(usdOf(outcome) ?? '') ?? (outcome.billed === 'no' ? zero : bound);
    const problem = await this.note(outcome);
    let isCounted = problem === null;
    if (problem !== null && this.shared.length > 0)
      // It may come into the ledger later, and counts once: as of a job, whose outcomes replace each other.
      isCounted = await this.change((state) => settle({ ...outcome, task_id: null }, state)).then(
        () => true,
        () => false,
      );
    // What nobody could write down keeps its bound for as long as this process runs.
    if (isCounted || this.shared.length === 0) this.count(bound, cost);
    if (this.isClosed) {
      await this.nothingChanges();
      if (this.held.units === 0n) await this.giveBack().catch(() => {});
    }
    return problem;
  }

  private count(bound: Decimal, cost: Decimal): void {
    this.options.total?.settle(bound, cost);
    this.lastEndAt = this.deps.clock.monotonic();
    if (this.changing === null) this.take(bound, cost);
    else this.ended.push({ bound, cost });
    this.wake();
  }

  private take(bound: Decimal, cost: Decimal): void {
    this.held = minus(this.held, bound);
    this.slice = notBelowZero(minus(this.slice, cost));
  }

  private forget(asking: Asking): void {
    const at = this.queue.indexOf(asking);
    // The first one may be in the line of the state: whoever waits for it notices the signal.
    if (at <= 0) return;
    this.queue.splice(at, 1);
    asking.fail(asking.signal.reason);
  }

  private async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      for (let first = this.queue[0]; first !== undefined; first = this.queue[0]) {
        try {
          // Another lease may have used what is left of the total meanwhile.
          do await this.letIn(first);
          while (!this.fitsTotal(first.call.bound));
          const admission = this.begin(first.call, first.amount);
          this.queue.shift();
          first.done(await admission);
        } catch (error) {
          this.queue = this.queue.filter((one) => one !== first);
          first.fail(error);
        }
      }
    } finally {
      this.isPumping = false;
    }
    this.topUp();
  }

  /** Resolves when there is a slice for it. */
  private async letIn({ call, amount, patience, signal, since }: Asking): Promise<void> {
    const { bound, intent } = call;
    let ticket: number | null = null;
    let wait: Wait | null = null;
    let isInLine = false;
    const over = new AbortController();
    const deps = { ...this.deps, signal: AbortSignal.any([signal, over.signal]) };
    let looking: Promise<unknown> | null = null;
    try {
      for (;;) {
        signal.throwIfAborted();
        const { total: whole } = this.options;
        if (!this.fitsTotal(bound)) await whole?.ask(bound);
        const total = whole?.check(bound);
        if (total !== undefined && !total.fits) refuseTotal(total, bound);
        let checks: CapCheck[] = total === undefined ? [] : [total];
        if (total?.waits !== true) {
          // One that stands in the line goes by the line.
          if (!isInLine && this.mayBegin(bound, amount)) return;
          const claim = await this.claim(intent.call, bound, amount, ticket, patience.holdMs > 0);
          isInLine = claim.waits && patience.holdMs > 0;
          if (!claim.waits) {
            refuseMisfit(this.shared, claim.checks, bound);
            if (this.fitsTotal(bound)) return;
            continue;
          }
          ({ ticket, checks } = claim);
        }
        if (patience.holdMs === 0) throw onlyReserved(checks, 0);
        wait ??= new Wait(patience, this.book, deps, Math.max(since, this.lastEndAt));
        wait.quietSince = Math.max(wait.quietSince, this.lastEndAt);
        if (whole !== null) wait.moved(whole.movedAt);
        looking ??= wait.look(checks);
        const hasLooked = await Promise.race([looking.then(() => true), this.nextEnd()]);
        if (hasLooked) looking = null;
        this.lastEndAt = Math.max(this.lastEndAt, wait.quietSince);
      }
    } finally {
      looking?.catch(() => {}); // what it still waits for is no longer of interest
      over.abort();
      if (isInLine) await giveUp(intent.call, this.book, this.deps);
    }
  }

  /** Resolves when one of our own calls ends. */
  private nextEnd(): Promise<false> {
    return new Promise((resolve) => {
      this.wake = () => resolve(false);
    });
  }

  private async claim(
    call: string,
    bound: Bound,
    amount: Decimal,
    before: number | null,
    mayWait: boolean,
  ): Promise<{ waits: boolean; ticket: number | null; checks: CapCheck[] }> {
    return this.change((state) => {
      const spending = this.others(state, before);
      const checks = checkCaps(this.shared, bound, {
        ...spending,
        reserved: (tag) => plus(spending.reserved(tag), this.held),
      });
      const fits = checks.every((check) => check.fits);
      const waits = fits && checks.some((check) => check.waits);
      if (waits) {
        // Two that wait must not hold what the other one needs.
        this.resize(state, this.held);
        if (!mayWait) return { waits, ticket: before, checks };
        const waiter = { call, amount: bound.amount, tags: [...this.options.tags] };
        return { waits, ticket: standInLine(state, waiter, before, this.deps), checks };
      }
      leaveLine(state, call);
      if (fits) this.resize(state, plus(this.held, larger(amount, this.usual(spending))));
      return { waits, ticket: before, checks };
    });
  }

  /** All but this lease: what it holds itself is asked about. */
  private others(state: BudgetState, ticket: number | null): Spending {
    return spendingOf(state, this.deps, { ahead: ahead(state, ticket), except: this.id });
  }

  /** What is to be free, if nobody is in the way. */
  private usual(spending: Spending): Decimal {
    const lefts = this.shared.flatMap((cap) => leftBelow(cap, spending) ?? []);
    const left = lefts.reduce(smaller, lefts[0] ?? zero);
    const part = divided(notBelowZero(minus(left, this.held)), PART_OF_LEFT);
    const wanted = times(this.largest, CALLS_A_SLICE);
    return wanted.units === 0n ? part : smaller(part, wanted);
  }

  /** In the background, before it is needed: the next call finds its money. */
  private topUp(): void {
    const isEnough = this.held.units === 0n || compare(this.free, this.largest) >= 0;
    if (this.shared.length === 0 || isEnough || this.changing !== null || this.isPumping) return;
    void this.change((state) => {
      if (state.waiting.length > 0) return;
      this.resize(state, plus(this.held, larger(this.free, this.usual(this.others(state, null)))));
    }).catch(() => {}); // whoever needs it next is told
  }

  private giveBack(): Promise<void> {
    if (!this.hasTooMuch) return Promise.resolve();
    return this.change((state) => this.resize(state, this.held));
  }

  private get hasTooMuch(): boolean {
    if (this.written.units === 0n) return false;
    return this.isOff || this.held.units === 0n || compare(this.free, zero) > 0;
  }

  /** Looks from time to time, as long as it holds anything; null: no more. */
  private look(afterMs: number | null): void {
    if (afterMs !== null && this.stopLooking !== null) return;
    this.stopLooking?.();
    this.stopLooking = null;
    if (afterMs === null || this.isClosed || this.written.units === 0n) return;
    const work = (): void => {
      this.stopLooking = null;
      void this.tidy()
        .catch(() => {}) // the next look tries again
        .finally(() => this.look(LOOK_MS));
    };
    this.stopLooking = this.deps.clock.after(afterMs, work, 'background');
  }

  private async tidy(): Promise<void> {
    const { clock } = this.deps;
    const isIdle = clock.monotonic() - this.usedAt >= IDLE_MS;
    const isOld = Math.abs(clock.now() - this.confirmedAt) > CONFIRM_MS;
    if (this.changing !== null || this.isPumping) return;
    if (isOld) return void (await this.change((state) => this.resize(state, this.slice)));
    if (!this.hasTooMuch) return;
    const othersWait = ((await readState(this.book, this.deps))?.waiting.length ?? 0) > 0;
    if (isIdle || othersWait) await this.giveBack();
  }

  /** Writes what the lease holds into the state. A smaller slice counts at once, a larger one when it is on the disk. */
  private resize(state: BudgetState, wanted: Decimal): void {
    this.wanted = wanted;
    if (compare(wanted, this.slice) < 0) this.slice = wanted;
    const { gateway, tags } = this.options;
    const others = state.reservations.filter(({ call }) => call !== this.id);
    const at = this.deps.clock.now();
    const amount = formatDecimal(wanted);
    const holder = thisProcess(this.deps);
    const mine = {
      call: this.id,
      gateway,
      ...holder,
      amount,
      tags: [...tags],
      at,
      isLease: true as const,
    };
    state.reservations = wanted.units === 0n ? others : [...others, mine];
    this.confirmedAt = at;
    this.written = wanted;
    this.isOff = false;
  }

  /** Resolves when no change of the state is under way: a call that ended during one counts only then. */
  private async nothingChanges(): Promise<void> {
    while (this.changing !== null) await this.changing;
  }

  private async change<T>(work: (state: BudgetState) => T): Promise<T> {
    await this.nothingChanges();
    const before = this.written;
    const changed = changeState(this.book, this.deps, work);
    this.changing = changed.catch(() => {});
    try {
      const result = await changed;
      if (this.wanted !== null) this.slice = this.wanted;
      return result;
    } catch (error) {
      // The state has either of the two: the next look writes it again.
      this.written = larger(before, this.written);
      this.isOff = true;
      throw error;
    } finally {
      this.wanted = null;
      this.changing = null;
      this.look(LOOK_MS);
      if (this.ended.length > 0) this.isOff = true;
      for (const { bound, cost } of this.ended.splice(0)) this.take(bound, cost);
    }
  }
}

function refuseTotal(check: CapCheck, bound: Bound): void {
  const cap: Cap = { name: check.name, per: 'call', tag: null, limit: check.limit };
  refuseMisfit([cap], [check], bound);
}
