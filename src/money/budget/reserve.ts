/** Holds a call against the caps before it is sent, and reserves what it can cost, so that processes that run side by side cannot overshoot. */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { type LockDeps, takeLock, thisProcess } from '../../system/lock.ts';
import { type Decimal, plus, zero } from '../decimal.ts';
import type { OutcomeLine } from '../ledger/lines.ts';
import { type Bound, type Cap, type CapCheck, checkCaps, type Spending } from './caps.ts';
import { amountOf, catchUp, settle } from './catch-up.ts';
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

/** A few hundred processes, one after the other; each needs it for some milliseconds only. */
const patience = { tries: 500, elsewhereHoldsMs: 10_000 };

/**
 * Resolves to the verdicts when the call fits, with its bound reserved until its outcome is in the ledger. Throws
 * `budget` when it does not fit, and `local_io` when a budget over several calls cannot be enforced; nothing was sent then.
 */
export async function reserve(
  purchase: Purchase,
  places: BudgetPlaces,
  deps: BudgetDeps,
): Promise<CapCheck[]> {
  const { caps, bound } = purchase;
  if (caps.every(({ per }) => per === 'call'))
    return refuseMisfit(caps, checkCaps(caps, bound, null), bound);
  // Written also when it does not fit: what was counted need not be counted again.
  const checks = await changeState(places, deps, (state) => {
    const verdicts = checkCaps(caps, bound, spendingOf(state, deps));
    if (verdicts.every(({ fits }) => fits)) state.reservations.push(reservationOf(purchase, deps));
    return verdicts;
  });
  return refuseMisfit(caps, checks, bound);
}

/** Gives back what is reserved for a call that is not sent after all. */
export async function release(
  call: string,
  caps: readonly Cap[],
  places: BudgetPlaces,
  deps: BudgetDeps,
): Promise<void> {
  if (caps.every(({ per }) => per === 'call')) return;
  await changeState(places, deps, (state) => {
    state.reservations = state.reservations.filter((held) => held.call !== call);
  });
}

/** Counts an outcome that could not be written to the ledger. Rejects where the state cannot be written either. */
export async function settleHere(
  line: OutcomeLine,
  caps: readonly Cap[],
  places: BudgetPlaces,
  deps: BudgetDeps,
): Promise<void> {
  if (caps.every(({ per }) => per === 'call')) return;
  await changeState(places, deps, (state) => settle(line, state));
}

/** A budget over several calls depends on the ledger: without a writable one it cannot be enforced. */
export function withoutLedger(problem: string): CliError {
  return new CliError('local_io', `${problem}, so budgets cannot be enforced; nothing was bought`, {
    code: 'no_ledger',
    billed: 'no',
    next: [userSays('make it writable'), withoutBudget],
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
  const when = cap.per === 'day' ? 'today' : 'this month';
  const held = check.reserved === '0' ? '' : ` and $${check.reserved} reserved by other calls`;
  if (!check.known && check.bound === '0')
    return `${check.name} ${check.limit} is used up: $${check.spent} spent ${when}${held}, and the cost of ${what} is not known in advance`;
  const atLeast = check.known ? 'up to' : 'at least';
  const call = `${what} could cost ${atLeast} $${check.bound}`;
  if (check.spent === null) return `${call}, more than ${check.name} ${check.limit}`;
  return `${call}; with $${check.spent} spent ${when}${held} that is more than ${check.name} ${check.limit}`;
}

function refuseMisfit(caps: readonly Cap[], checks: CapCheck[], bound: Bound): CapCheck[] {
  const words = misfit(caps, checks);
  if (words === null) return checks;
  const at = checks.findIndex(({ fits }) => !fits);
  const cap = caps[at];
  throw new CliError('budget', `${words}; nothing was sent`, {
    code: codeOf(cap),
    cap: checks[at],
    next: stepsFor(cap, bound),
  });
}

/** `max_cost` for the flag, `budget_call`, `budget_day` or `budget_month` for the config. */
export function codeOf(cap: Cap | undefined): string {
  return cap === undefined || cap.name === '--max-cost' ? 'max_cost' : `budget_${cap.per}`;
}

function stepsFor(cap: Cap | undefined, { openReason: open }: Bound): NextStep[] {
  const less: NextStep[] = open === null ? [lessTokens] : [];
  const isSingle = cap === undefined || cap.per === 'call';
  const wait = isSingle ? [] : [userSays(`wait for the next ${cap.per} (UTC)`)];
  return [...less, ...wait, moreFor(cap)];
}

/** How to allow more than this cap does. */
export function moreFor(cap: Cap | undefined): NextStep {
  return cap === undefined || cap.name === '--max-cost'
    ? { do: 'set-flag', flag: '--max-cost', why: 'allow more' }
    : { ...runStep(['config', 'set', cap.name], '<usd>'), why: 'allow more' };
}

/** How to lower the cost where the length of the answer decides. */
export const lessTokens: NextStep & { do: 'set-flag' } = {
  do: 'set-flag',
  flag: '--max-tokens',
  why: 'allow less',
};

const withoutBudget: NextStep = {
  ...runStep(['config', 'unset', 'budget']),
  why: 'remove the budget',
};

function userSays(words: string): NextStep {
  return { do: 'say', words, for: 'user' };
}

/** Under the lock: caught up with the ledger, changed, written. */
function changeState<T>(
  places: BudgetPlaces,
  deps: BudgetDeps,
  change: (state: BudgetState) => T,
): Promise<T> {
  return locked(places, deps, async () => {
    const state = await catchUp(await readState(places.budget, deps), places.ledger, deps);
    const result = change(state);
    await writeState(places.budget, state, deps);
    return result;
  });
}

async function locked<T>(
  places: BudgetPlaces,
  deps: BudgetDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await deps.files.makeDirectory(places.budget);
    const lock = await takeLock(places.budget, 'budget', deps, patience);
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
    `the budget in ${places.budget} cannot be enforced (${code}); nothing was sent`,
    {
      code,
      billed: 'no',
      next: [userSays('make the directory writable'), withoutBudget],
      cause: error,
    },
  );
}

function inUse(pid: number): CliError {
  return new CliError('local_io', `the budget is held by process ${pid}; nothing was sent`, {
    code: 'budget_in_use',
    billed: 'no',
    next: { do: 'retry' },
  });
}

function reservationOf({ call, tags, bound }: Purchase, deps: BudgetDeps) {
  return {
    call,
    ...thisProcess(deps),
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
