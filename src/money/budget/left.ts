/** What is left under each cap at this moment. It reserves nothing, and decides nothing. */
import { type Decimal, minus, parseDecimal, plus, zero } from '../decimal.ts';
import type { Bound, Cap } from './caps.ts';
import type { BudgetDeps } from './change-state.ts';
import { judge } from './reserve.ts';
import type { Book } from './state.ts';

/** In USD; below zero where more is gone than the limit allows. */
export interface Left {
  readonly cap: Cap;
  /** That less what running and waiting calls have reserved. */
  readonly now: Decimal;
  /** The limit less what is spent, or may be by killed calls: what is left if the running calls cost nothing. */
  readonly most: Decimal;
}

const nothing: Bound = { amount: '0', openReason: null, priceUnknown: false, uncapped: false };

/** Of a cap on single calls, all of it. Throws `local_io` where a budget over several calls cannot be read. */
export async function leftUnder(
  caps: readonly Cap[],
  book: Book,
  deps: BudgetDeps,
): Promise<Left[]> {
  const checks = await judge({ caps, bound: nothing }, book, deps);
  return caps.map((cap, index) => {
    const check = checks[index];
    const most = minus(amount(cap.limit), plus(amount(check?.spent), amount(check?.unsettled)));
    return { cap, most, now: minus(most, amount(check?.reserved)) };
  });
}

/** The same for caps on single calls alone, of which nothing need be read. */
export function leftUnderSingle(caps: readonly Cap[]): Left[] {
  return caps
    .filter(({ per }) => per === 'call')
    .map((cap) => ({ cap, now: amount(cap.limit), most: amount(cap.limit) }));
}

function amount(text: string | null | undefined): Decimal {
  return text == null ? zero : (parseDecimal(text) ?? zero);
}
