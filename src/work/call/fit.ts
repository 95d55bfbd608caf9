/** Everything about the money of a call before it is sent: prices, bounds, caps. A call that does not fit is refused here, and nothing is sent. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { type NextStep, stepsOf } from '../../base/next-step.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import type { Settings } from '../../config/settings.ts';
import { leftUnder, leftUnderSingle } from '../../money/budget/left.ts';
import { lessTokens } from '../../money/budget/refusal.ts';
import { bookOf } from '../../money/budget/state.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import { loadModels, refreshStep } from '../model-list.ts';
import { boundsOf, type CallBounds } from './bounds.ts';
import { isLowerable, lower, type PlannedCall } from './lower.ts';
import type { Extras, Terms } from './terms.ts';

/** The request as the caps on single calls allow it. `isBounded`: what it can cost must be known, also without a cap. */
export function planCall(
  model: string,
  body: Record<string, unknown>,
  terms: Terms,
  isBounded: boolean = terms.caps.length > 0,
): PlannedCall {
  const bounds = isBounded ? boundsOf(model, body, terms) : null;
  return lower({ model, body, bounds, lowered: null }, leftUnderSingle(terms.caps), terms);
}

/** The call as all caps allow it at this moment; what others spend may change it. Throws `local_io` where the budget cannot be read. */
export async function fitCall(call: PlannedCall, terms: Terms, deps: Deps): Promise<PlannedCall> {
  const { settings, gateway, caps } = terms;
  if (caps.every(({ per }) => per === 'call') || !isLowerable(call, terms)) return call;
  const book = bookOf(settings.places, gateway.id);
  return lower(call, await leftUnder(caps, book, deps), terms);
}

/** The price list, fetched if the cached one is old: free, and without a key. null, with a warning, if there is none. */
export async function* findPrices(
  settings: Settings,
  catalogue: Catalogue | null,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue | null, undefined> {
  try {
    const wants = { needKey: false, refresh: false };
    return withMissing(yield* loadModels(settings, wants, deps), catalogue);
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    yield { type: 'warning', message: `no prices: ${error.message}` };
    return catalogue;
  }
}

/** The list for a key can have models that the public one lacks. */
function withMissing(list: Catalogue, other: Catalogue | null): Catalogue {
  const known = new Set(list.models.map(({ id }) => id));
  const more = other?.models.filter(({ id }) => !known.has(id)) ?? [];
  return { ...list, models: [...list.models, ...more] };
}

/** Checks every model that may be used against the caps on single calls. Yields warnings for unknown costs; throws `CliError` budget for a model that exceeds them. */
export async function* holdCalls(
  calls: readonly PlannedCall[],
  terms: Terms,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { caps, gateway, extras } = terms;
  if (caps.length === 0) return;
  for (const call of calls) {
    const { model, bounds, lowered } = call;
    if (bounds === null) continue;
    const { bound } = bounds;
    refuseWorthless(caps, bound, bound.uncapped ? limitStep(bounds, extras) : refreshStep(gateway));
    const length = lowered === null ? '' : `, with an answer of ${lowered.maxTokens} tokens,`;
    refuseCall(caps, bound, `${model}: this call${length}`, shorterSteps(call));
    if (bound.openReason === null) continue;
    // A cap on a period may give the answer the limit that it lacks here.
    const fitted = await fitCall(call, terms, deps);
    yield* sayOpen(caps, fitted.bounds?.bound ?? bound);
  }
}

/** What gives a limit to a call that has none. */
function limitStep({ tokens }: CallBounds, { thinking }: Extras): NextStep {
  if (tokens.completion_max !== null) return { do: 'leave-out', flag: '--param' };
  const why = 'limit the tokens';
  return thinking === true
    ? { do: 'set-flag', flag: '--thinking', fill: '<tokens>', why }
    : { do: 'set-flag', flag: '--max-tokens', fill: '<tokens>', why };
}

/** A refusal that names the number of tokens which is still paid for, beside the other ways out of it. */
export function exactly(refusal: CliError, fitted: PlannedCall): CliError {
  if (fitted.lowered === null) return refusal;
  const others = stepsOf(refusal.details.next).filter(
    (step) => step.do !== 'set-flag' || step.flag !== lessTokens.flag,
  );
  return refusal.changed({ next: [...shorterSteps(fitted), ...others] });
}

/** How to pay for less; [] where the prompt alone is too dear, or the length of the answer does not decide. */
function shorterSteps({ bounds, lowered }: PlannedCall): NextStep[] {
  if (lowered === null) return bounds?.bound.openReason === null ? [lessTokens] : [];
  return lowered.payable === 0 ? [] : [{ ...lessTokens, value: String(lowered.payable) }];
}
