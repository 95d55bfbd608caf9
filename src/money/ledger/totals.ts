/** Adds up calls: how many, how many tokens, what they cost, and for how many that is unknown. Sums are exact. */
import type { Decimal } from '../decimal.ts';
import { Sum } from '../sum.ts';
import type { CallLine } from './groups.ts';
import type { OutcomeLine } from './lines.ts';
import { tokensOf } from './tokens.ts';

export class Tally {
  calls = 0;
  promptTokens = 0;
  completionTokens = 0;
  totalTokens = 0;
  /** Calls whose cost the gateway reported, and those where it was estimated from a price list. */
  gatewayCalls = 0;
  catalogCalls = 0;
  /** Calls that may have cost something, with the amount unknown. */
  unknownCalls = 0;
  /** Calls that surely cost nothing: they failed before anything was bought. */
  unbilledCalls = 0;
  private readonly gatewaySum = new Sum();
  private readonly catalogSum = new Sum();

  /** USD; null when the gateway reported no cost. */
  get gatewayCost(): Decimal | null {
    return this.gatewayCalls === 0 ? null : this.gatewaySum.total;
  }

  /** USD; null when nothing was estimated. */
  get catalogCost(): Decimal | null {
    return this.catalogCalls === 0 ? null : this.catalogSum.total;
  }

  add(line: CallLine): void {
    this.calls += 1;
    if (line.event === 'intent') {
      this.unknownCalls += 1;
      return;
    }
    if (line.usage !== null) {
      const { prompt, completion, total } = tokensOf(line.usage);
      this.promptTokens += prompt ?? 0;
      this.completionTokens += completion ?? 0;
      this.totalTokens += total ?? 0;
    }
    const amount = usdOf(line);
    if (amount === null) this.addUnpriced(line.billed === 'no');
    else if (line.cost.source === 'gateway') this.addGateway(amount);
    else this.addCatalog(amount);
  }

  private addGateway(amount: string): void {
    if (this.gatewaySum.add(amount)) this.gatewayCalls += 1;
    else this.addUnpriced(false);
  }

  private addCatalog(amount: string): void {
    if (this.catalogSum.add(amount)) this.catalogCalls += 1;
    else this.addUnpriced(false);
  }

  private addUnpriced(isUnbilled: boolean): void {
    if (isUnbilled) this.unbilledCalls += 1;
    else this.unknownCalls += 1;
  }
}

/** As people read it: a call that bought nothing has cost nothing. null: not known. */
export function shownUsd(line: OutcomeLine): string | null {
  return usdOf(line) ?? (line.billed === 'no' ? '0' : null);
}

/** null: not known, or in a currency that cannot be added to the others. */
export function usdOf(line: CallLine): string | null {
  if (line.event === 'intent' || line.cost.currency !== 'USD') return null;
  return line.cost.source === 'unknown' ? null : line.cost.amount;
}
