/** What a job can cost where nobody tells: no gateway that we know lists the price of one picture or video. */
import type { Bound } from '../../money/budget/caps.ts';

export function unknownBound(what: string): Bound {
  return {
    amount: '0',
    openReason: `nobody tells what ${what} costs before it is made`,
    priceUnknown: true,
    uncapped: false,
  };
}
