/** The list price of a call that was just made, where the gateway does not report its cost. Never fails the call: without a list the price is null. */
import type { Deps } from '../base/deps.ts';
import { cachedPrice } from '../client/cached-models.ts';
import type { CatalogueModel } from '../client/catalogue.ts';
import type { Settings } from '../config/settings.ts';
import { loadModels } from './model-list.ts';

/** The work is done by then, so a list that does not come is not waited for. */
const LONGEST_MS = 2000;

/** However many calls and jobs of a process ask, a list that came or failed is not fetched again for this long, ms. */
const AGAIN_MS = 60_000;

/** By the files of a process, which all that it does has in common; each call has settings and `Deps` of its own. */
const fetched = new WeakMap<Deps['files'], Map<string, { at: number; done: Promise<void> }>>();

/**
 * From the newest cached list that has it; where none has, the public list is fetched first if it is an hour old or missing,
 * once, in at most 2 s. null: it is not listed.
 */
export async function listPrice(
  model: string,
  settings: Settings,
  deps: Deps,
): Promise<CatalogueModel | null> {
  const { places, gateway, isProxied } = settings;
  const cached = (): Promise<CatalogueModel | null> =>
    cachedPrice(model, places.cache, gateway, deps);
  const known = await cached();
  if (known !== null || gateway.catalogue === null || isProxied) return known;
  await fetchOnce(settings, deps);
  return cached();
}

function fetchOnce(settings: Settings, deps: Deps): Promise<void> {
  const { id, baseUrl } = settings.gateway;
  const lists = fetched.get(deps.files) ?? new Map<string, { at: number; done: Promise<void> }>();
  fetched.set(deps.files, lists);
  const list = `${id} ${baseUrl}`;
  const now = deps.clock.monotonic();
  const known = lists.get(list);
  if (known !== undefined && now - known.at < AGAIN_MS) return known.done;
  const done = fetchList(settings, deps);
  lists.set(list, { at: now, done });
  return done;
}

async function fetchList(settings: Settings, deps: Deps): Promise<void> {
  const end = deps.clock.monotonic() + LONGEST_MS;
  const { timeouts, deadlineAt } = settings;
  const brief = {
    ...settings,
    timeouts: { ...timeouts, totalMs: LONGEST_MS },
    deadlineAt: Math.min(deadlineAt ?? end, end),
  };
  try {
    // Neither a retry nor a list that cannot be cached is worth a line: the cost says whether there is a price.
    for await (const _ of loadModels(brief, { needKey: false, refresh: false }, deps));
  } catch {
    // The cost stays unknown.
  }
}
