/** What a batch has cost, exactly: the sum over its lines, and what lines of unknown cost may add. */
import type { Billed } from '../base/errors.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  minus,
  parseDecimal,
  plus,
  zero,
} from '../money/decimal.ts';
import type { BatchCost } from '../schemas/batch.ts';
import type { Cost } from '../schemas/common.ts';

/** Of one line, over all its tries. */
export interface LineCost {
  cost: BatchCost;
  billed: Billed;
  /** USD that it can have cost where its cost is not known; null where that is not known either. */
  bound: string | null;
}

export class Tally {
  private known: Decimal = zero;
  private bounds: Decimal = zero;
  private counted = 0;
  private estimates = 0;
  private unknowns = 0;

  addCost(line: LineCost): void {
    this.count(line, plus, 1);
  }

  /** A later try of the line takes its place. */
  removeCost(line: LineCost): void {
    this.count(line, minus, -1);
  }

  private count(
    { cost, billed, bound }: LineCost,
    how: (a: Decimal, b: Decimal) => Decimal,
    by: number,
  ): void {
    if (cost.amount !== null) {
      this.known = how(this.known, parseDecimal(cost.amount) ?? zero);
      this.counted += by;
      if (cost.source === 'catalog') this.estimates += by;
    }
    if (isOpen({ cost, billed })) {
      this.unknowns += by;
      this.bounds = how(this.bounds, parseDecimal(bound ?? '0') ?? zero);
    }
  }

  /** Over all lines. */
  get cost(): BatchCost {
    const isNothing = this.counted === 0 && this.unknowns > 0;
    if (isNothing) return { amount: null, currency: 'USD', source: 'unknown' };
    return {
      amount: formatDecimal(this.known),
      currency: 'USD',
      source: this.estimates > 0 ? 'catalog' : 'gateway',
      ...(this.unknowns > 0 ? { at_least: true } : {}),
    };
  }

  /** USD that count against the total: unknown costs at their bounds. */
  get spent(): string {
    return formatDecimal(plus(this.known, this.bounds));
  }

  /** USD, of what is known. */
  get amount(): Decimal {
    return this.known;
  }

  /** Of the tries of one line. */
  static sumOf(tries: readonly { cost: Cost | BatchCost; billed: Billed }[]): BatchCost {
    const [only] = tries;
    // One cost stays as the gateway wrote it.
    if (tries.length === 1 && only !== undefined) return only.cost;
    const tally = new Tally();
    for (const { cost, billed } of tries) tally.addCost({ cost, billed, bound: null });
    return tally.cost;
  }
}

function isOpen({ cost, billed }: Pick<LineCost, 'cost' | 'billed'>): boolean {
  if (cost.amount === null) return billed !== 'no';
  return cost.at_least === true;
}

/** If the other lines cost as much as those so far; null where nothing is known yet. */
export function projected(spent: Decimal, done: number, total: number): string | null {
  if (done === 0 || compare(spent, zero) === 0) return null;
  const { units, places } = spent;
  // Six places more, so that the division loses nothing that anybody sees.
  const scaled = (units * 10n ** 6n * BigInt(total)) / BigInt(done);
  return formatDecimal({ units: scaled, places: places + 6 });
}
