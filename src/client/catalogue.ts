/** The cached model list of a gateway: its ids and prices. It reads and writes the cache; fetching is `models.ts`. */
import type { Deps } from '../base/deps.ts';
import { asObject, asText, asTexts, type JsonObject } from '../base/json.ts';
import type { ListedPrice } from '../money/prices.ts';
import type { ModelKind } from '../schemas/models.ts';
import { asModelKind } from './model-kind.ts';

export interface CatalogueModel extends ListedPrice {
  id: string;
  /** null in a cache of an older version. */
  kind: ModelKind | null;
  /** The display name; null if the gateway has none. */
  name: string | null;
  description: string | null;
  /** Tokens of prompt and answer together. */
  context: number | null;
  /** Most tokens of an answer. */
  max_output: number | null;
  input_modalities: string[] | null;
  output_modalities: string[] | null;
  /** What a video model accepts, as the gateway sent it: hints, not rules. */
  capabilities: JsonObject | null;
}

export interface Catalogue {
  /** The list is valid for this base URL only. */
  baseUrl: string;
  /** Milliseconds since 1970, UTC; null in a cache of an older version. */
  fetchedAt: number | null;
  models: CatalogueModel[];
}

/** Larger files are neither read nor written. */
const MAX_BYTES = 8 * 1024 * 1024;

type CacheDeps = Pick<Deps, 'files' | 'path'>;

/** all: the models of a key; public: only the catalogue, which may lack models. */
export type CataloguePart = 'all' | 'public';

const filePrefix: Readonly<Record<CataloguePart, string>> = { all: 'models', public: 'public' };

function fileOf(
  directory: string,
  gatewayId: string,
  part: CataloguePart,
  deps: CacheDeps,
): string {
  const { join } = deps.path;
  return join(directory, `${filePrefix[part]}-${gatewayId}.json`);
}

/** Null when nothing valid is cached for this gateway at this base URL. */
export async function readCatalogue(
  directory: string,
  gatewayId: string,
  baseUrl: string,
  deps: CacheDeps,
  part: CataloguePart = 'all',
): Promise<Catalogue | null> {
  try {
    const bytes = await deps.files.read(fileOf(directory, gatewayId, part, deps), MAX_BYTES);
    const json = asObject(JSON.parse(new TextDecoder().decode(bytes)));
    if (!json || json.base_url !== baseUrl || !Array.isArray(json.models)) return null;
    const fetchedAt = typeof json.fetched_at === 'number' ? json.fetched_at : null;
    return { baseUrl, fetchedAt, models: json.models.flatMap(readModel) };
  } catch {
    return null; // a missing or damaged cache counts as none
  }
}

function readModel(item: unknown): CatalogueModel[] {
  const model = asObject(item);
  const id = asText(model?.id);
  if (model === null || id === null) return [];
  const whole = (value: unknown): number | null =>
    Number.isSafeInteger(value) ? Number(value) : null;
  return [
    {
      id,
      kind: asModelKind(model.kind),
      name: asText(model.name),
      description: asText(model.description),
      input: asText(model.input),
      output: asText(model.output),
      cached_input: asText(model.cached_input),
      ...morePrices(model),
      context: whole(model.context),
      max_output: whole(model.max_output),
      input_modalities: asTexts(model.input_modalities),
      output_modalities: asTexts(model.output_modalities),
      capabilities: asObject(model.capabilities),
    },
  ];
}

const moreRates = ['cache_write', 'cache_write_long', 'reasoning', 'request'] as const;

function morePrices(model: JsonObject): Omit<ListedPrice, 'input' | 'output' | 'cached_input'> {
  const rates = (from: JsonObject, names: readonly string[]): object =>
    Object.fromEntries(
      names.flatMap((name) => (asText(from[name]) === null ? [] : [[name, from[name]]])),
    );
  const tiers = (Array.isArray(model.tiers) ? model.tiers : []).flatMap((value: unknown) => {
    const tier = asObject(value);
    if (tier === null || !Number.isSafeInteger(tier.from)) return [];
    const names = ['input', 'output', 'cached_input', ...moreRates];
    return [{ ...rates(tier, names), from: Number(tier.from) }];
  });
  const others = asTexts(model.others) ?? [];
  const currency = asText(model.currency);
  return {
    ...rates(model, moreRates),
    ...(tiers.length > 0 && { tiers }),
    ...(others.length > 0 && { others }),
    ...(currency !== null && { currency }),
  };
}

/** Returns null, or why it was not cached. */
export async function writeCatalogue(
  directory: string,
  gatewayId: string,
  catalogue: Catalogue,
  deps: CacheDeps,
  part: CataloguePart = 'all',
): Promise<string | null> {
  const { baseUrl, fetchedAt, models } = catalogue;
  const json = { v: 1, base_url: baseUrl, fetched_at: fetchedAt, models };
  const text = `${JSON.stringify(json)}\n`;
  if (Buffer.byteLength(text) > MAX_BYTES)
    return 'the model list is not cached: it is larger than 8 MB';
  try {
    await deps.files.makeDirectory(directory);
    await deps.files.replace(fileOf(directory, gatewayId, part, deps), text);
    return null;
  } catch {
    return `the model list is not cached: cannot write ${directory}`;
  }
}
