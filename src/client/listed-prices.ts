/** Reads all that one entry of a model list says of prices. What it cannot count it names, so that nothing is taken for free. */
import { asObject, type JsonObject } from '../base/json.ts';
import { otherCurrency } from '../money/amount.ts';
import {
  type ListedPrice,
  type PriceTier,
  type PriceUnit,
  perMillion,
  perUnit,
} from '../money/prices.ts';
import type { ModelItem } from '../schemas/models.ts';

type RateName = Exclude<keyof PriceTier, 'from'>;

/** The names of one price, the likeliest first. */
const names: Readonly<Record<RateName, readonly string[]>> = {
  input: ['prompt', 'input', 'input_price', 'prompt_price'],
  output: ['completion', 'output', 'output_price', 'completion_price'],
  cached_input: [
    'input_cache_read',
    'cache_read',
    'cached_input',
    'cached_input_price',
    'cache_read_price',
  ],
  cache_write: ['input_cache_write', 'cache_write', 'cache_write_price', 'cache_creation_price'],
  cache_write_long: ['input_cache_write_1h', 'cache_write_1h'],
  reasoning: ['internal_reasoning', 'reasoning', 'reasoning_price'],
  request: ['request', 'request_price', 'price_per_request'],
};

const rateNames = Object.keys(names) as RateName[];
const knownNames: ReadonlySet<string> = new Set(Object.values(names).flat());

/** Fields of a price object that are not prices. OpenRouter's discount is already included in the listed prices. */
const noPrices: ReadonlySet<string> = new Set(['discount', 'currency', 'unit', 'type']);

/** Prompts of so many tokens or more. */
const fromNames = [
  'min_prompt_tokens',
  'min_input_tokens',
  'min_tokens',
  'min_context',
  'min',
  'from',
];
/** Prompts of more tokens than that. */
const aboveNames = ['above_prompt_tokens', 'above_input_tokens', 'above_tokens', 'above', 'over'];
/** Prompts of at most so many tokens. */
const toNames = ['max_prompt_tokens', 'max_input_tokens', 'max_tokens', 'max', 'up_to'];

/** Conditions of a tier that a prompt's length does not decide. */
const limitNames: ReadonlySet<string> = new Set([...fromNames, ...aboveNames, ...toNames]);

/** Of one list; `mergeModels` joins those of several. */
export function readPrices(item: ModelItem, unit: PriceUnit): ListedPrice {
  const pricing = asObject(item.pricing) ?? {};
  const top = Object.fromEntries(Object.entries(item).filter(([name]) => /price/.test(name)));
  const currency = otherCurrency(pricing.currency ?? item.currency);
  const none = { input: null, output: null, cached_input: null };
  if (currency !== null) return { ...none, currency };
  const { tiers, unread } = tiersOf({ ...listsOf(top), ...listsOf(pricing) }, unit);
  const others = [...new Set([...unread, ...othersOf(pricing), ...othersOf(top)])];
  return {
    ...none,
    ...ratesOf({ ...top, ...pricing }, unit),
    ...(tiers.length > 0 && { tiers }),
    ...(others.length > 0 && { others: others.slice(0, MAX_OTHERS) }),
  };
}

const MAX_OTHERS = 20;
const MAX_TIERS = 20;

function ratesOf(prices: JsonObject, unit: PriceUnit): Partial<Record<RateName, string>> {
  const found = rateNames.flatMap((rate) => {
    for (const name of names[rate]) {
      const read = rate === 'request' ? perUnit(prices[name]) : perMillion(prices[name], unit);
      if (read !== null) return [[rate, read]];
    }
    return [];
  });
  return Object.fromEntries(found) as Partial<Record<RateName, string>>;
}

/** Prices above 0 under names that are not known here, or unreadable under those that are. */
function othersOf(prices: JsonObject): string[] {
  return Object.entries(prices).flatMap(([name, value]) => {
    if (knownNames.has(name) || noPrices.has(name)) return [];
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const amount = perUnit(value);
    return amount !== null && !/^0(\.0*)?$/.test(amount) ? [name] : [];
  });
}

function listsOf(prices: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(prices).filter(([, value]) => typeof value === 'object' && value !== null),
  );
}

/** Tiers in the forms of OpenRouter (`overrides`), Vercel (`input_tiers`) and models.dev (`context_over_200k`). */
function tiersOf(lists: JsonObject, unit: PriceUnit): { tiers: PriceTier[]; unread: string[] } {
  const byFrom = new Map<number, PriceTier>();
  const unread: string[] = [];
  const add = (tier: PriceTier): void => {
    byFrom.set(tier.from, { ...byFrom.get(tier.from), ...tier });
  };
  for (const [name, list] of Object.entries(lists)) {
    const read = readTiers(name, list, unit);
    if (read === null || byFrom.size + read.length > MAX_TIERS) unread.push(name);
    else read.forEach(add);
  }
  return { tiers: [...byFrom.values()].sort((a, b) => a.from - b.from), unread };
}

/** null: something else, or a tier that something else than the length of the prompt decides. */
function readTiers(name: string, list: unknown, unit: PriceUnit): PriceTier[] | null {
  const [, thousands] = /^context_over_(\d{1,6})k$/.exec(name) ?? [];
  if (thousands !== undefined) {
    const rates = ratesOf(asObject(list) ?? {}, unit);
    return [{ ...rates, from: Number(thousands) * 1000 + 1 }];
  }
  if (!Array.isArray(list)) return null;
  const rate = rateNames.find((one) => names[one].some((word) => name === `${word}_tiers`));
  const tiers: PriceTier[] = [];
  let below = 0;
  for (const value of list) {
    const entry = asObject(value);
    if (entry === null) return null;
    const from = startOf(entry, below);
    const prices =
      rate === undefined ? entry : { [names[rate][0] ?? rate]: entry.cost ?? entry.price };
    const rates = ratesOf(prices, unit);
    const isClear = Object.keys(entry).every(
      (key) => limitNames.has(key) || knownNames.has(key) || key === 'cost' || key === 'price',
    );
    if (from === null || !isClear || Object.keys(rates).length === 0) return null;
    const to = numberAt(entry, toNames);
    below = to === null ? below : to + 1;
    tiers.push({ ...rates, from });
  }
  return tiers;
}

function startOf(entry: JsonObject, below: number): number | null {
  const from = numberAt(entry, fromNames);
  if (from !== null) return from;
  const above = numberAt(entry, aboveNames);
  if (above !== null) return above + 1;
  return numberAt(entry, toNames) === null ? null : below;
}

function numberAt(entry: JsonObject, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = entry[key];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (Number.isSafeInteger(number) && Number(number) >= 0) return Number(number);
  }
  return null;
}
