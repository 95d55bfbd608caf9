/** Everything about the money of a call before it is sent: prices, bounds, caps. A call that does not fit is refused here, and nothing is sent. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { type NextStep, stepsOf } from '../../base/next-step.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import type { Settings } from '../../config/settings.ts';
import { decimal } from '../../money/budget/caps.ts';
import { leftUnder, leftUnderSingle } from '../../money/budget/left.ts';
import { lessTokens } from '../../money/budget/refusal.ts';
import { bookOf } from '../../money/budget/state.ts';
import { type Decimal, minus, notBelowZero, plus } from '../../money/decimal.ts';
import type { CapCheck } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import { loadModels, priceSteps } from '../model-list.ts';
import { boundsOf, type CallBounds } from './bounds.ts';
import { isLowerable, lower, type PlannedCall, payableIn } from './lower.ts';
import type { Extras, Pricing, Terms } from './terms.ts';

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
    refuseWorthless(caps, bound, bound.uncapped ? limitStep(bounds, extras) : priceSteps(gateway));
    const length = lowered === null ? '' : `, with an answer of ${lowered.maxTokens} tokens,`;
    try {
      refuseCall(caps, bound, `${model}: this call${length}`, [lessTokens]);
    } catch (error) {
      throw error instanceof CliError ? exactly(error, call, terms) : error;
    }
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
    ? { do: 'set-flag', flag: '--thinking', value: '4096', why }
    : { do: 'set-flag', flag: '--max-tokens', value: '4096', why };
}

/** A refusal that names the number of tokens which is still paid for, or that none is, beside the other ways out of it. */
export function exactly(refusal: CliError, fitted: PlannedCall, pricing: Pricing): CliError {
  const { cap, next } = refusal.details;
  const isOpen = fitted.bounds?.bound.openReason != null;
  const payable =
    fitted.lowered?.payable ??
    (cap === undefined || isOpen ? null : payableIn(roomUnder(cap), fitted, pricing));
  const others = stepsOf(next).filter(
    (step) => step.do !== 'set-flag' || step.flag !== lessTokens.flag,
  );
  if (payable === null) return isOpen ? refusal.changed({ next: others }) : refusal;
  return payable === 0
    ? refusal.changed({ next: others }, `${refusal.message}; no answer fits, however short`)
    : refusal.changed({ next: [{ ...lessTokens, value: String(payable) }, ...others] });
}

/** USD that calls which run now leave. */
function roomUnder({ limit, spent, reserved, unsettled }: CapCheck): Decimal {
  const used = [spent, reserved, unsettled].map((amount) => decimal(amount ?? '0')).reduce(plus);
  return notBelowZero(minus(decimal(limit), used));
}
