/** What all lines that are to be sent can cost together, before the first is sent. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import { type Decimal, formatDecimal, parseDecimal, plus, zero } from '../money/decimal.ts';
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
  plan: BatchPlan,
  { files, clock, signal }: Pick<Deps, 'files' | 'clock' | 'signal'>,
): Promise<WholePrice> {
  const { request: common, prices } = plan;
  let sum: Decimal = zero;
  let open: string | null = null;
  let isUnknown = false;
  let first: LineRequest | null = null;
  const reader = await files.openToRead(input);
  try {
    for (const window of lineWindows(reader)) {
      for (const line of window) {
        if (index.stateOf(line.number) !== lineStates.unread || line.isTooLong) continue;
        const { request } = readLine(line, common);
        if (isFault(request)) continue;
        first ??= request;
        const { bound } = boundsOf(request.model, request.body, pricingOf(request.body, prices));
        isUnknown ||= bound.priceUnknown;
        open ??= bound.openReason;
        sum = plus(sum, parseDecimal(bound.amount) ?? zero);
        // Nothing else can be known, and a million lines take a while.
        if (prices === null) return { max: null, open, words: wordsOf(null, open), first };
      }
      await clock.sleep(0, signal);
    }
  } finally {
    await reader.close();
  }
  const max = isUnknown ? null : formatDecimal(sum);
  return { max, open, words: wordsOf(max, open), first };
}

function wordsOf(max: string | null, open: string | null): string {
  if (max === null)
    return `what they cost is not known in advance${open === null ? '' : ` (${open})`}`;
  return open === null ? `they cost at most $${max}` : `they may cost more than $${max} (${open})`;
}
