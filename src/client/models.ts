/** Fetches the model list of a gateway, and the public price list beside it. Free requests: they may be sent again. */
import type { Deps, Fetch } from '../deps.ts';
import { CliError, SignalReceived } from '../errors.ts';
import type { Gateway } from '../gateways/types.ts';
import { perMillion } from '../money/estimate.ts';
import { type ModelItem, modelListSchema } from '../schemas/models.ts';
import { errorInJson } from '../transport/error-body.ts';
import { originOf, type Policy, sendRequest } from '../transport/request.ts';
import { detailsOf, exitForInnerError } from '../transport/verdict.ts';
import type { Catalogue, CatalogueModel } from './catalogue.ts';

const MAX_BYTES = 32 * 1024 * 1024;

type ModelDeps = Pick<Deps, 'clock' | 'random' | 'signal' | 'version'>;

/** Ids from `/models` with the key, prices from the catalogue without it. Throws one `CliError`; a missing catalogue only costs the prices. */
export async function fetchModels(
  gateway: Gateway,
  key: string | null,
  policy: Policy,
  fetch: Fetch,
  deps: ModelDeps,
): Promise<Catalogue> {
  const list = await fetchList(
    `${gateway.baseUrl}${gateway.routes.models ?? '/models'}`,
    key,
    policy,
    fetch,
    deps,
  );
  const priced = gateway.catalogue === null ? [] : await fetchPrices(gateway, policy, fetch, deps);
  const prices = new Map(priced.map((item) => [item.id, item]));
  const models: CatalogueModel[] = [];
  for (const item of list) models.push(await toModel(prices.get(item.id) ?? item, gateway));
  return { baseUrl: gateway.baseUrl, models };
}

async function fetchPrices(
  gateway: Gateway,
  policy: Policy,
  fetch: Fetch,
  deps: ModelDeps,
): Promise<ModelItem[]> {
  const { catalogue, baseUrl } = gateway;
  if (catalogue === null || !baseUrl.endsWith(catalogue.replace)) return [];
  const url = `${baseUrl.slice(0, -catalogue.replace.length)}${catalogue.by}`;
  try {
    return await fetchList(url, null, policy, fetch, deps);
  } catch (error) {
    if (error instanceof CliError && error.exitCode < 100) return [];
    throw error;
  }
}

async function toModel(item: ModelItem, gateway: Gateway): Promise<CatalogueModel> {
  const input = item.pricing?.prompt ?? item.input_price ?? item.prompt_price;
  const output = item.pricing?.completion ?? item.output_price ?? item.completion_price;
  return {
    id: item.id,
    input: await perMillion(input, gateway.priceUnit),
    output: await perMillion(output, gateway.priceUnit),
  };
}

async function fetchList(
  url: string,
  key: string | null,
  policy: Policy,
  fetch: Fetch,
  deps: ModelDeps,
): Promise<ModelItem[]> {
  const headers = {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    accept: 'application/json',
    'user-agent': `alltoken-cli/${deps.version}`,
  };
  const json = await fetchJson(url, headers, policy, fetch, deps);
  const parsed = modelListSchema.safeParse(json);
  if (parsed.success) return parsed.data.data;
  const error = errorInJson(json, 200);
  if (error)
    throw new CliError(exitForInnerError(error), error.message, detailsOf(error, { billed: 'no' }));
  throw new CliError('protocol', `${originOf(url)} sent something that is no model list`, {
    code: 'bad_list',
    billed: 'no',
  });
}

async function fetchJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  policy: Policy,
  fetch: Fetch,
  deps: ModelDeps,
): Promise<unknown> {
  const sending = sendRequest({ method: 'GET', url, headers, paid: false }, policy, fetch, deps);
  let step = await sending.next();
  while (!step.done) step = await sending.next();
  const reply = step.value;
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of reply.chunks()) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      parts.push(chunk);
    }
    return JSON.parse(new TextDecoder().decode(Buffer.concat(parts))) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || size > MAX_BYTES)
      throw new CliError('protocol', `${originOf(url)} sent something that is not JSON`, {
        code: 'bad_json',
        billed: 'no',
      });
    if (error instanceof SignalReceived) throw error;
    throw new CliError('network', `the reply of ${originOf(url)} broke off`, {
      code: 'cut_reply',
      cause: error,
    });
  } finally {
    reply.watch.stop();
  }
}
