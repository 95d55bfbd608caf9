/** Holds a call against the caps before it is sent, and reserves what it can cost, so that processes that run side by side cannot overshoot. */

import { thisProcess } from '../../base/process-state.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { OutcomeLine } from '../ledger/lines.ts';
import { type Bound, type Cap, type CapCheck, checkCaps } from './caps.ts';
import { readNow } from './catch-up.ts';
import { type BudgetDeps, changeState } from './change-state.ts';
import { settle } from './count-lines.ts';
import { ahead, giveUp, leaveLine, type Patience, standInLine, Wait } from './line.ts';
import { cannotKeep, onlyReserved, refuseMisfit } from './refusal.ts';
import { spendingOf } from './spending.ts';
import type { Book, BudgetState } from './state.ts';

/** The call that is about to be sent. */
export interface Purchase {
  /** Joins the reservation to the outcome in the ledger. */
  call: string;
  gateway: string;
  tags: readonly string[];
  caps: readonly Cap[];
  bound: Bound;
}

/**
 * Returns the verdicts when the call fits, with its bound reserved until its outcome is in the ledger. One that only
 * running calls are in the way of waits for them, in the order in which they came. Throws `budget` when it does not
 * fit, `rate_limited` when the others take too long, and `local_io` when a budget over several calls cannot be
 * enforced; nothing was sent then.
 */
export async function* reserve(
  purchase: Purchase,
  book: Book,
  patience: Patience,
  deps: BudgetDeps,
): AsyncGenerator<OutputEvent, CapCheck[], undefined> {
  const { call, caps, bound } = purchase;
  if (isOnlySingle(caps)) return refuseMisfit(caps, checkCaps(caps, bound, null), bound);
  const isPatient = patience.holdMs > 0;
  let claim = await tryNow(purchase, null, isPatient, book, deps);
  if (!claim.waits) return refuseMisfit(caps, claim.checks, bound);
  if (!isPatient) throw onlyReserved(claim.checks, 0);
  const { ticket } = claim;
  try {
    yield { type: 'status', message: waitingWords(claim.checks) };
    const wait = new Wait(patience, book, deps);
    while (claim.waits) {
      const state = await wait.look(claim.checks);
      const checks = checkIn(state, purchase, ticket, deps);
      const isBlocked = checks.every(({ fits }) => fits) && checks.some(({ waits }) => waits);
      claim =
        isBlocked && !wait.mustConfirm(state, call)
          ? { waits: true, ticket, checks }
          : await tryNow(purchase, ticket, true, book, deps);
    }
  } finally {
    // Also after a signal, or when the output was closed; a call that was let in has left the line.
    if (claim.waits) await giveUp(call, book, deps);
  }
  return refuseMisfit(caps, claim.checks, bound);
}

interface Claim {
  waits: boolean;
  ticket: number | null;
  checks: CapCheck[];
}

/** Written also when it does not fit: what was counted need not be counted again. */
function tryNow(
  purchase: Purchase,
  before: number | null,
  mayWait: boolean,
  book: Book,
  deps: BudgetDeps,
): Promise<Claim> {
  const { call, tags, bound } = purchase;
  return changeState(book, deps, (state) => {
    const checks = checkIn(state, purchase, before, deps);
    const fits = checks.every((check) => check.fits);
    const waits = fits && checks.some((check) => check.waits);
    const waiter = { call, amount: bound.amount, tags: [...tags] };
    if (waits && mayWait)
      return { waits, ticket: standInLine(state, waiter, before, deps), checks };
    leaveLine(state, call);
    if (fits && !waits) state.reservations.push(reservationOf(purchase, deps));
    return { waits, ticket: before, checks };
  });
}

function checkIn(
  state: BudgetState,
  { call, caps, bound }: Pick<Purchase, 'caps' | 'bound'> & { call?: string },
  ticket: number | null,
  deps: BudgetDeps,
): CapCheck[] {
  // One that was begun before counts by what it holds now, not twice.
  const own = call === undefined ? {} : { except: call };
  return checkCaps(caps, bound, spendingOf(state, deps, { ahead: ahead(state, ticket), ...own }));
}

function waitingWords(checks: readonly CapCheck[]): string {
  const names = checks.filter(({ waits }) => waits).map(({ name }) => name);
  return `waiting for calls that run now and have reserved what is left of ${names.join(', ')}`;
}

function isOnlySingle(caps: readonly Cap[]): boolean {
  return caps.every(({ per }) => per === 'call');
}

/** Gives back what is reserved for a call that is not sent after all. */
export async function release(
  call: string,
  caps: readonly Cap[],
  book: Book,
  deps: BudgetDeps,
): Promise<void> {
  if (isOnlySingle(caps)) return;
  await changeState(book, deps, (state) => {
    state.reservations = state.reservations.filter((held) => held.call !== call);
  });
}

/** Counts an outcome that could not be written to the ledger. Rejects where the state cannot be written either. */
export async function settleHere(
  line: OutcomeLine,
  caps: readonly Cap[],
  book: Book,
  deps: BudgetDeps,
): Promise<void> {
  if (isOnlySingle(caps)) return;
  await changeState(book, deps, (state) => settle(line, state));
}

/** The verdicts as they would be now; reserves and writes nothing. */
export async function judge(
  purchase: Pick<Purchase, 'caps' | 'bound'>,
  book: Book,
  deps: BudgetDeps,
): Promise<CapCheck[]> {
  const { caps, bound } = purchase;
  if (isOnlySingle(caps)) return checkCaps(caps, bound, null);
  try {
    return checkIn(await readNow(book, deps), purchase, null, deps);
  } catch (error) {
    throw cannotKeep(error, book);
  }
}

function reservationOf({ call, gateway, tags, bound }: Purchase, deps: BudgetDeps) {
  return {
    call,
    gateway,
    ...thisProcess(deps),
    amount: bound.amount,
    tags: [...tags],
    at: deps.clock.now(),
  };
}
