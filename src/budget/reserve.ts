/** Holds a call against the caps before it is sent, and reserves what it can cost, so that processes that run side by side cannot overshoot. */
import type { Deps } from '../deps.ts';
import { CliError, systemErrorCode } from '../errors.ts';
import { type LockDeps, takeLock } from '../lock.ts';
import { type Decimal, plus, zero } from '../money/decimal.ts';
import { type Bound, type Cap, type CapCheck, checkCaps, type Spending } from './caps.ts';
import { amountOf, catchUp } from './catch-up.ts';
import { type BudgetState, readState, writeState } from './state.ts';

export interface BudgetPlaces {
  budget: string;
  ledger: string;
}

/** The call that is about to be sent. */
export interface Purchase {
  /** Joins the reservation to the outcome in the ledger. */
  call: string;
  tags: readonly string[];
  caps: readonly Cap[];
  bound: Bound;
}

type BudgetDeps = LockDeps & Pick<Deps, 'files'>;

/** A few hundred processes, one after the other. */
const LOCK_TRIES = 500;

/**
 * Resolves to the verdicts when the call fits, with its bound reserved until its outcome is in the ledger. Throws
 * `budget` when it does not fit, and `local_io` when a budget that runs over calls cannot be kept; nothing was sent then.
 */
export async function reserve(
  purchase: Purchase,
  places: BudgetPlaces,
  deps: BudgetDeps,
): Promise<CapCheck[]> {
  const { caps, bound } = purchase;
  if (caps.every(({ per }) => per === 'call'))
    return refuseMisfit(caps, checkCaps(caps, bound, null), bound);
  return locked(places, deps, async () => {
    const state = await catchUp(await readState(places.budget, deps), places.ledger, deps);
    const checks = checkCaps(caps, bound, spendingOf(state, deps));
    if (checks.every(({ fits }) => fits)) state.reservations.push(reservationOf(purchase, deps));
    // Also when it does not fit: what was counted need not be counted again.
    await writeState(places.budget, state, deps);
    return refuseMisfit(caps, checks, bound);
  });
}

/** The verdicts as they would be now; reserves and writes nothing. */
export async function judge(
  purchase: Pick<Purchase, 'caps' | 'bound'>,
  places: BudgetPlaces,
  deps: BudgetDeps,
): Promise<CapCheck[]> {
  const { caps, bound } = purchase;
  if (caps.every(({ per }) => per === 'call')) return checkCaps(caps, bound, null);
  try {
    const state = await catchUp(await readState(places.budget, deps), places.ledger, deps);
    return checkCaps(caps, bound, spendingOf(state, deps));
  } catch (error) {
    throw cannotKeep(error, places);
  }
}

/** The refusal as a sentence, without what follows from it; null when everything fits. */
export function misfit(
  caps: readonly Cap[],
  checks: readonly CapCheck[],
  what = 'this call',
): string | null {
  const at = checks.findIndex(({ fits }) => !fits);
  const [cap, check] = [caps[at], checks[at]];
  if (cap === undefined || check === undefined) return null;
  const atLeast = check.known ? 'up to' : 'at least';
  const call = `${what} could cost ${atLeast} $${check.bound}`;
  if (check.spent === null) return `${call}, more than ${check.name} ${check.limit}`;
  const held = check.reserved === '0' ? '' : ` and $${check.reserved} reserved by calls that run`;
  const when = cap.per === 'day' ? 'today' : 'this month';
  return `${call}; with $${check.spent} spent ${when}${held} that is more than ${check.name} ${check.limit}`;
}

function refuseMisfit(caps: readonly Cap[], checks: CapCheck[], bound: Bound): CapCheck[] {
  const words = misfit(caps, checks);
  if (words === null) return checks;
  const cap = caps[checks.findIndex(({ fits }) => !fits)];
  throw new CliError('budget', `${words}; nothing was sent`, {
    code: cap?.per === 'call' ? 'max_cost' : `budget_${cap?.per}`,
    hint: adviceFor(cap, bound),
  });
}

function adviceFor(cap: Cap | undefined, { open }: Bound): string {
  const less = open === null ? 'allow less with --max-tokens, or ' : '';
  if (cap === undefined || cap.name === '--max-cost') return `${less}allow more with --max-cost`;
  const wait = {
    call: '',
    day: 'wait for the next day (UTC), or ',
    month: 'wait for the next month (UTC), or ',
  };
  return `${less}${wait[cap.per]}allow more: alltoken config set ${cap.name} <usd>`;
}

async function locked<T>(
  places: BudgetPlaces,
  deps: BudgetDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await deps.files.makeDirectory(places.budget);
    const lock = await takeLock(places.budget, 'budget', deps, LOCK_TRIES);
    if ('heldBy' in lock) throw inUse(lock.heldBy);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw cannotKeep(error, places);
  }
}

function cannotKeep(error: unknown, places: BudgetPlaces): unknown {
  const code = systemErrorCode(error);
  if (error instanceof CliError || code === undefined) return error;
  return new CliError(
    'local_io',
    `the budget in ${places.budget} cannot be kept (${code}); nothing was sent`,
    {
      code,
      billed: 'no',
      hint: 'make the directory writable, or take the budget out: alltoken config unset budget',
      cause: error,
    },
  );
}

function inUse(pid: number): CliError {
  return new CliError('local_io', `the budget is held by process ${pid}; nothing was sent`, {
    code: 'budget_in_use',
    billed: 'no',
    hint: 'run the same command again',
  });
}

function reservationOf({ call, tags, bound }: Purchase, deps: BudgetDeps) {
  return {
    call,
    pid: deps.processId,
    mark: deps.processMark(deps.processId) ?? 'runs',
    amount: bound.amount,
    tags: [...tags],
    at: deps.clock.now(),
  };
}

function spendingOf(state: BudgetState, deps: BudgetDeps): Spending {
  const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
  return {
    spent(tag) {
      const name = tag ?? '';
      const account = Object.hasOwn(state.accounts, name) ? state.accounts[name] : undefined;
      return { day: amountOf(account?.days[day]), month: amountOf(account?.month) };
    },
    reserved: (tag) =>
      state.reservations
        .filter(({ tags }) => tag === null || tags.includes(tag))
        .reduce<Decimal>((sum, { amount }) => plus(sum, amountOf(amount)), zero),
  };
}
