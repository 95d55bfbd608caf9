/** What prices mean: the one place where a price of any source becomes USD for a million tokens. It fetches none. */
import { compare, type Decimal, formatDecimal, parseDecimal, shift } from './decimal.ts';

/** The unit of a price, as its source defines it. */
export type PriceUnit = 'per_token' | 'per_thousand_tokens' | 'per_million_tokens';

/** USD for a million tokens, decimal strings; null or absent when not listed, which does not mean free. */
interface Rates {
  input?: string | null;
  output?: string | null;
  /** Of input that comes from the cache; null: no lower price is published. */
  cached_input?: string | null;
  /** Of input that is written to the cache for some minutes. */
  cache_write?: string | null;
  /** The same for an hour or more. */
  cache_write_long?: string | null;
  /** Of reasoning tokens, where they cost something else than the rest of the answer. */
  reasoning?: string | null;
  /** USD for one request, whatever its tokens. */
  request?: string | null;
}

/** Other prices for the whole request if its prompt is long; what it leaves out is as in the tiers below it. */
export interface PriceTier extends Rates {
  /** The prompt has so many tokens or more, those of the cache too. */
  from: number;
}

export interface ListedPrice extends Rates {
  input: string | null;
  output: string | null;
  cached_input: string | null;
  /** By `from`, lowest first. */
  tiers?: readonly PriceTier[];
  /** Listed prices above 0 that depend on something else than tokens and requests, by the names of the list: `web_search`. */
  others?: readonly string[];
  /** Set if the list is in another currency than USD; then no price is known. */
  currency?: string;
}

const placesToMillion: Readonly<Record<PriceUnit, number>> = {
  per_token: 6,
  per_thousand_tokens: 3,
  per_million_tokens: 0,
};

/** Within these, every sum of prices times tokens is an amount that the ledger can read again. */
const plainPrice = /^\d{1,15}(\.\d{1,30})?$/;

/**
 * A listed price, number or text (`0.0000006`, 6e-7, `$0.20`, `Free`), as USD for a million tokens without needless
 * zeros; null when it is not an amount.
 */
export function perMillion(price: unknown, unit: PriceUnit): string | null {
  return readPrice(price, placesToMillion[unit]);
}

/** The same for a price that is not by the token. */
export function perUnit(price: unknown): string | null {
  return readPrice(price, 0);
}

function readPrice(price: unknown, places: number): string | null {
  const text = typeof price === 'number' ? String(price) : price;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim().replace(/^\$/, '');
  const value = /^free$/i.test(trimmed) ? parseDecimal('0') : parseDecimal(trimmed);
  if (value === null) return null;
  const plain = formatDecimal(shift(value, places));
  return plainPrice.test(plain) ? plain : null;
}

/** The rates for a prompt of so many tokens. */
export function ratesFor(price: ListedPrice, promptTokens: number): Rates {
  const { tiers } = price;
  if (tiers === undefined || tiers.length === 0) return price;
  let rates: Rates = price;
  for (const tier of tiers) if (tier.from <= promptTokens) rates = above(rates, tier);
  return rates;
}

function above(below: Rates, tier: PriceTier): Rates {
  const { from: _from, ...own } = tier;
  const listed = Object.fromEntries(Object.entries(own).filter(([, value]) => value != null));
  // A tier with another input price has no lower price for the cache unless it lists one.
  const cache =
    tier.input == null ? {} : { cached_input: null, cache_write: null, cache_write_long: null };
  return { ...below, ...cache, ...listed };
}

/** null: not listed. */
export function decimalOf(price: string | null | undefined): Decimal | null {
  return price == null ? null : parseDecimal(price);
}

/** The highest of the prices that are listed; null when none is. */
export function highest(...prices: readonly (string | null | undefined)[]): Decimal | null {
  let most: Decimal | null = null;
  for (const price of prices) {
    const value = decimalOf(price);
    if (value !== null && (most === null || compare(value, most) > 0)) most = value;
  }
  return most;
}
