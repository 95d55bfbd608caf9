/** Fetches what a gateway lists: its models, and the public price list beside them. It sends only free requests, which may be retried. */
import type { Deps, Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { asObject, type JsonObject, oneLine } from '../base/json.ts';
import { mergeSettled } from '../base/merge-generators.ts';
import type { Gateway } from '../gateways/types.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { type ModelItem, type ModelKind, readModelItem, readModelList } from '../schemas/models.ts';
import { originOf, type Policy } from '../transport/request.ts';
import type { Catalogue, CatalogueModel } from './catalogue.ts';
import { type FreeRequest, fetchJson } from './get-json.ts';
import { type ModelSource, mergeModels, unitOf } from './merge-models.ts';
import { publicUrl } from './public-url.ts';

type ModelDeps = Pick<Deps, 'clock' | 'random' | 'signal' | 'version'>;

/** All models, with this key (null: the gateway needs none); or only the public ones. */
export type ModelScope = { key: string | null } | 'public';

export interface FetchedModels {
  catalogue: Catalogue;
  /** false: a part failed and may work later, so this list must not be cached. */
  whole: boolean;
}

interface Part extends FreeRequest {
  /** The kind of all its models; null for a list of all kinds. */
  kind: ModelKind | null;
}

/**
 * All lists and the public catalogue, requested in parallel and merged. Yields retries, traces, and a warning for each
 * part that failed or whose prices are read in another unit; throws one `CliError` when the first of them fails.
 */
export async function* fetchModels(
  gateway: Gateway,
  scope: ModelScope,
  policy: Policy,
  fetch: Send,
  deps: ModelDeps,
): AsyncGenerator<OutputEvent, FetchedModels, undefined> {
  const parts = partsOf(gateway, scope);
  // The others get one attempt beside the first: if the host is down, one series of retries is enough.
  const outcomes = yield* mergeSettled(
    parts.map((part, index) =>
      fetchList(part, index === 0 ? policy : { ...policy, maxTries: 1 }, fetch, deps),
    ),
  );
  let whole = true;
  const sources: ModelSource[] = [];
  for (const [index, part] of parts.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') {
      sources.push({ kind: part.kind, items: outcome.value });
      continue;
    }
    const failure: unknown = outcome?.reason;
    if (index === 0 || !(failure instanceof CliError) || failure.isStop) throw failure;
    if (failure.exit === 'not_found') continue;
    const again = failure.retryable ? yield* askAgain(part, failure, policy, fetch, deps) : failure;
    if (Array.isArray(again)) sources.push({ kind: part.kind, items: again });
    else {
      yield { type: 'warning', message: `${part.what} is left out: ${again.message}` };
      // A page of a captive portal, or half a document, is gone soon; a list without prices would refuse capped calls.
      if (again.retryable || again.exit === 'protocol') whole = false;
    }
  }
  // A list of one kind has more details than the list of all.
  sources.sort((a, b) => Number(a.kind === null) - Number(b.kind === null));
  const priced = sources.map((source) => ({
    ...source,
    unit: unitOf(source.items, gateway.priceUnit),
  }));
  if (priced.some(({ unit }) => unit !== gateway.priceUnit))
    yield {
      type: 'warning',
      message: `the prices of ${gateway.label} are too low to be per million tokens; read as per thousand`,
    };
  const models = mergeModels(priced);
  const foreign = models.find((model) => model.currency !== undefined)?.currency;
  if (foreign !== undefined)
    yield {
      type: 'warning',
      message: `${gateway.label} lists prices in ${oneLine(foreign)}, not in USD; they count as unknown`,
    };
  return { catalogue: { baseUrl: gateway.baseUrl, fetchedAt: deps.clock.now(), models }, whole };
}

