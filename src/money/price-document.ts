/** The prices of a model in the public JSON. */
import type { PricesDocument } from '../schemas/common.ts';
import type { ListedPrice } from './prices.ts';

/** Of a model with more fields, only the prices. */
export function priceDocument(model: ListedPrice): PricesDocument {
  const { input, output, cached_input, cache_write, request, reasoning } = model;
  const { tiers = [], others = [] } = model;
  return {
    input,
    output,
    cached_input,
    cache_write: cache_write ?? null,
    reasoning: reasoning ?? null,
    request: request ?? null,
    tiers: tiers.map(({ from, ...rates }) => ({
      from_prompt_tokens: from,
      input: rates.input ?? null,
      output: rates.output ?? null,
      cached_input: rates.cached_input ?? null,
      cache_write: rates.cache_write ?? null,
      reasoning: rates.reasoning ?? null,
      request: rates.request ?? null,
    })),
    not_counted: [...others],
    unit: 'per_million_tokens',
  };
}
