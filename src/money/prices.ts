/** What prices mean: the one place where a price of any source becomes USD for a million tokens. It fetches none. */
import { formatDecimal, parseDecimal, shift } from './decimal.ts';

/** The unit of a price, as its source defines it. */
export type PriceUnit = 'per_token' | 'per_thousand_tokens' | 'per_million_tokens';

/** USD for a million tokens, decimal strings; null when unknown, which does not mean free. */
export interface ListedPrice {
  input: string | null;
  output: string | null;
  /** Of cached input; null: no lower price is published. */
  cached_input: string | null;
}

const placesToMillion: Readonly<Record<PriceUnit, number>> = {
  per_token: 6,
  per_thousand_tokens: 3,
  per_million_tokens: 0,
};

/**
 * A listed price, number or text (`0.0000006`, 6e-7, `$0.20`, `Free`), as USD for a million tokens without needless
 * zeros; null when it is not an amount.
 */
export function perMillion(price: unknown, unit: PriceUnit): string | null {
  const text = typeof price === 'number' ? String(price) : price;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim().replace(/^\$/, '');
  const value = /^free$/i.test(trimmed) ? parseDecimal('0') : parseDecimal(trimmed);
  return value === null ? null : formatDecimal(shift(value, placesToMillion[unit]));
}
