/** What a call costs by list prices: exact, and always called an estimate. */
import type { Cost } from '../schemas/common.ts';
import { unknownCost } from './amount.ts';
import { type Decimal, formatDecimal, parseDecimal, plus, shift, times } from './decimal.ts';
import type { ListedPrice } from './prices.ts';

export interface CostBounds {
  /** USD, decimal strings; null where a price or a bound is not known. */
  min: string | null;
  max: string | null;
  currency: 'USD';
  source: 'catalog' | 'unknown';
}

/** Counts of one call. */
export interface TokenCounts {
  prompt: number;
  /** With the reasoning. */
  completion: number;
  /** Part of the prompt; 0 where not reported. */
  cached: number;
}

/** From one token each way to all tokens allowed. */
export function costBounds(
  model: ListedPrice | null,
  promptMax: number | null,
  completionMax: number | null,
): CostBounds {
  const input = priced(model?.input);
  const output = priced(model?.output);
  if (input === null || output === null)
    return { min: null, max: null, currency: 'USD', source: 'unknown' };
  const amount = (prompt: number, completion: number): string =>
    formatDecimal(plus(part(input, prompt), part(output, completion)));
  const max =
    promptMax === null || completionMax === null ? null : amount(promptMax, completionMax);
  return { min: amount(1, 1), max, currency: 'USD', source: 'catalog' };
}

/** What these tokens cost by the list, in USD; unknown when a price that is needed is missing. Cached ones cost the full price where no other is known. */
export function estimateCost(model: ListedPrice | null, tokens: TokenCounts): Cost {
  const cached = Math.min(tokens.cached, tokens.prompt);
  const sums = [
    [model?.input, tokens.prompt - cached],
    [model?.cached_input ?? model?.input, cached],
    [model?.output, tokens.completion],
  ] as const;
  let total: Decimal = { units: 0n, places: 0 };
  for (const [price, count] of sums) {
    if (count === 0) continue;
    const value = priced(price);
    if (value === null) return unknownCost;
    total = plus(total, part(value, count));
  }
  return { amount: formatDecimal(total), currency: 'USD', source: 'catalog' };
}

function priced(price: string | null | undefined): Decimal | null {
  return price == null ? null : parseDecimal(price);
}

function part(perMillion: Decimal, tokens: number): Decimal {
  return shift(times(perMillion, tokens), -6);
}
