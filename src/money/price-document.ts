/** The prices of a model in the public JSON. */
import type { PricesDocument } from '../schemas/common.ts';
import type { ListedPrice } from './prices.ts';

const rateNames = ['cache_write', 'reasoning', 'request'] as const;
const tierNames = ['input', 'output', 'cached_input', ...rateNames] as const;

/** Of a model with more fields, only the prices; what most models have no price for is absent. */
export function priceDocument(model: ListedPrice): PricesDocument {
  const { input, output, cached_input, tiers = [], others = [], currency } = model;
  return {
    input,
    output,
    cached_input,
    ...listed(model, rateNames),
    ...(tiers.length > 0 && {
      tiers: tiers.map((tier) => ({ from_prompt_tokens: tier.from, ...listed(tier, tierNames) })),
    }),
    ...(others.length > 0 && { not_counted: [...others] }),
    ...(currency !== undefined && { currency }),
    unit: 'per_million_tokens',
  };
}

function listed<Name extends string>(
  rates: Partial<Record<Name, string | null>>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  return Object.fromEntries(
    names.flatMap((name) => (rates[name] == null ? [] : [[name, rates[name]]])),
  ) as Partial<Record<Name, string>>;
}
