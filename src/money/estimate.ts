/** What a call can cost, from list prices: exact decimal arithmetic, never floats. Loaded only where an estimate is asked for. */
/** USD per million tokens, decimal strings; null when not told. */
export interface ListedPrice {
  input: string | null;
  output: string | null;
}

export interface CostBounds {
  /** USD, decimal strings; null where a price or a bound is not known. */
  min: string | null;
  max: string | null;
  currency: 'USD';
  source: 'catalog' | 'unknown';
}

/** Whether one amount is more than another, exactly; both are plain decimals. */
export async function isMoreThan(amount: string, limit: string): Promise<boolean> {
  const { default: Big } = await import('big.js');
  return new Big(amount).gt(limit);
}

/** From one token each way to all tokens allowed. `model` has prices in USD per million tokens. */
export async function costBounds(
  model: ListedPrice | null,
  promptMax: number | null,
  completionMax: number | null,
): Promise<CostBounds> {
  if (model === null || model.input === null || model.output === null)
    return { min: null, max: null, currency: 'USD', source: 'unknown' };
  const { default: Big } = await import('big.js');
  const part = (price: string, tokens: number) => new Big(price).times(tokens).div(1_000_000);
  const max =
    promptMax === null || completionMax === null
      ? null
      : part(model.input, promptMax).plus(part(model.output, completionMax)).toFixed();
  const min = part(model.input, 1).plus(part(model.output, 1)).toFixed();
  return { min, max, currency: 'USD', source: 'catalog' };
}

/** A listed price as USD per million tokens; null when it is not a plain non-negative decimal. */
export async function perMillion(
  price: unknown,
  unit: 'per_token' | 'per_thousand_tokens' | 'per_million_tokens',
): Promise<string | null> {
  const text = typeof price === 'number' ? String(price) : price;
  if (typeof text !== 'string' || !/^\d{1,20}(\.\d{1,30})?(e-?\d{1,2})?$/i.test(text.trim()))
    return null;
  const { default: Big } = await import('big.js');
  const factor = { per_token: 1_000_000, per_thousand_tokens: 1000, per_million_tokens: 1 }[unit];
  return new Big(text.trim()).times(factor).toFixed();
}
