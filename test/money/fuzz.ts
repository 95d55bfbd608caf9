/**
 * Random price lists, usages and caps, judged by an oracle of its own: exact fractions, computed from what the case means and not
 * from what is written. It shares no code with what it judges.
 *
 * A short run is part of the tests; a long one: `npm run fuzz:money -- --cases 100000 --seed 1`.
 */
import { readPrices } from '../../src/client/listed-prices.ts';
import { checkCaps, type Spending } from '../../src/money/budget/caps.ts';
import { type Decimal, formatDecimal } from '../../src/money/decimal.ts';
import { costBounds, estimateCost } from '../../src/money/estimate.ts';
import { Comparison } from '../../src/money/ledger/comparison.ts';
import type { OutcomeLine } from '../../src/money/ledger/lines.ts';
import type { PriceUnit } from '../../src/money/prices.ts';
import { Sum } from '../../src/money/sum.ts';
import { tokenCounts } from '../../src/money/token-counts.ts';
import type { ModelItem } from '../../src/schemas/models.ts';

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** top / bottom, never shortened. */
interface Fraction {
  top: bigint;
  bottom: bigint;
}

const nothing: Fraction = { top: 0n, bottom: 1n };
const whole = (value: number): Fraction => ({ top: BigInt(value), bottom: 1n });
const add = (a: Fraction, b: Fraction): Fraction => ({
  top: a.top * b.bottom + b.top * a.bottom,
  bottom: a.bottom * b.bottom,
});
const multiply = (a: Fraction, b: Fraction): Fraction => ({
  top: a.top * b.top,
  bottom: a.bottom * b.bottom,
});
/** Below zero, zero or above it. */
const order = (a: Fraction, b: Fraction): number => {
  const difference = a.top * b.bottom - b.top * a.bottom;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
const most = (a: Fraction, b: Fraction): Fraction => (order(a, b) < 0 ? b : a);

function fractionOf(text: string): Fraction {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  const [before = '', after = ''] = digits.split('.');
  const power = after.length - Number(exponent);
  const top = BigInt(before + after);
  return power >= 0
    ? { top, bottom: 10n ** BigInt(power) }
    : { top: top * 10n ** BigInt(-power), bottom: 1n };
}

/** USD for a token, and for a request; null: not listed. */
interface Rates {
  input: Fraction | null;
  output: Fraction | null;
  read: Fraction | null;
  write: Fraction | null;
  reasoning: Fraction | null;
  request: Fraction | null;
}

interface Meaning {
  base: Rates;
  tiers: { from: number; rates: Partial<Rates> }[];
}

/** What was used; the parts of the prompt do not overlap. */
interface Used {
  plain: number;
  read: number;
  written: number;
  /** With the reasoning. */
  answer: number;
  /** null: not reported. */
  reasoning: number | null;
}

type Random = () => number;

const upTo = (random: Random, limit: number): number => Math.floor(random() * (limit + 1));
const oneOf = <T>(random: Random, of: readonly [T, ...T[]]): T =>
  of[Math.floor(random() * of.length)] ?? of[0];

const fieldNames = {
  input: 'prompt',
  output: 'completion',
  read: 'input_cache_read',
  write: 'input_cache_write',
  reasoning: 'internal_reasoning',
  request: 'request',
} as const;
const vercelNames = { ...fieldNames, input: 'input', output: 'output' } as const;
const rateNames = ['input', 'output', 'read', 'write', 'reasoning', 'request'] as const;

/** A price as a list writes it, in this unit: plain, with an exponent, or as a number. */
function written(random: Random, perToken: boolean): string | number {
  const digits = String(1 + upTo(random, 10 ** oneOf(random, [1, 2, 4, 7])));
  const places = upTo(random, 6) + (perToken ? 6 : 0);
  const form = random();
  if (random() < 0.08) return form < 0.5 ? '0' : 0;
  if (form < 0.2) return `${digits}e-${places}`;
  const padded = digits.padStart(places + 1, '0');
  const text = places === 0 ? digits : `${padded.slice(0, -places)}.${padded.slice(-places)}`;
  return form < 0.4 ? Number(text) : form < 0.5 ? `${text}000` : text;
}

const scales: Readonly<Record<PriceUnit, Fraction>> = {
  per_token: whole(1),
  per_thousand_tokens: { top: 1n, bottom: 1000n },
  per_million_tokens: { top: 1n, bottom: 1_000_000n },
};

/** A price list's entry and what it means. */
function listing(random: Random): { item: ModelItem; unit: PriceUnit; meaning: Meaning } {
  const unit = oneOf(random, ['per_token', 'per_million_tokens', 'per_thousand_tokens'] as const);
  const names: Record<keyof Rates, string> = random() < 0.5 ? fieldNames : vercelNames;
  const price = (name: keyof Rates, chance: number, into: Record<string, unknown>) => {
    if (random() >= chance) return null;
    const text = written(random, unit === 'per_token');
    into[names[name]] = text;
    const value = fractionOf(String(text));
    return name === 'request' ? value : multiply(value, scales[unit]);
  };
  const pricing: Record<string, unknown> = {};
  const base: Rates = {
    input: price('input', 0.97, pricing),
    output: price('output', 0.97, pricing),
    read: price('read', 0.5, pricing),
    write: price('write', 0.5, pricing),
    reasoning: price('reasoning', 0.2, pricing),
    request: price('request', 0.2, pricing),
  };
  const tiers: Meaning['tiers'] = [];
  const entries: Record<string, unknown>[] = [];
  for (let count = oneOf(random, [0, 0, 1, 2, 3]); count > 0; count -= 1) {
    const from = 1 + upTo(random, 300_000);
    if (tiers.some((tier) => tier.from === from)) continue;
    const entry: Record<string, unknown> = {};
    const rates: Partial<Rates> = {};
    for (const name of rateNames) {
      const value = price(name, name === 'input' ? 0.8 : 0.4, entry);
      if (value !== null) rates[name] = value;
    }
    if (Object.keys(rates).length === 0) continue;
    entry[oneOf(random, ['min_prompt_tokens', 'above'])] = from;
    tiers.push({ from: entry.above === undefined ? from : from + 1, rates });
    entries.push(entry);
  }
  if (entries.length > 0) pricing[oneOf(random, ['overrides', 'tiers'])] = entries;
  tiers.sort((a, b) => a.from - b.from);
  const isDoubled = tiers.some(({ from }, at) => from === tiers[at + 1]?.from);
  if (isDoubled) return listing(random);
  return { item: { id: 'm', pricing } as unknown as ModelItem, unit, meaning: { base, tiers } };
}

/** A tier with a price of its own for input has none for the cache unless it lists one. */
function ratesAt({ base, tiers }: Meaning, prompt: number): Rates {
  let rates = base;
  for (const tier of tiers)
    if (tier.from <= prompt)
      rates = {
        ...rates,
        ...(tier.rates.input === undefined ? {} : { read: null, write: null }),
        ...tier.rates,
      };
  return rates;
}

/** null: a price that is needed is not listed. */
function costOf(meaning: Meaning, used: Used): Fraction | null {
  const { plain, read, written: writes, answer } = used;
  const rates = ratesAt(meaning, plain + read + writes);
  const dear =
    rates.output !== null && rates.reasoning !== null
      ? most(rates.output, rates.reasoning)
      : rates.output;
  const thought = used.reasoning ?? answer;
  const parts: [number, Fraction | null][] = [
    [plain, rates.input],
    [read, rates.read ?? rates.input],
    [writes, rates.write],
    [answer - thought, rates.output],
    [thought, dear],
  ];
  let sum = rates.request ?? nothing;
  for (const [count, rate] of parts) {
    if (count === 0) continue;
    if (rate === null) return null;
    sum = add(sum, multiply(whole(count), rate));
  }
  return sum;
}

function use(random: Random): Used {
  const size = oneOf(random, [10, 1000, 400_000]);
  const answer = upTo(random, oneOf(random, [20, 5000]));
  const isCached = random() < 0.6;
  return {
    plain: upTo(random, size),
    read: isCached ? upTo(random, size) : 0,
    written: isCached && random() < 0.5 ? upTo(random, size) : 0,
    answer,
    reasoning: random() < 0.5 ? null : upTo(random, answer),
  };
}

/** The same tokens as one of the vendors reports them. `readings`: what it may mean. */
function reported(
  random: Random,
  used: Used,
): { usage: Record<string, unknown>; readings: Used[] } {
  const { plain, read, written: writes, answer, reasoning } = used;
  const prompt = plain + read + writes;
  const thoughts =
    reasoning === null ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } };
  const cache = { cache_read_input_tokens: read, cache_creation_input_tokens: writes };
  const shape = oneOf(random, ['openai', 'anthropic', 'deepseek', 'total', 'beside', 'unclear']);
  const only = { readings: [used] };
  if (shape === 'openai')
    return {
      ...only,
      usage: {
        prompt_tokens: prompt,
        completion_tokens: answer,
        ...(random() < 0.5 && { total_tokens: prompt + answer }),
        prompt_tokens_details: { cached_tokens: read, cache_write_tokens: writes },
        ...thoughts,
      },
    };
  if (shape === 'anthropic') {
    const usage = { input_tokens: plain, output_tokens: answer, ...cache };
    return { usage, readings: [{ ...used, reasoning: null }] };
  }
  if (shape === 'deepseek' && writes === 0) {
    const hits = { prompt_cache_hit_tokens: read, prompt_cache_miss_tokens: plain };
    const usage = { prompt_tokens: prompt, completion_tokens: answer, ...hits, ...thoughts };
    return { ...only, usage };
  }
  const open = { completion_tokens: answer, ...cache, ...thoughts };
  if (shape === 'total')
    return { ...only, usage: { prompt_tokens: prompt, total_tokens: prompt + answer, ...open } };
  if (shape === 'beside') {
    const usage = { prompt_tokens: plain, total_tokens: prompt + answer, ...open };
    // The total may as well have the reasoning beside the answer.
    const isUnclear = reasoning === read + writes && read + writes > 0 && read + writes <= plain;
    const inner = { ...used, plain: plain - read - writes, answer: answer + (reasoning ?? 0) };
    return { usage, readings: isUnclear ? [used, inner] : [used] };
  }
  // Nothing says whether the cache is part of these.
  const inside = { ...used, plain: Math.max(0, plain - read - writes) };
  const usage = { prompt_tokens: plain, ...open };
  return { usage, readings: read + writes > plain ? [used] : [used, inside] };
}

