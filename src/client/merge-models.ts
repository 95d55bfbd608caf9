/** Merges several lists: each model once, with the fields of all of them. It fetches nothing. */
import type { ListedPrice, PriceUnit } from '../money/prices.ts';
import type { ModelItem, ModelKind } from '../schemas/models.ts';
import type { CatalogueModel } from './catalogue.ts';
import { readPrices } from './listed-prices.ts';
import { kindOf } from './model-kind.ts';

/** One list as it was received. */
export interface ModelSource {
  items: readonly ModelItem[];
  /** The kind of all its models; null for a list of all kinds. */
  kind: ModelKind | null;
}

interface PricedModel {
  item: ModelItem;
  kind: ModelKind | null;
  unit: PriceUnit;
}

/** No gateway has a median price below this many USD per million tokens. */
const ABSURD_PRICE = 0.01;

/** The median of fewer prices proves nothing: one cheap model would become a thousand times dearer. */
const ENOUGH_PRICES = 3;

/**
 * The unit of the prices of these items. A list that says per million, with a median input price below a cent, means
 * per thousand: the same field names are used for both. Free models are ignored; with too few prices the stated unit is used.
 */
export function unitOf(items: readonly ModelItem[], reported: PriceUnit): PriceUnit {
  if (reported !== 'per_million_tokens') return reported;
  const prices = items
    .map((item) => Number(readPrices(item, reported).input ?? 0))
    .filter((price) => price > 0)
    .sort((a, b) => a - b);
  if (prices.length < ENOUGH_PRICES) return reported;
  const median = prices[Math.floor(prices.length / 2)];
  return median !== undefined && median < ABSURD_PRICE ? 'per_thousand_tokens' : reported;
}

/** Sorted by id. The first source with a field decides it; for prices, the last one. */
export function mergeModels(
  sources: readonly (ModelSource & { unit: PriceUnit })[],
): CatalogueModel[] {
  const byId = new Map<string, PricedModel[]>();
  for (const { items, kind, unit } of sources)
    for (const item of items) {
      const known = byId.get(item.id) ?? [];
      byId.set(item.id, [...known, { item, kind, unit }]);
    }
  return [...byId.values()].map(toModel).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function toModel(reported: readonly PricedModel[]): CatalogueModel {
  const item = Object.assign(
    {},
    ...reported.toReversed().map(({ item }) => knownFields(item)),
  ) as ModelItem;
  return {
    id: item.id,
    kind: kindOf(item, reported.find(({ kind }) => kind !== null)?.kind ?? null),
    name: filled(item.display_name) ?? filled(item.name),
    description: filled(item.description),
    ...pricesOf(reported),
    context: tokens(item.context_length) ?? tokens(item.context_window),
    max_output: tokens(item.max_output_length) ?? tokens(item.max_output_tokens),
    input_modalities: item.input_modalities ?? item.architecture?.input_modalities ?? null,
    output_modalities: item.output_modalities ?? item.architecture?.output_modalities ?? null,
    capabilities: item.capabilities ?? null,
  };
}

/** The last list with a price decides it; what cannot be counted is kept from all of them. */
function pricesOf(reported: readonly PricedModel[]): ListedPrice {
  const read = reported.map(({ item, unit }) => readPrices(item, unit));
  const others = [...new Set(read.flatMap((prices) => prices.others ?? []))];
  const { currency, ...prices } = Object.assign(
    {},
    ...read.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null)),
    ),
  ) as Partial<ListedPrice>;
  return {
    ...prices,
    input: prices.input ?? null,
    output: prices.output ?? null,
    cached_input: prices.cached_input ?? null,
    ...(others.length > 0 && { others }),
    ...(currency !== undefined && prices.input === undefined && { currency }),
  };
}

function knownFields(item: ModelItem): Partial<ModelItem> {
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => value !== undefined && value !== null),
  );
}

function filled(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text;
}

/** Lists use 0 for models without such a limit. */
function tokens(count: number | undefined): number | null {
  return count !== undefined && Number.isSafeInteger(count) && count > 0 ? count : null;
}
