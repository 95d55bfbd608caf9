/** Amounts of money: decimal strings, from the bytes of the gateway to the screen, never a float. */
import type { Cost } from '../schemas/common.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';

/** The cost if the gateway reports none: unknown, which is not zero. */
export const unknownCost: Cost = { amount: null, currency: 'USD', source: 'unknown' };

/** A plain non-negative decimal as gateways send it; the length keeps an absurd one off the screen. */
const plainDecimal = /^\d{1,30}(\.\d{1,40})?$/;

/**
 * The cost in an SSE comment, in USD, unrounded; null when the comment is not a JSON object, has no
 * `cost`, or has one that cannot be an amount (NaN, negative, 1e999, an object).
 */
export function readCostComment(comment: string): Cost | null {
  const text = comment.trim();
  if (!text.startsWith('{')) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { cost } = json as { cost?: unknown };
  const digits = typeof cost === 'number' ? digitsOfNumber(text, cost) : cost;
  const amount = typeof digits === 'string' ? plain(digits) : null;
  return amount === null ? null : { amount, currency: 'USD', source: 'gateway' };
}

/** As sent, but for an exponent (1.88e-5), which is written out. */
function plain(digits: string): string | null {
  if (plainDecimal.test(digits)) return digits;
  const value = parseDecimal(digits);
  return value === null ? null : formatDecimal(value);
}

/** The charge in `usage.cost`, in USD, number or text; null when there is none that can be an amount. */
export function readUsageCost(usage: Readonly<Record<string, unknown>> | null): Cost | null {
  const cost = usage?.cost;
  const amount =
    typeof cost === 'number' ? plain(String(cost)) : typeof cost === 'string' ? plain(cost) : null;
  return amount === null ? null : { amount, currency: 'USD', source: 'gateway' };
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
