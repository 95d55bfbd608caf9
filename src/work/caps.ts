/** The caps of one paid command, from the flag, the config and the bound of a call. The same for every command; only the bound differs. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type NextStep, type NextSteps, say, stepsOf } from '../base/next-step.ts';
import type { Settings } from '../config/settings.ts';
import {
  type Bound,
  type Cap,
  type CapCheck,
  checkCaps,
  isOwn,
  ownCaps,
} from '../money/budget/caps.ts';
import { codeOf, misfit, moreFor } from '../money/budget/refusal.ts';
import { judge } from '../money/budget/reserve.ts';
import { bookOf } from '../money/budget/state.ts';
import type { BudgetVerdict } from '../schemas/common.ts';
import type { OutputEvent } from '../schemas/events.ts';

/** A cap on single calls that cannot be enforced with this bound: the flag when nothing is known, any cap when the cost is unlimited. */
function worthless(
  caps: readonly Cap[],
  { priceUnknown: blind, uncapped: loose }: Bound,
): Cap | undefined {
  return caps.find((cap) => cap.per === 'call' && (loose || (blind && isOwn(cap))));
}

/** Throws `CliError` budget when a cap on single calls cannot be enforced. `ways`: how it can be; where nothing does it, none. */
export function refuseWorthless(caps: readonly Cap[], bound: Bound, ways: NextSteps = []): void {
  const cap = worthless(caps, bound);
  if (cap === undefined) return;
  const next = [...stepsOf(ways), ...(bound.priceUnknown ? [withoutCap(cap)] : [])];
  throw new CliError(
    'budget',
    `${cap.name} cannot be enforced: ${bound.openReason}; nothing was sent`,
    {
      code: 'cost_unbounded',
      next,
    },
  );
}

/** It cannot be enforced where no price is known. */
function withoutCap({ name }: Cap): NextStep {
  return name === ownCaps.header ? say(`leave out ${name}`) : { do: 'leave-out', flag: name };
}

/** Warns once that caps are checked against less than the call may cost. */
export async function* sayOpen(
  caps: readonly Cap[],
  { openReason: open, amount, priceUnknown: blind }: Bound,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (open === null || caps.length === 0) return;
  const names = caps.map(({ name }) => name).join(', ');
  const limits = caps.map(({ name, limit }) => `${name} ${limit}`).join(', ');
  const message = blind
    ? `${open}; ${limits} can only count it afterwards, and may be exceeded by it`
    : `this call may cost more than the $${amount} that ${names} reserves for it: ${open}`;
  yield { type: 'warning', message };
}

/** Throws `CliError` budget when a cap on single calls is too low; nothing is reserved. `less`: how to request less; [] if that is not possible. */
export function refuseCall(
  caps: readonly Cap[],
  bound: Bound,
  what: string,
  less: readonly NextStep[],
): void {
  const single = caps.filter(({ per }) => per === 'call');
  const checks = checkCaps(single, bound, null);
  const words = misfit(single, checks, what);
  if (words === null) return;
  const at = checks.findIndex(({ fits }) => !fits);
  const why = bound.openReason === null ? '' : ` (${bound.openReason})`;
  throw new CliError('budget', `${words}${why}; nothing was sent`, {
    code: codeOf(single[at]),
    cap: checks[at],
    next: [...less, moreFor(single[at], checks[at])],
  });
}

/** Whether all caps on single calls allow it; the others are checked right before it is sent. */
export function mayBeAsked(caps: readonly Cap[], bound: Bound): boolean {
  if (worthless(caps, bound) !== undefined) return false;
  const single = caps.filter(({ per }) => per === 'call');
  return checkCaps(single, bound, null).every(({ fits }) => fits);
}

/** The decision at this moment, for a dry run. */
export async function verdictOn(
  caps: readonly Cap[],
  bound: Bound,
  { places, gateway }: Settings,
  deps: Deps,
): Promise<BudgetVerdict> {
  const book = bookOf(places, gateway.id);
  const judged: CapCheck[] = await judge({ caps, bound }, book, deps);
  const name = worthless(caps, bound)?.name;
  const checks = judged.map((check) => (check.name === name ? { ...check, fits: false } : check));
  return {
    fits: checks.every(({ fits }) => fits),
    bound: bound.priceUnknown ? null : bound.amount,
    open: bound.openReason,
    caps: checks,
  };
}

/** The bound of a job without a known price: no known gateway lists the price of one image or video. */
export function unknownBound(what: string): Bound {
  return {
    amount: '0',
    openReason: `the cost of ${what} is not known in advance`,
    priceUnknown: true,
    uncapped: false,
  };
}
