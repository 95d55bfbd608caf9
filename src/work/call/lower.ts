/** Lowers the token limit of an answer, where nobody set one, to what the caps pay for. It refuses nothing: a call that pays for too little is left with a bound that does not fit. */
import type { CatalogueModel } from '../../client/catalogue.ts';
import type { Cap } from '../../money/budget/caps.ts';
import type { Left } from '../../money/budget/left.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  parseDecimal,
  shift,
  times,
} from '../../money/decimal.ts';
import { costBounds } from '../../money/estimate.ts';
import type { LoweredDocument } from '../../schemas/chat.ts';
import { boundsOf, type CallBounds } from './bounds.ts';
import type { Extras, Pricing } from './terms.ts';

/** An answer that may be shorter than this, in tokens, is not worth its prompt: the call is refused. */
const LEAST_TOKENS = 1024;

/** A cap on a period gives this much, if it pays for it, even where an eighth of it would be less. */
const USUAL_TOKENS = 4096;

/** Where the list names no limit of the model: servers refuse a number far above what the model can do. */
const UNLISTED_TOKENS = 32_768;

/** One request as it is planned. */
export interface PlannedCall {
  readonly model: string;
  readonly body: Record<string, unknown>;
  /** null where neither a cap nor a dry run needs them. */
  readonly bounds: CallBounds | null;
  /** The limit that a cap made ours; null where none did. */
  readonly lowered: Lowered | null;
}

export interface Lowered {
  /** The call without the limit. */
  readonly from: PlannedCall;
  readonly cap: Cap;
  /** USD; null for a cap on single calls. */
  readonly left: string | null;
  readonly maxTokens: number;
  /** What all that is left would pay for. */
  readonly payable: number;
}

/** Whether the limit of the answer is ours to set: it has none, and what it costs with one is known. */
export function isLowerable(call: PlannedCall, pricing: Pricing): boolean {
  return probe(call.lowered?.from ?? call, pricing) !== null;
}

/** As it was without a limit where the caps pay for the longest answer of the model. */
export function lower(planned: PlannedCall, left: readonly Left[], pricing: Pricing): PlannedCall {
  const call = planned.lowered?.from ?? planned;
  const probed = left.length === 0 ? null : probe(call, pricing);
  if (probed === null || call.bounds === null) return call;
  const { field, cost, isPromptOpen } = probed;
  const full = call.bounds.tokens.completion_max;
  const ceiling = full ?? UNLISTED_TOKENS;
  const whole = full === null ? null : (parseDecimal(call.bounds.bound.amount) ?? null);
  // Without a limit the request is some bytes shorter, and costs less than with the highest one.
  const within = (room: Decimal): number =>
    whole !== null && compare(whole, room) <= 0 ? ceiling : largest(room, ceiling, cost);
  const shares = left.map((one) => ({ ...one, ...share(one, within, isPromptOpen) }));
  const least = shares.reduce<(typeof shares)[number] | null>(
    (a, b) => (a === null || b.tokens < a.tokens ? b : a),
    null,
  );
  if (least === null || (full !== null && least.tokens >= full)) return call;
  // An answer that costs nothing needs no limit.
  if (full === null && compare(cost(2 ** 40), cost(1)) === 0) return call;
  if (least.tokens < LEAST_TOKENS && ceiling < LEAST_TOKENS) return call;
  const maxTokens = Math.max(least.tokens, LEAST_TOKENS);
  const body = { ...call.body, [field]: maxTokens };
  return {
    model: call.model,
    body,
    bounds: boundsOf(call.model, body, pricing),
    lowered: {
      from: call,
      cap: least.cap,
      left: least.cap.per === 'call' ? null : formatDecimal(least.now),
      maxTokens,
      payable: least.payable,
    },
  };
}

/**
 * The most tokens that an answer may have to cost no more than `room`, USD, where the call has a limit that is too high. null
 * where the limit says nothing about the cost, or stands in --param.
 */
