/** What the sandbox pretends to charge: tokens by length, prices by family, both made up. It never uses a float for money. */

/** In ten-thousandths of a dollar for a million tokens, so that tokens × price is a whole number of 1e-10 dollars. */
interface Price {
  prefix: string;
  input: bigint;
  output: bigint;
}

/** The first match counts. One model is free, so that a cost of zero can be seen too. */
const prices: readonly Price[] = [
  { prefix: 'gpt-5.4-nano', input: 2_000n, output: 12_500n },
  { prefix: 'gpt-5.4-mini', input: 7_500n, output: 45_000n },
  { prefix: 'gpt-5.4-pro', input: 300_000n, output: 1_800_000n },
  { prefix: 'gpt-image-', input: 50_000n, output: 300_000n },
  { prefix: 'gpt-', input: 25_000n, output: 150_000n },
  { prefix: 'claude-haiku-', input: 10_000n, output: 50_000n },
  { prefix: 'claude-opus-', input: 50_000n, output: 250_000n },
  { prefix: 'claude-', input: 30_000n, output: 150_000n },
  { prefix: 'gemini-3-flash', input: 5_000n, output: 30_000n },
  { prefix: 'gemini-', input: 20_000n, output: 120_000n },
  { prefix: 'deepseek-', input: 2_800n, output: 4_200n },
  { prefix: 'glm-4.7-flash', input: 0n, output: 0n },
  { prefix: 'glm-', input: 6_000n, output: 22_000n },
  { prefix: 'qwen', input: 5_000n, output: 30_000n },
  { prefix: 'kimi-', input: 6_000n, output: 25_000n },
  { prefix: 'minimax-', input: 3_000n, output: 12_000n },
  { prefix: 'wan', input: 20_000n, output: 120_000n },
  { prefix: 'seedance-1', input: 0n, output: 15_000n },
  { prefix: 'seedance-', input: 0n, output: 40_000n },
];
const otherwise = { input: 10_000n, output: 20_000n };

export interface TokenCounts {
  prompt: number;
  /** With the reasoning. */
  completion: number;
  reasoning: number;
}

/** Four bytes of UTF-8 are a token, rounded up: the whole rule, wrong for every real model. 0 for empty text. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** As much of `text` as fits into `tokens`, cut between characters. */
export function cutToTokens(text: string, tokens: number): string {
  if (countTokens(text) <= tokens) return text;
  const bytes = Buffer.from(text);
  let end = tokens * 4;
  // 10xxxxxx is the inside of a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** The JSON of the cost comment: USD with ten decimals, prices for a thousand tokens. */
export function costComment(
  model: string,
  counts: TokenCounts,
  cost: string = costOf(model, counts),
): string {
  const { input, output } = priceOf(model);
  return JSON.stringify({
    cost,
    input_price: decimal(input * 1_000n, 10),
    output_price: decimal(output * 1_000n, 10),
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
  });
}

/** USD with ten decimals. */
function costOf(model: string, { prompt, completion }: TokenCounts): string {
  const { input, output } = priceOf(model);
  return decimal(BigInt(prompt) * input + BigInt(completion) * output, 10);
}

/** How many tokens a listed price is for. */
export type ListUnit = 'per_million_tokens' | 'per_thousand_tokens';

/** Decimals of a price in that unit. */
const listPlaces: Readonly<Record<ListUnit, number>> = {
  per_million_tokens: 4,
  per_thousand_tokens: 7,
};

/** The catalogue's prices in USD, with the decimals that they need, at least two. */
export function catalogPrices(
  model: string,
  unit: ListUnit,
): { input_price: string; output_price: string } {
  const { input, output } = priceOf(model);
  const places = listPlaces[unit];
  return { input_price: listed(input, places), output_price: listed(output, places) };
}

/** What the catalogue says that input costs which was read before: a tenth, which the sandbox itself never charges. */
export function cachedPrice(model: string, unit: ListUnit): string {
  return listed(priceOf(model).input, listPlaces[unit] + 1);
}

function listed(units: bigint, places: number): string {
  return decimal(units, places).replace(/(\.\d\d\d*?)0+$/, '$1');
}

function priceOf(model: string): { input: bigint; output: bigint } {
  return prices.find(({ prefix }) => model.startsWith(prefix)) ?? otherwise;
}

/** `units` of 10^-places as a decimal string with all its places. */
function decimal(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
