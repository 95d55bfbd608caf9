/** Prices a finished job under a budget by the free price list, if the gateway did not report its cost. It sends no other request. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { cachedPrice } from '../../client/cached-models.ts';
import type { Job } from '../../jobs/job.ts';
import { estimateMedia } from '../../money/estimate-media.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { loadModels } from '../model-list.ts';

/** Yields a warning where a budget cannot count the job; throws only signals. */
export async function* bookPrice(
  job: Job,
  { settings, gateway }: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { state, cost, usage, bound, model } = job.record;
  const isBought = state === 'received' || state === 'done';
  if (!isBought || cost.amount !== null || bound === undefined) return;
  if (usage !== null) {
    try {
      yield* loadModels(settings, { needKey: false, refresh: false }, deps);
    } catch (error) {
      if (!(error instanceof CliError) || error.isStop) throw error;
    }
    const listed = await cachedPrice(model, settings.places.cache, settings.gateway, deps);
    const priced = estimateMedia(listed, usage);
    if (priced.amount !== null) {
      const problem = await job.update({ cost: priced });
      if (problem !== null) yield { type: 'warning', message: problem };
      return;
    }
  }
  const why =
    usage === null
      ? `${gateway.label} reported no usage`
      : `the list has no price for the usage of ${model}`;
  yield {
    type: 'warning',
    message: `the cost is unknown, as ${why}; budgets count $${bound} for it`,
  };
}
