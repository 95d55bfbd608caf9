/** Everything about the money of a call before it is sent: prices, bounds, caps. A call that does not fit is refused here, and nothing is sent. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import { lessTokens } from '../../money/budget/refusal.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import { loadModels, refreshStep } from '../model-list.ts';
import { chatBody } from './body.ts';
import { boundsOf, type CallBounds } from './bounds.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** One model's request, built once, and its cost limit if a cap or a dry run needs it. */
export interface PlannedCall {
  readonly model: string;
  readonly body: Record<string, unknown>;
  readonly bounds: CallBounds | null;
}

/** For the model and each fallback, in their order. Throws `CliError` usage for a `--param` that a flag has set. */
export function planCalls(
  { models, parts, gateway, caps }: Plan,
  prices: Catalogue | null,
  options: AskOptions,
): readonly PlannedCall[] {
  const isBounded = caps.length > 0 || options.dryRun === true;
  return models.map((model) => {
    const body = chatBody(model, options, parts, gateway);
    const bounds = isBounded ? boundsOf(model, body, options, parts, prices) : null;
    return { model, body, bounds };
  });
}

/** The price list, fetched if caps or a dry run need it and the cached one is old: free, and without a key. null, with a warning, if there is none. */
export async function* findPrices(
  { settings, catalogue, caps }: Plan,
  { dryRun }: AskOptions,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue | null, undefined> {
  if (dryRun !== true && caps.length === 0) return catalogue;
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
  { caps, gateway }: Plan,
  calls: readonly PlannedCall[],
): AsyncGenerator<OutputEvent, void, undefined> {
  if (caps.length === 0) return;
  for (const { model, bounds } of calls) {
    if (bounds === null) continue;
    const { bound } = bounds;
    refuseWorthless(caps, bound, refreshStep(gateway));
    refuseCall(caps, bound, `${model}: this call`, bound.openReason === null ? [lessTokens] : []);
    yield* sayOpen(caps, bound);
  }
}
