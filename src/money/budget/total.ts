/** A cap on all calls of one process together, such as the --max-cost of a batch. It lives in memory, and no other process knows it (`shared-total.ts` is one that several know). */
import type { CapCheck } from '../../schemas/common.ts';
import { compare, type Decimal, formatDecimal, minus, plus, zero } from '../decimal.ts';
import { type Bound, decimal } from './caps.ts';

export class Total {
  /** When what others hold of it was last seen to change, on the monotonic clock, ms. */
  movedAt: number = Number.NEGATIVE_INFINITY;
  protected spent: Decimal;
  protected held: Decimal = zero;
  private readonly name: string;
  private readonly most: string;

  /** `spent`: what counted before, as in a batch that goes on. */
  constructor(limit: string, { name = '--max-cost', spent = '0' } = {}) {
    this.name = name;
    this.most = limit;
    this.spent = decimal(spent);
  }

  /** What all calls have cost so far: a plain decimal in USD, unknown costs at their bounds. */
  get cost(): string {
    return formatDecimal(this.spent);
  }

  /** USD. */
  get limit(): string {
    return this.most;
  }

  check({ amount, openReason }: Bound): CapCheck {
    const need = decimal(amount);
    const isOpen = openReason !== null;
    const isWithin = (used: Decimal, most: Decimal): boolean =>
      compare(plus(used, need), most) <= 0 && !(isOpen && compare(used, most) >= 0);
    const { limit, used } = this;
    const gone = plus(this.spent, this.goneElsewhere);
    const fits = isWithin(gone, decimal(limit));
    return {
      name: this.name,
      limit,
      spent: formatDecimal(gone),
      reserved: formatDecimal(plus(this.held, this.heldElsewhere)),
      unsettled: '0',
      bound: amount,
      known: !isOpen,
      fits,
      waits: fits && !isWithin(used, this.usable),
    };
  }

  /** Resolves when `check` knows what others leave for such a call; it may fit then that did not before. Rejects with `CliError`. */
  async ask(_bound: Bound): Promise<void> {}

  hold(amount: Decimal): void {
    this.held = plus(this.held, amount);
  }

  /** The call has ended: what it has cost takes the place of what was held for it. */
  settle(held: Decimal, cost: Decimal): void {
    this.held = minus(this.held, held);
    this.spent = plus(this.spent, cost);
  }

  /** Spent here, or held for calls that run here. */
  protected get used(): Decimal {
    return plus(this.spent, this.held);
  }

  /** What may be used here without asking others. */
  protected get usable(): Decimal {
    return decimal(this.limit);
  }

  /** What others have spent for good. */
  protected get goneElsewhere(): Decimal {
    return zero;
  }

  /** What others hold, and may give back. */
  protected get heldElsewhere(): Decimal {
    return zero;
  }
}
