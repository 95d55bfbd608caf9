/** The model list for a command: from the cache while it is fresh, else from the gateway, else from a stale cache. It never buys anything. */

import type { Deps } from '../base/deps.ts';
import { CliError, type ExitName } from '../base/errors.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { ageWords, isFresh, newer, readCached } from '../client/cached-models.ts';
import { type Catalogue, writeCatalogue } from '../client/catalogue.ts';
import type { FetchedModels, ModelScope } from '../client/models.ts';
import { publicUrl } from '../client/public-url.ts';
import type { Settings } from '../config/settings.ts';
import { abilities } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { keyFor, withGateway } from './connection.ts';
import { errorWithoutKey, withoutKey } from './redact-key.ts';

export interface ModelWants {
  /** All models of the key; false: only the public ones, and no key is read. */
  needKey: boolean;
  /** Ask the gateway even if the cache is fresh. */
  refresh: boolean;
  /** false: a list that was fetched is not cached. */
  keep?: boolean;
  /** Never ask it: use the cached list, however old. */
  offline?: boolean;
}

/** Failures for which a stale list is used; protocol: the page of a captive portal, for example. A refused key is not one. */
const outOfReach: readonly ExitName[] = [
  'network',
  'timeout',
  'upstream',
  'rate_limited',
  'protocol',
];

/**
 * Yields warnings and retries. Throws `no_key` when a key is needed and there is neither a key nor a public list; `usage` when it
 * must stay offline and nothing is cached; else the failure of the request. `settings.notes` are the caller's to show.
 */
export async function* loadModels(
  settings: Settings,
  wants: ModelWants,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue, undefined> {
  const { places, gateway } = settings;
  const cached = await readCached(places.cache, gateway, deps);
  const newest = newer(cached.all, cached.public, deps);
  if (wants.offline) {
    if (newest === null) throw nothingKept(settings);
    if (!isFresh(newest, deps))
      yield { type: 'status', message: `the model list is ${ageWords(newest, deps)}` };
    return newest;
  }
  if (!wants.refresh) {
    const fresh = wants.needKey ? [cached.all] : [cached.all, cached.public];
    const young = fresh.find((list) => list !== null && isFresh(list, deps));
    if (young) return young;
  }
  try {
    return yield* fetchAndKeep(settings, wants, newest !== null, deps);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (newest === null || !outOfReach.includes(error.exit)) throw error;
    const age = ageWords(newest, deps);
    yield { type: 'warning', message: `${error.message}; the cached list is ${age}` };
    return newest;
  }
}

async function* fetchAndKeep(
  settings: Settings,
  wants: ModelWants,
  hasKept: boolean,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue, undefined> {
  const access = yield* accessOf(settings, wants, deps);
  const { catalogue, whole } = yield* fetchNow(settings, access, hasKept && !wants.refresh, deps);
  if (whole && wants.keep !== false) {
    const part = access.scope === 'public' ? 'public' : 'all';
    const { cache } = settings.places;
    const problem = await writeCatalogue(cache, settings.gateway.id, catalogue, deps, part);
    if (problem !== null) yield { type: 'warning', message: problem };
  }
  return catalogue;
}

interface Access {
  scope: ModelScope;
  keySource: string | null;
  /** The error of the missing key; null: there is a key, or none is needed. */
  missing: CliError | null;
}

/** Without a key only the public list is used, if there is one. */
async function* accessOf(
  settings: Settings,
  { needKey }: ModelWants,
  deps: Deps,
): AsyncGenerator<OutputEvent, Access, undefined> {
  const { gateway } = settings;
  const scope = gateway.keyRequired ? 'public' : { key: null };
  if (!needKey) return { scope, keySource: null, missing: null };
  try {
    const key = yield* keyFor(settings, deps);
    return { scope: { key: key?.value ?? null }, keySource: key?.source ?? null, missing: null };
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'missing_key') throw error;
    if (publicUrl(gateway.baseUrl, gateway.catalogue) === null) throw error;
    yield {
      type: 'warning',
      message: `${error.message}; this is the public catalogue, which may lack models`,
    };
    return { scope: 'public', keySource: null, missing: error };
  }
}

/** `impatient`: there is a list to fall back on, so one try is enough. */
async function* fetchNow(
  settings: Settings,
  { scope, keySource, missing }: Access,
  impatient: boolean,
  deps: Deps,
): AsyncGenerator<OutputEvent, FetchedModels, undefined> {
  const { fetchModels } = await import('../client/models.ts');
  const key = scope === 'public' ? null : scope.key;
  try {
    const fetching = withGateway(settings, keySource, deps, ({ gateway, policy, fetch }) =>
      fetchModels(gateway, scope, impatient ? { ...policy, maxTries: 1 } : policy, fetch, deps),
    );
    let step = await fetching.next();
    for (; !step.done; step = await fetching.next()) yield withoutKey(step.value, key);
    // Cached under the configured base URL, because the embedded gateway gets another port each time.
    const catalogue = { ...step.value.catalogue, baseUrl: settings.gateway.baseUrl };
    return { ...step.value, catalogue };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (scope === 'public' && isNotPublic(error, missing)) throw notPublic(settings, missing);
    throw errorWithoutKey(error, key);
  }
}

/** The command that fetches the list again. */
function refreshStep({ id }: Pick<Gateway, 'id'>): NextStep {
  return runStep(['models', '--refresh', '-g', id]);
}

/** Where the price of a model is not known: a new list may have it, if the gateway publishes prices at all. */
export function priceSteps(gateway: Gateway): NextStep[] {
  return abilities.prices(gateway) ? [refreshStep(gateway)] : [];
}

function nothingKept({ gateway }: Settings): CliError {
  return new CliError('usage', `no model list of ${gateway.label} is cached on this machine`, {
    code: 'not_cached',
    next: refreshStep(gateway),
  });
}

/** If a key is needed, a public list that is not found counts as not accessible. */
function isNotPublic({ exit }: CliError, missing: CliError | null): boolean {
  return exit === 'auth' || exit === 'forbidden' || (exit === 'not_found' && missing !== null);
}

/** `missing`: the error of the missing key; then the next step is to set it. */
function notPublic({ gateway }: Settings, missing: CliError | null): CliError {
  return new CliError('no_key', `${gateway.label} needs a key to list its models and prices`, {
    code: 'missing_key',
    next: missing?.details.next ?? refreshStep(gateway),
  });
}
