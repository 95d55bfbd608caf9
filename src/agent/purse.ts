/** `maxCost`: what an agent, its tools and the agents below it may spend together, held before each purchase. Amounts in USD. */
import { decimal } from '../money/budget/caps.ts';
import { compare, type Decimal, formatDecimal, minus, plus, zero } from '../money/decimal.ts';
import type { Cost, TotalCost } from './types.ts';

/** What is reserved for one purchase. Exactly one of its ends counts; later ones do nothing. */
export interface Hold {
  /** `cost` null: it is not known, and counts as all that was reserved. */
  settle(cost: Cost | null): void;
  /** Nothing was bought. */
  release(): void;
}

export class Purse {
  readonly #limit: Decimal | null;
  /** This one and all above it, each once. */
  readonly #all: readonly Purse[];
  #gone: Decimal = zero;
  #reserved: Decimal = zero;
  #holds = 0;
  #known: Decimal = zero;
  readonly #sources = new Set<Cost['source']>();
  #isBlind = false;
  #waiting: (() => void)[] = [];

  /** `limit` null: what those above allow. */
  constructor(limit: string | null, above: readonly Purse[] = []) {
    this.#limit = limit === null ? null : decimal(limit);
    this.#all = [...new Set([this, ...above.flatMap((purse) => purse.#all)])];
  }

  /** What may still be reserved; null: nothing limits it. Below zero where something cost more than was known before. */
  get left(): Decimal | null {
    let least: Decimal | null = null;
    for (const purse of this.#all) {
      const own = purse.#ownLeft();
      if (own !== null && (least === null || compare(own, least) < 0)) least = own;
    }
    return least;
  }

  /** A purchase is being made whose reserved amount may come back, so that more is left then. */
  get isBusy(): boolean {
    return this.#all.some((purse) => purse.#limit !== null && purse.#holds > 0);
  }

  /** Something was bought of which not even a bound is known: what is left is not known either. */
  get isBlind(): boolean {
    return this.#all.some((purse) => purse.#limit !== null && purse.#isBlind);
  }

  /** What an earlier process has spent under the same name; null: something of which nothing is known. */
  begin(amount: string | null): void {
    if (amount === null) this.#isBlind = true;
    else this.#gone = plus(this.#gone, decimal(amount));
  }

  hold(amount: string): Hold {
    const bound = decimal(amount);
    for (const purse of this.#all) purse.#reserve(bound);
    let isOpen = true;
    const end = (count: (purse: Purse) => void): void => {
      if (!isOpen) return;
      isOpen = false;
      for (const purse of this.#all) {
        purse.#giveBack(bound);
        count(purse);
        purse.#wake();
      }
    };
    return {
      settle: (cost) => end((purse) => purse.#count(cost, bound)),
      release: () => end(() => {}),
    };
  }

  /** What was bought without a reservation. */
  spend(cost: Cost): void {
    for (const purse of this.#all) {
      purse.#count(cost, null);
      purse.#wake();
    }
  }

  /** Resolves when a purchase has ended, or when the signal is aborted. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
      for (const purse of this.#all) purse.#waiting.push(end);
    });
  }

  total(): TotalCost {
    const atLeast = this.#sources.has('unknown');
    const isKnown = this.#sources.size > (atLeast ? 1 : 0);
    const certain = this.#sources.has('catalog') ? 'catalog' : 'gateway';
    return {
      amount: atLeast && !isKnown ? null : formatDecimal(this.#known),
      currency: 'USD',
      source: atLeast && !isKnown ? 'unknown' : certain,
      atLeast,
    };
  }

  #ownLeft(): Decimal | null {
    if (this.#limit === null) return null;
    return minus(this.#limit, plus(this.#gone, this.#reserved));
  }

  #reserve(bound: Decimal): void {
    this.#reserved = plus(this.#reserved, bound);
    this.#holds += 1;
  }

  #giveBack(bound: Decimal): void {
    this.#reserved = minus(this.#reserved, bound);
    this.#holds -= 1;
  }

  /** An unknown cost counts as its bound; without one, nothing can be held any more. */
  #count(cost: Cost | null, bound: Decimal | null): void {
    const amount = cost?.currency === 'USD' ? cost.amount : null;
    this.#sources.add(amount === null ? 'unknown' : (cost?.source ?? 'unknown'));
    if (amount !== null) {
      this.#known = plus(this.#known, decimal(amount));
      this.#gone = plus(this.#gone, decimal(amount));
    } else if (bound !== null) this.#gone = plus(this.#gone, bound);
    else this.#isBlind = true;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
