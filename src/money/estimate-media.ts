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
  return hasImages(usage) ? unknownCost : estimateCost(model, tokens);
}

/** Why it is unknown, after "as"; null: the model is in no list. */
export function whyUnpriced(name: string, model: ListedPrice | null, usage: JsonObject) {
  if (model === null) return null;
  const others = model.others ?? [];
  if (others.length > 0)
    return `the listed price of ${others.join(', ')} of ${name} is not counted`;
  return hasImages(usage)
    ? `the list has no price for the images that ${name} was given`
    : `the list has no price for the usage of ${name}`;
}

/** The images of an edit cost more than words, and lists have one price for both. */
function hasImages(usage: JsonObject): boolean {
  const images = promptDetails(usage)?.image_tokens;
  return images != null && images !== 0;
}
