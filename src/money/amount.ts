/** Amounts of money: decimal strings, from the bytes of the gateway to the screen, never a float. */
import { asObject, oneLine, shorten } from '../base/json.ts';
import type { Cost } from '../schemas/common.ts';
import { formatDecimal, parseDecimal, plus } from './decimal.ts';

/** The cost if the gateway reports none: unknown, which is not zero. */
export const unknownCost: Cost = { amount: null, currency: 'USD', source: 'unknown' };

/** A plain non-negative decimal as gateways send it; the length keeps an absurd one off the screen. */
const plainDecimal = /^\d{1,30}(\.\d{1,40})?$/;

/** The currency if it is said and is not USD. */
export function otherCurrency(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  const name = typeof value === 'string' ? value.trim() : 'another currency';
  return /^(?:usd?|us\$|\$|usd\$)$/i.test(name) ? null : shorten(oneLine(name), 20);
}

/** A cost as a gateway reported it. */
export interface ReportedCost {
  cost: Cost;
  /** Why it is unknown although something was reported; null where it is known. */
  note: string | null;
}

/**
 * The cost in an SSE comment, unrounded; null when the comment is not a JSON object, has no `cost`, or has one that
 * cannot be an amount (NaN, negative, 1e999, an object).
 */
export function readCostComment(comment: string): ReportedCost | null {
  const text = comment.trim();
  if (!text.startsWith('{')) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { cost, currency } = json as { cost?: unknown; currency?: unknown };
  const digits = typeof cost === 'number' ? digitsOfNumber(text, cost) : cost;
  const amount = typeof digits === 'string' ? plain(digits) : null;
  return amount === null ? null : inUsd(amount, currency);
}

/** As sent, but for an exponent (1.88e-5), which is written out; null for what the ledger could not read again. */
function plain(digits: string): string | null {
  if (plainDecimal.test(digits)) return digits;
  const value = parseDecimal(digits);
  const text = value === null ? '' : formatDecimal(value);
  return plainDecimal.test(text) ? text : null;
}

function inUsd(amount: string, currency: unknown): ReportedCost {
  const other = otherCurrency(currency);
  return other === null
    ? { cost: { amount, currency: 'USD', source: 'gateway' }, note: null }
    : unknownBecause(`the gateway reported the cost in ${other}, not in USD`);
}

function unknownBecause(why: string): ReportedCost {
  return { cost: unknownCost, note: `${why}; it counts as unknown` };
}

/**
 * The charge in `usage.cost`, number or text; null when there is none that can be an amount. With a key of the user's
 * own at the provider (`is_byok`) the provider bills the inference, and the gateway at most a fee: the cost is both.
 */
export function readUsageCost(
  usage: Readonly<Record<string, unknown>> | null,
): ReportedCost | null {
  const charged = amountIn(usage?.cost);
  const { is_byok: isByok, cost_details: details } = usage ?? {};
  if (isByok === undefined || isByok === null || isByok === false || isByok === 'false')
    return charged === null ? null : inUsd(charged, usage?.currency);
  const upstream = amountIn(asObject(details)?.upstream_inference_cost);
  const [fee, inference] = [charged, upstream].map((text) => parseDecimal(text ?? ''));
  const sum = fee && inference ? plain(formatDecimal(plus(fee, inference))) : null;
  return sum === null
    ? unknownBecause('the provider bills this call to your own key, and its amount is not reported')
    : inUsd(sum, usage?.currency);
}

function amountIn(value: unknown): string | null {
  if (typeof value === 'number') return plain(String(value));
  return typeof value === 'string' ? plain(value.trim()) : null;
}

/** A JSON number's own digits: going through a float could change the last one. Another object's `cost` is not ours. */
function digitsOfNumber(json: string, value: number): string | null {
  for (const [, digits = ''] of json.matchAll(/"cost"\s*:\s*([^,}\s]+)/g))
    if (Number(digits) === value) return digits;
  return null;
}

/** `$0.0000188000 (gateway)`, or `unknown`. */
export function formatCost(cost: Cost): string {
  if (cost.amount === null) return 'unknown';
  const sign = cost.currency === 'USD' ? '$' : `${cost.currency} `;
  return `${sign}${cost.amount} (${cost.source})`;
}
