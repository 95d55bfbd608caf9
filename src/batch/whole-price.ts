/** What all lines that are to be sent can cost together, before the first is sent. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  larger,
  parseDecimal,
  plus,
  zero,
} from '../money/decimal.ts';
import { costBounds } from '../money/estimate.ts';
import { boundsOf } from '../work/call/bounds.ts';
import { pricingOf } from '../work/call/till.ts';
import { lineWindows } from './input-lines.ts';
import { type LineIndex, lineStates } from './line-index.ts';
import { isFault, type LineRequest } from './line-request.ts';
import type { BatchPlan } from './plan.ts';
import { readLine } from './scan.ts';

export interface WholePrice {
  /** USD; null where the price of a line is not known. */
  max: string | null;
  /** The same if each answer is limited to SHORT_TOKENS; null where that costs no less. */
  short: string | null;
  /** USD of the dearest of them, at SHORT_TOKENS or its own limit. */
  dearest: string;
  /** Why it may be more; null: it cannot. */
  open: string | null;
  /** In one line. */
  words: string;
  /** The first line that is to be sent; null where there is none. */
  first: LineRequest | null;
}

export async function priceOfAll(
  input: string,
  index: LineIndex,
  plan: Pick<BatchPlan, 'request' | 'prices'>,
  /** Only so many lines, from the first that is to be sent. */
  limit: number,
  { files, clock, signal }: Pick<Deps, 'files' | 'clock' | 'signal'>,
): Promise<WholePrice> {
  const { request: common, prices } = plan;
  let sum: Decimal = zero;
  let short: Decimal = zero;
  let dearest: Decimal = zero;
  let longest = 0;
  let open: string | null = null;
  let isUnknown = false;
  let first: LineRequest | null = null;
  let left = limit;
  const reader = await files.openToRead(input);
  try {
    for (const window of lineWindows(reader)) {
      for (const line of window) {
        if (index.stateOf(line.number) !== lineStates.unread || line.isTooLong) continue;
        if (left === 0) break;
        const { request } = readLine(line, common);
        if (isFault(request)) continue;
        left -= 1;
        first ??= request;
        const { body, model } = request;
        const bounds = boundsOf(model, body, pricingOf(body, prices));
        const { bound, counted, answers } = bounds;
        isUnknown ||= bound.priceUnknown;
        open ??= bound.openReason;
        sum = plus(sum, parseDecimal(bound.amount) ?? zero);
        // Nobody has set a limit, so the bound is that of the longest answer that the model can give.
        const most = hasLimit(body) ? 0 : (bounds.tokens.completion_max ?? 0);
        const listed = prices?.models.find(({ id }) => id === model) ?? null;
        const less =
          most <= SHORT_TOKENS
            ? bound.amount
            : costBounds(listed, counted, SHORT_TOKENS * answers).max;
        const shorter = parseDecimal(less ?? '0') ?? zero;
        short = plus(short, shorter);
        dearest = larger(dearest, shorter);
        if (most > SHORT_TOKENS) longest = Math.max(longest, most);
        // Nothing else can be known, and a million lines take a while.
        if (prices === null)
          return { max: null, short: null, dearest: '0', open, words: wordsOf(null, open), first };
      }
      if (left === 0) break;
      await clock.sleep(0, signal);
    }
  } finally {
    await reader.close();
  }
  const max = isUnknown ? null : formatDecimal(sum);
  const isLess = max !== null && compare(short, sum) < 0;
  const less = isLess ? formatDecimal(short) : null;
  const most = wordsOf(max, open);
  const words = less === null ? most : `${likelyWords(less)}${most}${longestWords(longest)}`;
  return { max, short: less, dearest: formatDecimal(dearest), open, words, first };
}

/** An answer of a usual length, for an amount to compare with. */
export const SHORT_TOKENS = 1000;

function hasLimit({ max_tokens: old, max_completion_tokens: now }: LineRequest['body']): boolean {
  return old != null || now != null;
}

/** First, because it is what most batches come near to. `short`: USD, at SHORT_TOKENS each. */
function likelyWords(short: string): string {
  return `up to $${short} for answers of ${SHORT_TOKENS} tokens (--param max_tokens=${SHORT_TOKENS} sets that limit); `;
}

/** `longest`: in tokens, of the models without a limit of the user's. */
function longestWords(longest: number): string {
  return ` if answers are as long as their model allows (${longest} tokens)`;
}

function wordsOf(max: string | null, open: string | null): string {
  if (max === null)
    return `what they cost is not known in advance${open === null ? '' : ` (${open})`}`;
  return open === null ? `they cost at most $${max}` : `they may cost more than $${max} (${open})`;
}
