/** Adds up what another model's prices need: the tokens of calls. Prices are the same for each call, so that sums price as well as calls do. */
import type { Decimal } from '../decimal.ts';
import type { TokenCounts } from '../estimate.ts';
import { Sum } from '../sum.ts';
import type { CallLine } from './groups.ts';
import { tokensOf } from './tokens.ts';
import { usdOf } from './totals.ts';

export class Comparison {
  calls = 0;
  /** Calls with token counts and a known cost. */
  comparedCalls = 0;
  readonly comparedTokens: TokenCounts = { prompt: 0, completion: 0, cached: 0 };
  /** Calls with token counts and an unknown cost. */
  unknownCalls = 0;
  readonly unknownTokens: TokenCounts = { prompt: 0, completion: 0, cached: 0 };
  /** Calls without token counts, and jobs: an image is not priced by the tokens of a chat. */
  leftOutCalls = 0;
  /** Some of the known costs are estimates by a list. */
  isEstimated = false;
  private readonly realSum = new Sum();

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
    const { prompt, completion, cached } = tokensOf(line.usage);
    if (prompt === null || completion === null) {
      this.leftOutCalls += 1;
      return;
    }
    const amount = usdOf(line);
    const isKnown = amount !== null && this.realSum.add(amount);
    if (isKnown) this.comparedCalls += 1;
    if (isKnown && line.cost.source === 'catalog') this.isEstimated = true;
    if (!isKnown) this.unknownCalls += 1;
    const tokens = isKnown ? this.comparedTokens : this.unknownTokens;
    tokens.prompt += prompt;
    tokens.completion += completion;
    tokens.cached += Math.min(cached, prompt);
  }
}
