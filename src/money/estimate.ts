/** What a call costs by list prices: exact, and always called an estimate. Where it cannot be told, it is unknown, never the smaller amount. */
import type { Cost } from '../schemas/common.ts';
import { unknownCost } from './amount.ts';
import { compare, type Decimal, formatDecimal, plus, shift, times, zero } from './decimal.ts';
import { decimalOf, highest, type ListedPrice, ratesFor } from './prices.ts';

export interface CostBounds {
  /** USD, decimal strings; null where a price or a bound is not known. */
  min: string | null;
  max: string | null;
  currency: 'USD';
  source: 'catalog' | 'unknown';
}

/** Counts of one call, or sums of calls that have the same rates. */
export interface TokenCounts {
  /** With those of the cache. */
  prompt: number;
  /** With the reasoning. */
  completion: number;
  /** Part of the prompt: read from the cache; 0 where not reported. */
  cached: number;
  /** Part of the prompt: written to the cache; absent: none. */
  written?: number;
  /** Part of those: for an hour or more. */
  writtenLong?: number;
  /** Part of the completion; null or absent where not reported. */
  reasoning?: number | null;
}

/** Of several calls: how many, and a prompt whose tier is that of all of them. */
interface SumOf {
  requests: number;
  tierOf: number;
}

/** One line of an estimate. */
export interface CostPart {
  part: 'request' | 'input' | 'cached_input' | 'cache_write' | 'output' | 'reasoning';
  /** Tokens, or requests. */
  count: number;
  /** USD for a million tokens, or for one request; null: not listed. */
  price: string | null;
}

/** From one token each way to all tokens allowed; a prompt costs what its dearest tokens do, as it may all be written to the cache. */
export function costBounds(
  model: ListedPrice | null,
  promptMax: number | null,
  completionMax: number | null,
): CostBounds {
  if (model === null || decimalOf(model.input) === null || decimalOf(model.output) === null)
    return { min: null, max: null, currency: 'USD', source: 'unknown' };
  return {
    min: leastOf(model),
    max:
      promptMax === null || completionMax === null ? null : mostOf(model, promptMax, completionMax),
    currency: 'USD',
    source: 'catalog',
  };
}

function leastOf(model: ListedPrice): string {
  const { input, output, request } = ratesFor(model, 1);
  const tokens = shift(plus(decimalOf(input) ?? zero, decimalOf(output) ?? zero), -6);
  return formatDecimal(plus(tokens, decimalOf(request) ?? zero));
}

/** A shorter prompt can cost more, where a tier is cheaper than the one below it: so each tier counts with its longest prompt. */
function mostOf(model: ListedPrice, promptMax: number, completion: number): string {
  const ends = (model.tiers ?? []).map(({ from }) => from - 1);
  const prompts = [...ends.filter((end) => end >= 0 && end < promptMax), promptMax];
  let most: Decimal = zero;
  for (const prompt of prompts) {
    const rates = ratesFor(model, prompt);
    const { input, cached_input: cached, cache_write: write, output, reasoning } = rates;
    const sum = [
      decimalOf(rates.request) ?? zero,
      shift(times(highest(input, cached, write) ?? zero, prompt), -6),
      shift(times(highest(output, reasoning) ?? zero, completion), -6),
    ].reduce(plus);
    if (compare(sum, most) > 0) most = sum;
  }
  return formatDecimal(most);
}

/** What these tokens cost by the list, in USD; unknown when a price that is needed is missing. */
export function estimateCost(
  model: ListedPrice | null,
  tokens: TokenCounts,
  sum: SumOf = { requests: 1, tierOf: tokens.prompt },
): Cost {
  if (model === null) return unknownCost;
  let total: Decimal = zero;
  for (const part of partsOf(model, tokens, sum)) {
    if (part.count === 0) continue;
    const amount = amountOf(part);
    if (amount === null) return unknownCost;
    total = plus(total, amount);
  }
  return { amount: formatDecimal(total), currency: 'USD', source: 'catalog' };
}

/** The parts that the amount is the sum of, also those of nothing. */
export function partsOf(
  model: ListedPrice,
  { completion, ...tokens }: TokenCounts,
  { requests, tierOf }: SumOf = { requests: 1, tierOf: tokens.prompt },
): CostPart[] {
  const rates = ratesFor(model, tierOf);
  const cached = Math.min(tokens.cached, tokens.prompt);
  const written = Math.min(tokens.written ?? 0, tokens.prompt - cached);
  const long = Math.min(tokens.writtenLong ?? 0, written);
  const { input, output, request } = rates;
  const dear = dearer(output, rates.reasoning);
  const isSplit = tokens.reasoning != null;
  const reasoning = Math.min(tokens.reasoning ?? 0, completion);
  return [
    { part: 'request', count: request == null ? 0 : requests, price: request ?? null },
    { part: 'input', count: tokens.prompt - cached - written, price: input ?? null },
    // Cached ones cost the full price where no other is known.
    { part: 'cached_input', count: cached, price: rates.cached_input ?? input ?? null },
    { part: 'cache_write', count: written - long, price: rates.cache_write ?? null },
    { part: 'cache_write', count: long, price: rates.cache_write_long ?? null },
    // Not told which tokens are reasoning: all of them may be.
    { part: 'output', count: completion - reasoning, price: isSplit ? (output ?? null) : dear },
    { part: 'reasoning', count: reasoning, price: dear },
  ];
}

function dearer(output: string | null | undefined, reasoning: string | null | undefined) {
  const [a, b] = [decimalOf(output), decimalOf(reasoning)];
  return a !== null && b !== null && compare(b, a) > 0 ? (reasoning ?? null) : (output ?? null);
}

/** USD; null when the price is not listed. */
export function amountOf({ part, count, price }: CostPart): Decimal | null {
  const value = decimalOf(price);
  if (value === null) return null;
  const amount = times(value, count);
  return part === 'request' ? amount : shift(amount, -6);
}