function line(usage: Record<string, unknown>): OutcomeLine {
  const cost = { amount: '1', currency: 'USD', source: 'gateway' } as const;
  return { event: 'outcome', usage, cost } as unknown as OutcomeLine;
}

/** Throws where anything is not as the oracle has it. */
export function check(seed: number): void {
  const random = seeded(seed);
  const { item, unit, meaning } = listing(random);
  const listed = readPrices(item, unit);
  const fail = (what: string, ...facts: unknown[]): never => {
    const shown = [item, unit, ...facts].map((fact) =>
      JSON.stringify(fact, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    );
    throw new Error(`seed ${seed}: ${what}: ${shown.join(' ')}`);
  };
  const isSame = (text: string | null, expected: Fraction | null): boolean =>
    text === null || expected === null
      ? text === null && expected === null
      : order(fractionOf(text), expected) === 0;

  const comparison = new Comparison(listed);
  let total: Fraction | null = nothing;
  let isClear = true;
  for (let call = 0; call < 3; call += 1) {
    const used = use(random);
    const { usage, readings } = reported(random, used);
    const tokens = tokenCounts(usage);
    const isEmpty = used.plain + used.read + used.written === 0;
    const costs = readings.map((reading) => costOf(meaning, reading));
    if (tokens === null) {
      if (!isEmpty && readings.length === 1) fail('a usage was not read', usage);
    } else {
      const { amount } = estimateCost(listed, tokens);
      if (readings.length === 1 && !isSame(amount, costs[0] ?? null))
        fail('an estimate', usage, amount, costs);
      if (
        amount !== null &&
        costs.some((cost) => cost !== null && order(fractionOf(amount), cost) < 0)
      )
        fail('the smaller amount', usage, amount, costs);
    }
    // A model without a price for writing takes those tokens as a plain prompt.
    const [first] = readings;
    if (tokens === null || first === undefined || readings.length > 1) isClear &&= tokens === null;
    else {
      const moved =
        meaning.base.write === null
          ? { ...first, plain: first.plain + first.written, written: 0 }
          : first;
      const cost = costOf(meaning, moved);
      total = total === null || cost === null ? null : add(total, cost);
    }
    comparison.add(line(usage));
    checkBound(used);
  }
  const sum = comparison.compared.cost.amount;
  if (isClear && comparison.comparedCalls > 0 && !isSame(sum, total))
    fail('a comparison', sum, total);

  function checkBound(used: Used): void {
    const prompt = used.plain + used.read + used.written;
    const { max, min } = costBounds(listed, prompt, used.answer);
    if (meaning.base.input === null || meaning.base.output === null) {
      if (max !== null || min !== null) fail('a bound without a price', max, min);
      return;
    }
    const ends = [prompt, ...meaning.tiers.map(({ from }) => Math.min(prompt, from - 1))];
    let bound = nothing;
    for (const end of ends) {
      const rates = ratesAt(meaning, end);
      const dearest = [rates.read, rates.write].reduce<Fraction>(
        (high, rate) => most(high, rate ?? nothing),
        rates.input ?? nothing,
      );
      const answer = most(rates.output ?? nothing, rates.reasoning ?? nothing);
      const parts = [multiply(whole(end), dearest), multiply(whole(used.answer), answer)];
      bound = most(bound, parts.reduce(add, rates.request ?? nothing));
    }
    if (!isSame(max, bound)) fail('a bound', prompt, used.answer, max, bound);
    const cost = costOf(meaning, used);
    if (cost !== null && order(fractionOf(max ?? ''), cost) < 0)
      fail('a call above its bound', used, max, cost);
    checkCap(max ?? '0');
  }

  function checkCap(bound: string): void {
    const exact = fractionOf(bound);
    const text = (): string => String(written(random, false));
    const [spent, reserved] = [text(), text()];
    const unsettled = random() < 0.5 ? '0' : text();
    const gone = add(fractionOf(spent), fractionOf(unsettled));
    const taken = add(gone, fractionOf(reserved));
    // Either border: what is gone decides whether it fits, what is reserved whether it waits.
    const sumOf = add(random() < 0.5 ? gone : taken, exact);
    // Often exactly the limit, or a hair beside it.
    const near = oneOf(random, ['same', 'less', 'more', 'any'] as const);
    const tenths = 10n ** 45n;
    const scaled = (sumOf.top * tenths) / sumOf.bottom;
    const shift = near === 'less' ? -1n : near === 'more' ? 1n : 0n;
    const hair = scaled + shift < 0n ? 0n : scaled + shift;
    const limit = near === 'any' ? text() : formatDecimal({ units: hair, places: 45 });
    const limitIs = near === 'any' ? fractionOf(limit) : { top: hair, bottom: tenths };
    // What has more places than a limit can have is cut off above: then the limit is not near.
    if (limit.length > 60 || (limit.split('.')[1]?.length ?? 0) > 40) return;
    const decimal = (value: string): Decimal => decimalOf(value);
    const spending: Spending = {
      spent: () => ({ day: decimal(spent), month: decimal(spent) }),
      unsettled: () => ({ day: decimal(unsettled), month: decimal(unsettled) }),
      reserved: () => decimal(reserved),
    };
    const caps = [{ name: 'budget.day', per: 'day', tag: null, limit } as const];
    for (const openReason of [null, 'open']) {
      const call = { amount: bound, openReason, priceUnknown: false, uncapped: false };
      const [verdict] = checkCaps(caps, call, spending);
      const isWithin = (used: Fraction): boolean =>
        order(add(used, exact), limitIs) <= 0 &&
        !(openReason !== null && order(used, limitIs) >= 0);
      const fits = isWithin(gone);
      const waits = fits && !isWithin(taken);
      if (verdict?.fits !== fits || verdict.waits !== waits)
        fail('a cap', { bound, spent, unsettled, reserved, limit, openReason });
    }
    const adder = new Sum();
    const amounts = [bound, spent, reserved, limit];
    for (const amount of amounts) adder.add(amount);
    const all = amounts.map(fractionOf).reduce(add, nothing);
    if (!isSame(formatDecimal(adder.total), all))
      fail('a sum', amounts, formatDecimal(adder.total));
  }
}

/** Of plain digits; the tests' own. */
function decimalOf(text: string): Decimal {
  const { top, bottom } = fractionOf(text);
  return { units: top, places: bottom.toString().length - 1 };
}
