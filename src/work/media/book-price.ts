/** Prices a finished job by the free price list, if the gateway did not report its cost. It buys nothing. */
import type { Deps } from '../../base/deps.ts';
import type { Job } from '../../jobs/job.ts';
import { estimateMedia } from '../../money/estimate-media.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { listPrice } from '../list-price.ts';

/** Yields a warning where a budget cannot count the job. */
export async function* bookPrice(
  job: Job,
  { settings, gateway }: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { state, cost, usage, bound, model } = job.record;
  const isBought = state === 'received' || state === 'done';
  if (!isBought || cost.amount !== null) return;
  if (usage !== null) {
    const priced = estimateMedia(await listPrice(model, settings, deps), usage);
    if (priced.amount !== null) {
      const problem = await job.update({ cost: priced });
      if (problem !== null) yield { type: 'warning', message: problem };
      return;
    }
  }
  if (bound === undefined) return;
  const why =
    usage === null
      ? `${gateway.label} reported no usage`
      : `the list has no price for the usage of ${model}`;
  yield {
    type: 'warning',
    message: `the cost is unknown, as ${why}; budgets count $${bound} for it`,
  };
}
