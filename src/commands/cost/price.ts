/** The list price of one model, for the estimates. No key, ever: what is public is enough. */

import type { Deps } from '../../base/deps.ts';
import type { Settings } from '../../config/settings.ts';
import type { ListedPrice } from '../../money/prices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { findModel } from '../../work/find-model.ts';
import { loadModels } from '../../work/model-list.ts';

export interface PricedModel extends ListedPrice {
  id: string;
  /** RFC 3339; null where the age of the price is unknown. */
  fetchedAt: string | null;
}

/** `word`: an id, or an alias of the config. `offline`: only the cached list. Throws `not_found`, and what `loadModels` throws. */
export async function* priceOf(
  word: string,
  offline: boolean,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, PricedModel, undefined> {
  const catalogue = yield* loadModels(settings, { needKey: false, refresh: false, offline }, deps);
  const model = yield* findModel(word, catalogue, offline, settings, deps);
  const isListed = catalogue.models.includes(model);
  const moment = isListed ? catalogue.fetchedAt : deps.clock.now();
  const fetchedAt = moment === null ? null : new Date(moment).toISOString();
  return { ...model, fetchedAt };
}
