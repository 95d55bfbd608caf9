/** Says why a call does not fit below a cap, and what would help. It judges nothing itself. */
import { errnoWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { formatDecimal, plus, roundedUp } from '../decimal.ts';
import { type Bound, type Cap, type CapCheck, decimal, isOwn, ownCaps } from './caps.ts';
import type { Book } from './state.ts';

/** The refusal as a sentence, without what follows from it; null when everything fits. */
export function misfit(
  caps: readonly Cap[],
  checks: readonly CapCheck[],
  what = 'this call',
): string | null {
  const at = checks.findIndex(({ fits }) => !fits);
  const [cap, check] = [caps[at], checks[at]];
  return cap === undefined || check === undefined ? null : misfitWords(cap.per, check, what);
}

/** As `misfit`, of a check that does not fit. */
export function misfitWords(per: Cap['per'], check: CapCheck, what: string): string {
  const when = whenSpent[per];
  const held = hasUnsettled(check)
    ? ` and $${check.unsettled} held for calls without an outcome`
    : '';
  if (!check.known && check.bound === '0')
    return `${check.name} ${check.limit} is used up: $${check.spent} spent ${when}${held}, and the cost of ${what} is not known in advance`;
  const atLeast = check.known ? 'up to' : 'at least';
  const call = `${what} could cost ${atLeast} $${check.bound}`;
  if (check.spent === null) return `${call}, more than ${check.name} ${check.limit}`;
  return `${call}; with $${check.spent} spent ${when}${held} that is more than ${check.name} ${check.limit}`;
}

/** `call`: of a total, such as the --max-cost of a batch, which has no period. */
const whenSpent = { call: 'so far', day: 'today', month: 'this month' } as const;

function hasUnsettled({ unsettled }: CapCheck): boolean {
  return unsettled !== null && unsettled !== '0';
}

/** Returns the verdicts, or throws `CliError` budget for the first that does not fit. */
export function refuseMisfit(caps: readonly Cap[], checks: CapCheck[], bound: Bound): CapCheck[] {
  const words = misfit(caps, checks);
  if (words === null) return checks;
  const at = checks.findIndex(({ fits }) => !fits);
  throw new CliError('budget', `${words}; nothing was sent`, {
    code: codeOf(caps[at]),
    cap: checks[at],
    next: stepsFor(caps[at], checks[at], bound),
  });
}

/** `max_cost` for the flag and the header, `budget_call`, `budget_day` or `budget_month` for the config. */
export function codeOf(cap: Cap | undefined): string {
  return cap === undefined || isOwn(cap) ? 'max_cost' : `budget_${cap.per}`;
}

function stepsFor(
  cap: Cap | undefined,
  check: CapCheck | undefined,
  { openReason: open }: Bound,
): NextStep[] {
  const less: NextStep[] = open === null ? [lessTokens] : [];
  const isSingle = cap === undefined || cap.per === 'call';
  const look = check !== undefined && hasUnsettled(check) ? [lookAtUnsettled] : [];
  const wait = isSingle ? [] : [userSays(`wait for the next ${cap.per} (UTC)`)];
  return [...less, ...look, ...wait, moreFor(cap, check)];
}

const lookAtUnsettled: NextStep = {
  ...runStep(['budget']),
  why: 'see the calls without an outcome, which alltoken budget release frees',
};

/** How to allow more than this cap does. `check`: by which the call that it refused would fit. */
export function moreFor(cap: Pick<Cap, 'name'> | undefined, check?: CapCheck): NextStep {
  const value = check === undefined ? undefined : enoughFor(check);
  const to = value === undefined ? '' : ` to ${value}`;
  if (cap?.name === ownCaps.header)
    return userSays(`send ${value ?? 'a higher amount'} in ${cap.name}`);
  if (cap?.name === ownCaps.agent) return { do: 'say', words: `raise ${cap.name}${to}` };
  return cap === undefined || isOwn(cap)
    ? { do: 'set-flag', flag: '--max-cost', value, why: 'allow more' }
    : {
        ...(value === undefined
          ? runStep(['config', 'set', cap.name], '<usd>')
          : runStep(['config', 'set', cap.name, value])),
        why: 'allow more',
      };
}

/** USD under which the call fits, whatever runs now; undefined where nobody knows what it can cost. */
function enoughFor({ known, bound, spent, reserved, unsettled }: CapCheck): string | undefined {
  if (!known) return undefined;
  const all = [bound, spent ?? '0', reserved ?? '0', unsettled ?? '0'];
  return formatDecimal(roundedUp(all.map(decimal).reduce(plus)));
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

/** Only calls that run now are in the way, and none of them has ended for `holdMs`. */
export function onlyReserved(checks: readonly CapCheck[], holdMs: number): CliError {
  const check = checks.find(({ waits }) => waits);
  const cap = check === undefined ? 'the budget' : `${check.name} ${check.limit}`;
  const held = check?.reserved == null ? '' : ` $${check.reserved} of`;
  const long = holdMs === 0 ? '' : `, and none of them ended in ${holdMs / 1000} s`;
  return new CliError(
    'rate_limited',
    `calls that run now have reserved${held} ${cap}${long}; nothing was sent`,
    {
      code: 'budget_reserved',
      billed: 'no',
      next: [
        { do: 'retry' },
        { do: 'set-flag', flag: '--hold', value: longer(holdMs), why: 'wait longer' },
      ],
    },
  );
}

/** In seconds. */
function longer(holdMs: number): string {
  return String(Math.max(30, Math.ceil(holdMs / 500)));
}

/** --timeout ended while the call waited for others. */
export function timeIsOver(): CliError {
  return new CliError(
    'timeout',
    'the call took longer than --timeout: it was still waiting for calls that run now; nothing was sent',
    {
      code: 'total_timeout',
      billed: 'no',
      next: { do: 'set-flag', flag: '--timeout', why: 'allow more time' },
    },
  );
}

/** A budget over several calls depends on the ledger: without a writable one it cannot be enforced. */
export function withoutLedger(problem: string): CliError {
  return new CliError('local_io', `${problem}, so budgets cannot be enforced; nothing was bought`, {
    code: 'no_ledger',
    inState: true,
    billed: 'no',
    next: [userSays('make it writable'), withoutBudget],
  });
}

/** The system's error as ours; any other unchanged. */
export function cannotKeep(error: unknown, book: Book): unknown {
  const code = systemErrorCode(error);
  if (error instanceof CliError || code === undefined) return error;
  const more = { code, inState: true, billed: 'no', cause: error } as const;
  // What is spent is counted from the ledger.
  const { path } = error as NodeJS.ErrnoException;
  if (path?.startsWith(book.ledger))
    return new CliError(
      'local_io',
      `budgets cannot be enforced, as ${path} cannot be used: ${errnoWords(code)} (${code}); nothing was sent`,
      { ...more, next: [userSays(`check ${path} and its permissions`), withoutBudget] },
    );
  return new CliError(
    'local_io',
    `the budget in ${book.budget} cannot be enforced (${code}); nothing was sent`,
    { ...more, next: [userSays('make the directory writable'), withoutBudget] },
  );
}

/** Another process did not give the lock back. */
export function inUse(pid: number): CliError {
  return new CliError('local_io', `the budget is held by process ${pid}; nothing was sent`, {
    code: 'budget_in_use',
    billed: 'no',
    next: { do: 'retry' },
  });
}