export function payableIn(room: Decimal, call: PlannedCall, pricing: Pricing): number | null {
  const { max_tokens: old, max_completion_tokens: now, ...body } = call.body;
  const limit = old ?? now;
  const free = { ...call, body, lowered: null };
  const probed = typeof limit === 'number' ? probe(free, pricing) : null;
  return probed === null ? null : largest(room, Math.max(0, Number(limit)), probed.cost);
}

interface Probe {
  field: string;
  /** USD with an answer of so many tokens, or with several of them. */
  cost: (tokens: number) => Decimal;
  /** An image or a search adds tokens to the prompt that cannot be counted. */
  isPromptOpen: boolean;
}

/** Tries it with the least limit: null where the limit is not ours to set, or says nothing about the cost. */
function probe(call: PlannedCall, pricing: Pricing): Probe | null {
  const { extras, prices } = pricing;
  const field = freeField(call.body, extras);
  if (field === null || call.bounds === null) return null;
  const body = { ...call.body, [field]: LEAST_TOKENS };
  const { tokens, counted, answers, bound } = boundsOf(call.model, body, pricing);
  const { completion_max: completion } = tokens;
  if (bound.priceUnknown || bound.uncapped || completion === null) return null;
  const listed = prices?.models.find(({ id }) => id === call.model) ?? null;
  // The number itself is part of the request, of which each byte counts.
  const around = counted - String(LEAST_TOKENS).length;
  const thinking = completion - LEAST_TOKENS;
  return {
    field,
    cost: (count) => costOf(listed, around + String(count).length, (count + thinking) * answers),
    isPromptOpen: tokens.prompt_max === null,
  };
}

function costOf(listed: CatalogueModel | null, prompt: number, completion: number): Decimal {
  const { max } = costBounds(listed, prompt, completion);
  const amount = max === null ? null : parseDecimal(max);
  if (amount === null) throw new TypeError('a call that is lowered has a price');
  return amount;
}

/** null where somebody has set a limit, or refuses to have any. */
function freeField(body: Record<string, unknown>, { param }: Extras): string | null {
  const fields = ['max_tokens', 'max_completion_tokens'];
  if (fields.some((name) => body[name] !== undefined)) return null;
  return fields.find((name) => !param.some(({ key }) => key === name)) ?? null;
}

/** How many tokens a cap gives to this call. */
function share(
  { cap, now, most }: Left,
  within: (room: Decimal) => number,
  isPromptOpen: boolean,
): { tokens: number; payable: number } {
  const payable = within(now);
  if (cap.per === 'call' && !isPromptOpen) return { tokens: payable, payable };
  // The running calls may give back what they have reserved: this one waits for them.
  if (payable < LEAST_TOKENS) return { tokens: Math.min(USUAL_TOKENS, within(most)), payable };
  const eighth = within(shift(times(now, 125), -3));
  return { tokens: Math.max(eighth, Math.min(USUAL_TOKENS, payable)), payable };
}

/** The most tokens, up to the ceiling, that do not cost more than this; 0 where none do not. More tokens never cost less. */
function largest(room: Decimal, ceiling: number, cost: (tokens: number) => Decimal): number {
  let [low, high] = [0, ceiling];
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (compare(cost(middle), room) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What a cap did to the call, in one line. */
export function loweredWords({ lowered, bounds }: PlannedCall): string | null {
  if (lowered === null) return null;
  const { cap, left, maxTokens } = lowered;
  const rest = left === null ? '' : `, of which $${left} is left`;
  return `max_tokens is lowered to ${maxTokens} by ${cap.name} ${cap.limit}${rest}: this call can cost up to $${bounds?.bound.amount ?? '0'}`;
}

/** The same as data. */
export function loweredDocument({ lowered, bounds }: PlannedCall): LoweredDocument | null {
  if (lowered === null) return null;
  const { cap, left, maxTokens } = lowered;
  return {
    name: cap.name,
    limit: cap.limit,
    left,
    max_tokens: maxTokens,
    bound: bounds?.bound.amount ?? '0',
  };
}
