/** The caps of one paid command: the flag, the config, and what a call can cost. The same for every command; only the bound differs. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type NextStep, type NextSteps, say } from '../base/next-step.ts';
import type { Settings } from '../config/settings.ts';
import { type Bound, type Cap, type CapCheck, checkCaps } from '../money/budget/caps.ts';
import { codeOf, judge, misfit, moreFor } from '../money/budget/reserve.ts';
import type { BudgetVerdict } from '../schemas/common.ts';
import type { OutputEvent } from '../schemas/events.ts';

/** A cap on single calls that this bound makes worthless: the flag when nothing is known, any when the caller asks for what may cost anything. */
function worthless(
  caps: readonly Cap[],
  { priceUnknown: blind, uncapped: loose }: Bound,
): Cap | undefined {
  return caps.find(
    ({ per, name }) => per === 'call' && (loose || (blind && name === '--max-cost')),
  );
}

/** Throws `CliError` budget when a cap on single calls would be kept in name only. */
export function refuseWorthless(caps: readonly Cap[], bound: Bound, next: NextSteps): void {
  const cap = worthless(caps, bound);
  if (cap === undefined) return;
  throw new CliError(
    'budget',
    `${cap.name} cannot be kept: ${bound.openReason}; nothing was sent`,
    {
      code: 'cost_unbounded',
      next: bound.uncapped ? say('leave it out, or limit it') : next,
    },
  );
}

/** Says once why caps are held against less than the call may cost. */
export async function* sayOpen(
  caps: readonly Cap[],
  { openReason: open, amount, priceUnknown: blind }: Bound,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (open === null || caps.length === 0) return;
  const names = caps.map(({ name }) => name).join(', ');
  const message = blind
    ? `${open}, so ${names} cannot count it before it is done`
    : `this call may cost more than the $${amount} that ${names} counts with: ${open}`;
  yield { type: 'warning', message };
}

/** Throws `CliError` budget when a cap on single calls is too low; nothing is reserved. `less`: how to ask for less; [] where nobody can. */
export function refuseCall(
  caps: readonly Cap[],
  bound: Bound,
  what: string,
  less: readonly NextStep[],
): void {
  const single = caps.filter(({ per }) => per === 'call');
  const checks = checkCaps(single, bound, null);
  const words = misfit(single, checks, what);
  if (words !== null)
    throw new CliError('budget', `${words}; nothing was sent`, {
      code: codeOf(single[checks.findIndex(({ fits }) => !fits)]),
      next: [...less, moreFor(single[checks.findIndex(({ fits }) => !fits)])],
    });
}

/** Whether no cap on single calls stands against it; the others are asked when its turn comes. */
export function mayBeAsked(caps: readonly Cap[], bound: Bound): boolean {
  if (worthless(caps, bound) !== undefined) return false;
  const single = caps.filter(({ per }) => per === 'call');
  return checkCaps(single, bound, null).every(({ fits }) => fits);
}

/** What would be decided now, for a dry run. */
export async function verdictOn(
  caps: readonly Cap[],
  bound: Bound,
  { places }: Settings,
  deps: Deps,
): Promise<BudgetVerdict> {
  const judged: CapCheck[] = await judge({ caps, bound }, places, deps);
  const name = worthless(caps, bound)?.name;
  const checks = judged.map((check) => (check.name === name ? { ...check, fits: false } : check));
  return {
    fits: checks.every(({ fits }) => fits),
    bound: bound.priceUnknown ? null : bound.amount,
    open: bound.openReason,
    caps: checks,
  };
}

/** What a job can cost where nobody tells: no gateway that we know lists the price of one picture or video. */
export function unknownBound(what: string): Bound {
  return {
    amount: '0',
    openReason: `nobody tells what ${what} costs before it is made`,
    priceUnknown: true,
    uncapped: false,
  };
}
