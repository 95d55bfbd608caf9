/** Checks the key and whether the gateway accepts it. It sends only free requests, and caches the model list for later calls. */

import type { Deps } from '../../base/deps.ts';
import { type Catalogue, writeCatalogue } from '../../client/catalogue.ts';
import { fetchModels } from '../../client/models.ts';
import { publicUrl } from '../../client/public-url.ts';
import type { Key } from '../../config/keys.ts';
import type { Settings } from '../../config/settings.ts';
import type { Gateway } from '../../gateways/types.ts';
import { connect, findKeyFor } from '../connection.ts';
import type { Found } from './check.ts';
import { withSkews } from './clock.ts';

/** Throws `no_key`. */
export async function checkKey(
  settings: Settings,
  deps: Deps,
): Promise<Found<{ found: Key | null }>> {
  const { gateway } = settings;
  const { key, warnings } = await findKeyFor(settings, deps);
  const source = key === null ? 'none needed' : `from ${key.source}`;
  const isExtra = key !== null && !gateway.keyRequired;
  const detail = isExtra ? `${source}; ${gateway.label} also works without one` : source;
  return { value: { found: key }, detail, warnings };
}

/**
 * Throws one `CliError` when the list cannot be fetched. `skews` collects the clock differences of the responses, `opened` gets the
 * gateway as it is requested.
 */
export async function checkModels(
  settings: Settings,
  key: Key | null,
  skews: number[],
  opened: (gateway: Gateway) => void,
  deps: Deps,
): Promise<Found<Catalogue>> {
  const { gateway, policy, fetch: network, close } = await connect(settings, key, deps);
  opened(gateway);
  const fetch = withSkews(network, skews, () => deps.clock.now());
  try {
    const warnings: string[] = [];
    const fetching = fetchModels(gateway, { key: key?.value ?? null }, policy, fetch, deps);
    let step = await fetching.next();
    for (; !step.done; step = await fetching.next())
      if (step.value.type === 'warning') warnings.push(step.value.message);
    const { catalogue, whole } = step.value;
    // Cached under the configured base URL, because the embedded gateway gets another port each time.
    const stored = { ...catalogue, baseUrl: settings.gateway.baseUrl };
    const problem = whole
      ? await writeCatalogue(settings.places.cache, gateway.id, stored, deps)
      : null;
    if (problem !== null) warnings.push(problem);
    const priced = catalogue.models.filter(({ input }) => input !== null).length;
    const found = `${catalogue.models.length} models, ${priced} with prices`;
    const isUntried = key !== null && hasPublicList(gateway);
    const detail = isUntried
      ? `${found}; the list is public, so a wrong key only fails in a call`
      : found;
    return { value: catalogue, detail, warnings };
  } finally {
    await close();
  }
}

/** Its list of models is its public price list. */
function hasPublicList({ baseUrl, routes, catalogue }: Gateway): boolean {
  return publicUrl(baseUrl, catalogue) === `${baseUrl}${routes.models}`;
}
