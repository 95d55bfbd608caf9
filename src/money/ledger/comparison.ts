/** Adds up what another model's prices need: the tokens of calls. Prices are the same for each call of a tier, so that sums price as well as calls do. */
import type { Cost } from '../../schemas/common.ts';
import { unknownCost } from '../amount.ts';
import { type Decimal, formatDecimal, parseDecimal, plus, zero } from '../decimal.ts';
import { estimateCost, type TokenCounts } from '../estimate.ts';
import type { ListedPrice } from '../prices.ts';
import { Sum } from '../sum.ts';
import { tokenCounts } from '../token-counts.ts';
import type { CallLine } from './groups.ts';
import { usdOf } from './totals.ts';

export class Comparison {
  calls = 0;
  /** Calls with token counts and a known cost. */
  comparedCalls = 0;
  readonly compared: TokenSums;
  /** Calls with token counts and an unknown cost. */
  unknownCalls = 0;
  readonly unknown: TokenSums;
  /** Calls without token counts, and jobs: an image is not priced by the tokens of a chat. */
  leftOutCalls = 0;
  /** Some of the known costs are estimates by a list. */
  isEstimated = false;
  private readonly realSum = new Sum();

  /** `model`: the other one. */
  constructor(model: ListedPrice) {
    this.compared = new TokenSums(model);
    this.unknown = new TokenSums(model);
  }

  /** USD, of the compared calls; null when there are none. */
  get realCost(): Decimal | null {
    return this.comparedCalls === 0 ? null : this.realSum.total;
  }

  add(line: CallLine): void {
    this.calls += 1;
    if (line.event === 'intent' || line.task_id !== undefined) {
      this.leftOutCalls += 1;
      return;
    }
    const tokens = tokenCounts(line.usage);
    if (tokens === null) {
      this.leftOutCalls += 1;
      return;
    }
    const amount = usdOf(line);
    const isKnown = amount !== null && this.realSum.add(amount);
    if (isKnown) this.comparedCalls += 1;
    if (isKnown && line.cost.source === 'catalog') this.isEstimated = true;
    if (!isKnown) this.unknownCalls += 1;
    (isKnown ? this.compared : this.unknown).add(tokens);
  }
}

/** Sums of one tier. */
interface TierSums extends Required<TokenCounts> {
  calls: number;
  /** Decides the tier. */
  from: number;
  reasoning: number;
}

class TokenSums {
  private readonly model: ListedPrice;
  private readonly tiers: readonly TierSums[];

  constructor(model: ListedPrice) {
    this.model = model;
    const starts = [0, ...(model.tiers ?? []).map(({ from }) => from)];
    this.tiers = starts.map((from) => ({ from, calls: 0, ...none }));
  }

  get prompt(): number {
    return this.tiers.reduce((sum, { prompt }) => sum + prompt, 0);
  }

  get completion(): number {
    return this.tiers.reduce((sum, { completion }) => sum + completion, 0);
  }

  /** What they cost on that model. */
  get cost(): Cost {
    let total = zero;
    for (const { calls, from, ...tokens } of this.tiers) {
      if (calls === 0) continue;
      const { amount } = estimateCost(this.model, tokens, { requests: calls, tierOf: from });
      const value = amount === null ? null : parseDecimal(amount);
      if (value === null) return unknownCost;
      total = plus(total, value);
    }
    return { amount: formatDecimal(total), currency: 'USD', source: 'catalog' };
  }

  add(tokens: TokenCounts): void {
    const sums = this.tiers.findLast(({ from }) => from <= tokens.prompt);
    if (sums === undefined) return;
    sums.calls += 1;
    sums.prompt += tokens.prompt;
    sums.completion += tokens.completion;
    sums.cached += tokens.cached;
    sums.reasoning += tokens.reasoning ?? tokens.completion;
    // A model without a price for writing to a cache takes them as a plain prompt.
    if (this.model.cache_write == null) return;
    sums.written += tokens.written ?? 0;
    sums.writtenLong += this.model.cache_write_long == null ? 0 : (tokens.writtenLong ?? 0);
  }
}

const none = { prompt: 0, completion: 0, cached: 0, written: 0, writtenLong: 0, reasoning: 0 };
