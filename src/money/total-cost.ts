/** What several calls cost together: exact, and honest about what is not known. */
import { formatDecimal } from './decimal.ts';
import { Sum } from './sum.ts';

export interface TotalCost {
  /** USD, of all that is known; null where nothing is. */
  amount: string | null;
  /** Something has no known cost, so that the amount is the least. */
  atLeast: boolean;
}

/** `amounts`: null for an unknown one. */
export function decimalSum(amounts: readonly (string | null)[]): TotalCost {
  const sum = new Sum();
  let known = 0;
  for (const amount of amounts) if (amount !== null && sum.add(amount)) known += 1;
  const atLeast = known < amounts.length;
  return {
    amount: known === 0 && atLeast ? null : formatDecimal(sum.total),
    atLeast,
  };
}

/** `$0.0000376`, `at least $0.0000188`, `unknown`. */
export function totalWords({ amount, atLeast }: TotalCost): string {
  if (amount === null) return 'unknown';
  return `${atLeast ? 'at least ' : ''}$${amount}`;
}
