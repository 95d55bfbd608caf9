/** Everything about the money of a call before it is sent: prices, bounds, caps. What does not fit is refused here, and nothing is sent. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import type { Bound } from '../../money/budget/caps.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import { loadModels } from '../model-list.ts';
import { chatBody } from './body.ts';
import { boundsOf } from './bounds.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** The prices that caps are kept by, asked for when the kept ones are old; null, with a warning, where they cannot be had. */
export async function* findPrices(
  plan: Plan,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue | null, undefined> {
  const wants = { needKey: false, refresh: false };
  try {
    const public_ = yield* loadModels(plan.settings, wants, deps);
    return withMissing(public_, plan.catalogue);
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    yield { type: 'warning', message: `no prices: ${error.message}` };
    return plan.catalogue;
  }
}

/** The prices that are kept on this machine, however old; a dry run asks nobody. */
export async function* findKeptPrices(
  plan: Plan,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue | null, undefined> {
  const wants = { needKey: false, refresh: false, offline: true };
  try {
    return withMissing(yield* loadModels(plan.settings, wants, deps), plan.catalogue);
  } catch (error) {
    if (error instanceof CliError && error.details.code === 'not_cached') return null;
    throw error;
  }
}

/** A list that a key may see can have models that the public one lacks. */
function withMissing(list: Catalogue, other: Catalogue | null): Catalogue {
  const known = new Set(list.models.map(({ id }) => id));
  const more = other?.models.filter(({ id }) => !known.has(id)) ?? [];
  return { ...list, models: [...list.models, ...more] };
}

/** Bounds for every model that may be asked. Yields what is not known; throws `CliError` budget for a cap on single calls that one of them breaks. */
export async function* boundModels(
  plan: Plan,
  options: AskOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  for (const model of plan.models) {
    const bound = boundOn(model, plan, options);
    refuseWorthless(plan.caps, bound, `alltoken models --refresh -g ${plan.gateway.id}`);
    refuseCall(
      plan.caps,
      bound,
      `${model}: this call`,
      bound.openReason === null ? 'allow less with --max-tokens, or ' : '',
    );
    yield* sayOpen(plan.caps, bound);
  }
}

export function boundOn(model: string, plan: Plan, options: AskOptions): Bound {
  const body = chatBody(model, options, plan.parts, plan.gateway);
  return boundsOf(model, body, options, plan).bound;
}
