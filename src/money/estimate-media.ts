/** What an image or a video cost by list prices, from the usage of its task. Unknown where a price that counts is not listed. */
import type { JsonObject } from '../base/json.ts';
import type { Cost } from '../schemas/common.ts';
import { unknownCost } from './amount.ts';
import { estimateCost } from './estimate.ts';
import type { ListedPrice } from './prices.ts';
import { promptDetails, tokenCounts } from './token-counts.ts';

export function estimateMedia(model: ListedPrice | null, usage: JsonObject): Cost {
  const tokens = tokenCounts(usage);
  if (model === null || tokens === null || (model.others ?? []).length > 0) return unknownCost;
  // The images of an edit cost more than words, and lists have one price for both.
  const images = promptDetails(usage)?.image_tokens;
  return images == null || images === 0 ? estimateCost(model, tokens) : unknownCost;
}
