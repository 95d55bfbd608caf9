/** The line of calls that wait for running ones: who is in it, who is next, and when a wait has lasted too long. It sends nothing and reserves nothing. */
import type { Deps } from '../../base/deps.ts';
import { thisProcess } from '../../base/process-state.ts';
import { compare } from '../decimal.ts';
import type { CapCheck } from './caps.ts';
import { readNow } from './catch-up.ts';
import { type BudgetDeps, changeState } from './change-state.ts';
import { amountOf } from './count-lines.ts';
import { onlyReserved, timeIsOver } from './refusal.ts';
import type { Book, BudgetState, Waiter } from './state.ts';

/** How long a call waits for others. */
export interface Patience {
  /** In which no reservation ends, ms. */
  holdMs: number;
  /** On the monotonic clock; null: none. */
  deadlineAt: number | null;
}

/** Between two looks: ends are seen soon, and a long wait costs next to nothing. */
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1000;

/** A waiter that has not confirmed this for a minute is gone. */
const CONFIRM_MS = 20_000;

/** Those before this call; all, where it is not in the line. */
export function ahead(state: BudgetState, ticket: number | null): Waiter[] {
  return state.waiting.filter((one) => ticket === null || one.ticket < ticket);
}

/** Puts a call in the line, at the place that it had, or at its end. Returns its ticket. */
export function standInLine(
  state: BudgetState,
  { call, amount, tags }: Pick<Waiter, 'call' | 'amount' | 'tags'>,
  before: number | null,
  deps: BudgetDeps,
): number {
  const ticket = before ?? Math.max(0, ...state.waiting.map((one) => one.ticket)) + 1;
  const waiter = { call, ...thisProcess(deps), amount, tags, ticket, at: deps.clock.now() };
  leaveLine(state, call);
  state.waiting = [...state.waiting, waiter].sort((a, b) => a.ticket - b.ticket);
  return ticket;
}

export function leaveLine(state: BudgetState, call: string): void {
  state.waiting = state.waiting.filter((one) => one.call !== call);
}

/** Takes a call out of the line, also when a signal has stopped us. It never rejects: where it cannot be written, others see that we confirm nothing. */
export async function giveUp(call: string, book: Book, deps: BudgetDeps): Promise<void> {
  const { signal } = new AbortController();
  await changeState(book, { ...deps, signal }, (state) => leaveLine(state, call)).catch(() => {});
}

/** One wait, look by look. */
export class Wait {
  private readonly patience: Patience;
  private readonly book: Book;
  private readonly deps: BudgetDeps & Pick<Deps, 'clock'>;
  /** By call: what is reserved, at the last look. */
  private seen: ReadonlyMap<string, string> | null = null;
  /** When a reservation was last seen to end, or the wait began; on the monotonic clock, ms. */
  quietSince: number;
  private pauseMs = FIRST_PAUSE_MS;

  /** `since`: when it began to wait. */
  constructor(
    patience: Patience,
    book: Book,
    deps: BudgetDeps,
    since: number = deps.clock.monotonic(),
  ) {
    this.patience = patience;
    this.book = book;
    this.deps = deps;
    this.quietSince = since;
  }

  /**
   * Resolves to the state after a pause, as it is seen without the lock. Throws `CliError` rate_limited when no
   * reservation has ended for too long, timeout at the deadline, and the signal's reason.
   */
  async look(checks: readonly CapCheck[]): Promise<BudgetState> {
    const { clock, random, signal } = this.deps;
    const { holdMs, deadlineAt } = this.patience;
    const now = clock.monotonic();
    const holdLeft = this.quietSince + holdMs - now;
    const timeLeft = (deadlineAt ?? Number.POSITIVE_INFINITY) - now;
    if (timeLeft <= 0) throw timeIsOver();
    if (holdLeft <= 0) throw onlyReserved(checks, holdMs);
    const pause = this.pauseMs * (0.5 + random() / 2);
    this.pauseMs = Math.min(this.pauseMs * 1.5, LONGEST_PAUSE_MS);
    await clock.sleep(Math.max(1, Math.min(pause, holdLeft, timeLeft)), signal);
    const state = await readNow(this.book, this.deps);
    this.note(state);
    return state;
  }

  /** Something of what it waits for was seen to end at `at`, on the monotonic clock, ms: the next look is soon. */
  moved(at: number): void {
    if (at <= this.quietSince) return;
    this.quietSince = at;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  /** Whether the call's place in the line has to be confirmed. */
  mustConfirm(state: BudgetState, call: string): boolean {
    const mine = state.waiting.find((one) => one.call === call);
    return mine === undefined || Math.abs(this.deps.clock.now() - mine.at) > CONFIRM_MS;
  }

  private note({ reservations }: BudgetState): void {
    const now = new Map(reservations.map(({ call, amount }) => [call, amount]));
    const hasEnded = [...(this.seen ?? [])].some(([call, amount]) => {
      const rest = now.get(call);
      return rest === undefined || compare(amountOf(rest), amountOf(amount)) < 0;
    });
    this.seen = now;
    if (hasEnded) this.moved(this.deps.clock.monotonic());
  }
}
