/** One tally in the public JSON. */

import { type Decimal, formatDecimal, plus, zero } from '../../money/decimal.ts';
import type { Tally } from '../../money/ledger/totals.ts';
import type { Cost } from '../../schemas/common.ts';
import type { TallyDocument } from '../../schemas/cost.ts';

/** null: there are calls, and of none is it known. Calls that surely cost nothing cost 0. */
export function costOf(tally: Tally): Decimal | null {
  const { gatewayCost, catalogCost, unknownCalls } = tally;
  if (gatewayCost === null && catalogCost === null) return unknownCalls > 0 ? null : zero;
  return plus(gatewayCost ?? zero, catalogCost ?? zero);
}

export function tallyOf(tally: Tally): TallyDocument {
  const { gatewayCost, catalogCost } = tally;
  const text = (amount: Decimal | null): string | null =>
    amount === null ? null : formatDecimal(amount);
  return {
    calls: tally.calls,
    prompt_tokens: tally.promptTokens,
    completion_tokens: tally.completionTokens,
    total_tokens: tally.totalTokens,
    cost: sumOf(text(costOf(tally)), catalogCost !== null),
    sources: { gateway: text(gatewayCost), catalog: text(catalogCost) },
    known_calls: tally.gatewayCalls + tally.catalogCalls,
    unknown_calls: tally.unknownCalls,
    unbilled_calls: tally.unbilledCalls,
  };
}

/** A sum is as sure as its least sure part. */
function sumOf(amount: string | null, isEstimated: boolean): Cost {
  const source = amount === null ? 'unknown' : isEstimated ? 'catalog' : 'gateway';
  return { amount, currency: 'USD', source };
}
