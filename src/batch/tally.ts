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
import type { BatchCost, OutputLine } from '../schemas/batch.ts';
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

  /** USD that what has no known cost can have cost. */
  get bound(): string {
    return formatDecimal(this.bounds);
  }

  /** USD that count against the total: unknown costs at their bounds. */
  get spent(): string {
    return formatDecimal(plus(this.known, this.bounds));
  }

  /** USD, of what is known. */
  get amount(): Decimal {
    return this.known;
  }
}

/** What the output says about the tries of one line. */
type TriesDocument = Pick<
  OutputLine['alltoken'],
  'cost' | 'billed' | 'attempts' | 'last' | 'bound'
>;

/** Those before, if any, and the latest one. */
export function triesDocument(
  earlier: (LineCost & { attempts: number }) | null,
  own: LineCost & { cost: Cost; attempts: number },
): TriesDocument {
  const { cost, billed, bound } = overTries(earlier, own);
  const { attempts } = own;
  return {
    cost,
    billed,
    attempts: attempts + (earlier?.attempts ?? 0),
    ...(earlier === null ? {} : { last: { cost: own.cost, billed: own.billed, attempts } }),
    ...(bound === null ? {} : { bound }),
  };
}

/** What an earlier one may have cost still counts. */
function overTries(earlier: LineCost | null, own: LineCost): LineCost {
  // One cost stays as the gateway wrote it.
  if (earlier === null) return { ...own, bound: isOpen(own) ? own.bound : null };
  const tally = new Tally();
  const open = [earlier, own].filter(isOpen);
  for (const one of [earlier, own]) tally.addCost(one);
  const bounds = open.flatMap(({ bound }) => (bound === null ? [] : [parseDecimal(bound) ?? zero]));
  return {
    cost: tally.cost,
    billed: own.billed === 'no' ? earlier.billed : own.billed,
    bound: bounds.length === 0 ? null : formatDecimal(bounds.reduce(plus)),
  };
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
