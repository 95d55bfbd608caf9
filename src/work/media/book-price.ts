/** Prices a finished job by the free price list, if the gateway did not report its cost. It buys nothing. */

import type { Deps } from '../../base/deps.ts';
import { lossOf } from '../../base/loss.ts';
import type { Job } from '../../jobs/job.ts';
import { estimateMedia, whyUnpriced } from '../../money/estimate-media.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { listPrice } from '../list-price.ts';

/** Yields a warning where the cost stays unknown though the model is listed, or where a budget cannot count the job. */
export async function* bookPrice(
  job: Job,
  { settings, gateway }: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { state, cost, usage, bound, model } = job.record;
  const isBought = state === 'received' || state === 'done';
  if (!isBought || cost.amount !== null) return;
  let why: string | null = null;
  if (usage !== null) {
    const listed = await listPrice(model, settings, deps);
    const priced = estimateMedia(listed, usage);
    if (priced.amount !== null) {
      const problem = await job.update({ cost: priced });
      if (problem !== null) yield lossOf('journal', problem);
      return;
    }
    why = whyUnpriced(model, listed, usage);
  }
  if (bound === undefined && why === null) return;
  why ??=
    usage === null
      ? `${gateway.label} reported no usage`
      : `the list has no price for the usage of ${model}`;
  const counted =
    bound === undefined
      ? ''
      : bound === '0'
        ? '; budgets cannot count it'
        : `; budgets count $${bound} for it`;
  yield { type: 'warning', message: `the cost is unknown, as ${why}${counted}` };
}
