/** The model list for a command: from the cache while it is young, else from the gateway, else from the cache all the same. Free, always. */

import type { Deps, Send } from '../base/deps.ts';
import { CliError, type ExitName } from '../base/errors.ts';
import { ageWords, isFresh, newer, readCached } from '../client/cached-models.ts';
import { type Catalogue, writeCatalogue } from '../client/catalogue.ts';
import type { FetchedModels, ModelScope } from '../client/models.ts';
import { publicUrl } from '../client/public-url.ts';
import { findKey } from '../config/keys.ts';
import type { Settings } from '../config/settings.ts';
import type { Gateway } from '../gateways/types.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy } from '../transport/request.ts';
import { openGateway } from './open-gateway.ts';
import { errorWithoutKey, withoutKey } from './redact-key.ts';

export interface ModelWants {
  /** All that the key may use; false: only what is public, and no key is looked for. */
  needKey: boolean;
  /** Ask the gateway even if the list is young. */
  refresh: boolean;
  /** Never ask it: the list that is kept, however old. */
  offline?: boolean;
}

/** Trouble that a kept list helps against; protocol: the page of a portal, say. A refused key is not among it. */
const outOfReach: readonly ExitName[] = [
  'network',
  'timeout',
  'upstream',
  'rate_limited',
  'protocol',
];

/**
 * Yields warnings and retries. Throws `no_key` when a key is needed and there is none, nor a public list; `usage` when it
 * must stay offline and nothing is kept; else the failure of the request. `settings.notes` are the caller's to show.
 */
export async function* loadModels(
  settings: Settings,
  wants: ModelWants,
  deps: Deps,
): AsyncGenerator<OutputEvent, Catalogue, undefined> {
  const { places, gateway } = settings;
  const kept = await readCached(places.cache, gateway, deps);
  const newest = newer(kept.all, kept.public);
  if (wants.offline) {
    if (newest === null) throw nothingKept(settings);
    if (!isFresh(newest, deps))
      yield { type: 'status', message: `the model list is ${ageWords(newest, deps)} old` };
    return newest;
  }
  if (!wants.refresh) {
    const fresh = wants.needKey ? [kept.all] : [kept.all, kept.public];
    const young = fresh.find((list) => list !== null && isFresh(list, deps));
    if (young) return young;
  }
  try {
    return yield* fetchAndKeep(settings, wants, newest !== null, deps);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (newest === null || !outOfReach.includes(error.exit)) throw error;
    const age = ageWords(newest, deps);
    yield { type: 'warning', message: `${error.message}; the list is ${age} old` };
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
  if (whole) {
    const part = access.scope === 'public' ? 'public' : 'all';
    const { cache } = settings.places;
    const problem = await writeCatalogue(cache, settings.gateway.id, catalogue, deps, part);
    if (problem !== null) yield { type: 'warning', message: problem };
  }
  return catalogue;
}

interface Access {
  scope: ModelScope;
  /** What was said of the key that is wanted and is not there; null: there is one, or none is looked for. */
  missing: CliError | null;
}

/** A missing key leaves the public list, where there is one. */
async function* accessOf(
  settings: Settings,
  { needKey }: ModelWants,
  deps: Deps,
): AsyncGenerator<OutputEvent, Access, undefined> {
  const { gateway, gatewayConfig, ownBaseUrl } = settings;
  if (!needKey) return { scope: gateway.keyRequired ? 'public' : { key: null }, missing: null };
  try {
    const target = { baseUrl: gateway.baseUrl, ownBaseUrl };
    const { key, warnings } = await findKey(deps, gateway, gatewayConfig, target);
    for (const message of warnings) yield { type: 'warning', message };
    return { scope: { key: key?.value ?? null }, missing: null };
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'missing_key') throw error;
    if (publicUrl(gateway.baseUrl, gateway.catalogue) === null) throw error;
    yield {
      type: 'warning',
      message: `${error.message}; this is the public catalogue, which may lack models`,
    };
    return { scope: 'public', missing: error };
  }
}

/** `impatient`: there is a list to fall back on, so that one try is enough. */
async function* fetchNow(
  settings: Settings,
  { scope, missing }: Access,
  impatient: boolean,
  deps: Deps,
): AsyncGenerator<OutputEvent, FetchedModels, undefined> {
  const { fetchModels } = await import('../client/models.ts');
  const key = scope === 'public' ? null : scope.key;
  try {
    const fetching = askGateway(settings, deps, (gateway, policy, fetch) =>
      fetchModels(gateway, scope, impatient ? { ...policy, maxTries: 1 } : policy, fetch, deps),
    );
    let step = await fetching.next();
    for (; !step.done; step = await fetching.next()) yield withoutKey(step.value, key);
    // Under the base URL that a later call will have; the embedded one gets another port each time.
    const catalogue = { ...step.value.catalogue, baseUrl: settings.gateway.baseUrl };
    return { ...step.value, catalogue };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (scope === 'public' && isNotPublic(error, missing)) throw notPublic(settings, missing);
    throw errorWithoutKey(error, key);
  }
}

/** Opens the gateway for free requests, and closes it when they are done. */
export async function* askGateway<T>(
  settings: Settings,
  deps: Deps,
  ask: (gateway: Gateway, policy: Policy, fetch: Send) => AsyncGenerator<OutputEvent, T, undefined>,
): AsyncGenerator<OutputEvent, T, undefined> {
  const { timeouts, maxRetryWaitMs, deadlineAt } = settings;
  const fetch = await deps.openNetwork({ connectTimeoutMs: timeouts.connectMs });
  const opened = await openGateway(settings.gateway, deps);
  try {
    return yield* ask(opened.gateway, { timeouts, maxRetryWaitMs, deadlineAt }, fetch);
  } finally {
    await opened.close();
  }
}

function nothingKept({ gateway }: Settings): CliError {
  return new CliError('usage', `no model list of ${gateway.label} is kept on this machine`, {
    code: 'not_cached',
    hint: `alltoken models --refresh -g ${gateway.id}`,
  });
}

/** Where a key is wanted, a public list that does not exist is one that cannot be seen. */
function isNotPublic({ exit }: CliError, missing: CliError | null): boolean {
  return exit === 'auth' || exit === 'forbidden' || (exit === 'not_found' && missing !== null);
}

/** `missing`: the key was looked for, so that the next step is to set it. */
function notPublic({ gateway }: Settings, missing: CliError | null): CliError {
  return new CliError('no_key', `${gateway.label} lists its models and prices only with a key`, {
    code: 'missing_key',
    hint: missing?.details.hint ?? `alltoken models --refresh -g ${gateway.id}`,
  });
}
