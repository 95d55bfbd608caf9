/** The list price of a call that was just made, where the gateway does not report its cost. Never fails the call: without a list the price is null. */
import type { Deps } from '../base/deps.ts';
import { cachedPrice, isPriced } from '../client/cached-models.ts';
import type { Catalogue, CatalogueModel } from '../client/catalogue.ts';
import type { Settings } from '../config/settings.ts';
import { loadModels } from './model-list.ts';

/** The work is done by then, so a list that does not come is not waited for. */
const LONGEST_MS = 2000;

/** However many calls and jobs of a process ask, a list that came or failed is not fetched again for this long, ms. */
const AGAIN_MS = 60_000;

/** By the files of a process, which all that it does has in common; each call has settings and `Deps` of its own. */
const fetched = new WeakMap<Deps['files'], Map<string, Fetched>>();

interface Fetched {
  at: number;
  list: Promise<Catalogue | null>;
}

/**
 * From the newest cached list that has it; where none has, the public list is fetched first if it is an hour old or missing,
 * once, in at most 2 s; behind a proxy through it. null: it is not listed.
 */
export async function listPrice(
  model: string,
  settings: Settings,
  deps: Deps,
): Promise<CatalogueModel | null> {
  const { places, gateway } = settings;
  const known = await cachedPrice(model, places.cache, gateway, deps);
  if (known !== null || gateway.catalogue === null) return known;
  const list = await fetchOnce(settings, deps);
  const listed = list?.models.find(({ id }) => id === model);
  return listed !== undefined && isPriced(listed) ? listed : null;
}

function fetchOnce(settings: Settings, deps: Deps): Promise<Catalogue | null> {
  const { id, baseUrl } = settings.gateway;
  const lists = fetched.get(deps.files) ?? new Map<string, Fetched>();
  fetched.set(deps.files, lists);
  const name = `${id} ${baseUrl}`;
  const now = deps.clock.monotonic();
  const known = lists.get(name);
  if (known !== undefined && now - known.at < AGAIN_MS) return known.list;
  const list = fetchList(settings, deps);
  lists.set(name, { at: now, list });
  return list;
}

async function fetchList(settings: Settings, deps: Deps): Promise<Catalogue | null> {
  const end = deps.clock.monotonic() + LONGEST_MS;
  const { timeouts, deadlineAt, isProxied } = settings;
  const brief = {
    ...settings,
    timeouts: { ...timeouts, totalMs: LONGEST_MS },
    deadlineAt: Math.min(deadlineAt ?? end, end),
  };
  // The address of a proxy is soon gone, and its list would take the place of the gateway's own.
  const wants = { needKey: false, refresh: false, keep: !isProxied };
  try {
    // Neither a retry nor a list that cannot be cached is worth a line: the cost says whether there is a price.
    const loading = loadModels(brief, wants, deps);
    let step = await loading.next();
    while (!step.done) step = await loading.next();
    return step.value;
  } catch {
    return null; // the cost stays unknown
  }
}
