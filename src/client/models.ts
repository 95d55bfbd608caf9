/** Fetches the model list of a gateway, and the public price list beside it. Free requests: they may be sent again. */
import type { Deps, Fetch } from '../deps.ts';
import { CliError } from '../errors.ts';
import type { Gateway } from '../gateways/types.ts';
import { perMillion } from '../money/estimate.ts';
import { type ModelItem, modelListSchema } from '../schemas/models.ts';
import { originOf, type Policy } from '../transport/request.ts';
import type { Catalogue, CatalogueModel } from './catalogue.ts';
import { requestJson } from './json-reply.ts';

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
  const request = { method: 'GET' as const, url, headers, paid: false };
  const reading = requestJson(request, policy, 'the model list', fetch, deps);
  let step = await reading.next();
  while (!step.done) step = await reading.next();
  const { json } = step.value;
  const parsed = modelListSchema.safeParse(json);
  if (parsed.success) return parsed.data.data;
  throw new CliError('protocol', `${originOf(url)} sent something that is no model list`, {
    code: 'bad_list',
    billed: 'no',
  });
}