/** The first one is required; the public catalogue is the last. */
function partsOf({ baseUrl, routes, catalogue }: Gateway, scope: ModelScope): Part[] {
  const priceList = publicUrl(baseUrl, catalogue);
  const prices: Part[] =
    priceList === null
      ? []
      : [{ url: priceList, key: null, what: 'the public catalogue', kind: null }];
  if (scope === 'public' && priceList !== null) return prices;
  const key = scope === 'public' ? null : scope.key;
  const list = (path: string, what: string, kind: ModelKind | null): Part => ({
    url: `${baseUrl}${path}`,
    key,
    what,
    kind,
  });
  return [
    list(routes.models, 'the model list', null),
    ...(routes.imageModels ? [list(routes.imageModels, 'the list of image models', 'image')] : []),
    ...(routes.videoModels ? [list(routes.videoModels, 'the list of video models', 'video')] : []),
    // The price list may be the list itself; then no second request is needed.
    ...prices.filter(({ url }) => url !== `${baseUrl}${routes.models}`),
  ];
}

/** Before a list that failed is requested again; a server may ask for more. */
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2000;

/** The outcome of another series of attempts, after a pause: the list, or the error. A signal is thrown. */
async function* askAgain(
  part: Part,
  first: CliError,
  policy: Policy,
  fetch: Send,
  deps: ModelDeps,
): AsyncGenerator<OutputEvent, ModelItem[] | CliError, undefined> {
  const asked = first.details.retryAfterMs ?? 0;
  const pause = Math.max(asked, PAUSE_MS + deps.random() * (LONGEST_PAUSE_MS - PAUSE_MS));
  const left = (policy.deadlineAt ?? Number.POSITIVE_INFINITY) - deps.clock.monotonic();
  if (asked > policy.maxRetryWaitMs || pause >= left) return first;
  const reason = `${first.message} [${first.exit}]`;
  yield { type: 'retry', attempt: 2, wait_ms: Math.round(pause), model: part.what, reason };
  await deps.clock.sleep(pause, deps.signal);
  try {
    return yield* fetchList(part, { ...policy, maxTries: 2 }, fetch, deps);
  } catch (error) {
    if (error instanceof CliError && !error.isStop) return error;
    throw error;
  }
}

/** A model as the public catalogue has it on a page of its own. */
export interface PublicModel {
  model: CatalogueModel;
  /** As sent, out of its envelope. */
  page: JsonObject;
}

/**
 * One model from the public catalogue; null if it is not listed or the gateway has no catalogue. Throws one `CliError` if
 * the request fails.
 */
export async function* fetchPublicModel(
  gateway: Gateway,
  id: string,
  policy: Policy,
  fetch: Send,
  deps: ModelDeps,
): AsyncGenerator<OutputEvent, PublicModel | null, undefined> {
  const list = publicUrl(gateway.baseUrl, gateway.catalogue);
  if (list === null) return null;
  const url = `${list}/${id.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const what = 'the public catalogue';
    const json = yield* fetchJson({ url, key: null, what }, policy, fetch, deps);
    const page = [asObject(json)?.data, json]
      .map(asObject)
      .find((one) => readModelItem(one) !== null);
    const item = readModelItem(page);
    if (item === null || page == null) return null;
    // In the stated unit: one price is not enough to doubt it.
    const unit = gateway.priceUnit;
    const model = mergeModels([{ items: [{ ...item, id }], kind: null, unit }])[0];
    return model === undefined ? null : { model, page };
  } catch (error) {
    if (error instanceof CliError && error.exit === 'not_found') return null;
    throw error;
  }
}

async function* fetchList(
  part: Part,
  policy: Policy,
  fetch: Send,
  deps: ModelDeps,
): AsyncGenerator<OutputEvent, ModelItem[], undefined> {
  const json = yield* fetchJson(part, policy, fetch, deps);
  const items = readModelList(json);
  const currency = asObject(json)?.currency;
  if (items !== null && currency !== undefined)
    return items.map((item) => ({ ...item, currency: item.currency ?? currency }));
  if (items !== null) return items;
  throw new CliError('protocol', `${originOf(part.url)} sent something that is not a model list`, {
    code: 'bad_list',
    billed: 'no',
  });
}
