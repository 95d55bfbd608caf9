/** The --max-cost of a batch: over all its runs, and over its parts as far as they see each other. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import type { CliError } from '../base/errors.ts';
import { stepsOf } from '../base/next-step.ts';
import { SharedTotal, shareOf } from '../money/budget/shared-total.ts';
import { Total } from '../money/budget/total.ts';
import { type Decimal, divided, times } from '../money/decimal.ts';
import { hashOf, hashText } from './line-index.ts';
import type { BatchPlan } from './plan.ts';

type TotalPlan = Pick<BatchPlan, 'maxCost' | 'shard' | 'shared' | 'flags'>;

export interface BatchTotal {
  /** null: there is none. */
  total: Total | null;
  /** How it is shared, for the first line; null: it is not. */
  words: string | null;
  /** A refusal by it says what other parts could add. */
  explain(error: CliError): CliError;
  /** The --max-cost with which the parts that have begun may use this amount. */
  wholeOf(amount: Decimal): Decimal;
  close(): Promise<void>;
}

/** `spent`: USD, by earlier runs of this part. Throws `CliError` local_io. */
export async function openTotal(
  { maxCost, shard, shared, flags }: TotalPlan,
  spent: string,
  deps: Deps,
): Promise<BatchTotal> {
  const alone = {
    words: null,
    explain: (error: CliError) => error,
    wholeOf: (amount: Decimal) => amount,
    close: async () => {},
  };
  if (maxCost === null) return { total: null, ...alone };
  if (shard === null || shard.count === 1)
    return { total: new Total(maxCost, { spent }), ...alone };
  const { count } = shard;
  if (shared === null) {
    const share = shareOf(maxCost, 1, count);
    const words = `--max-cost is divided by ${count}: $${share} for this part`;
    const wholeOf = (amount: Decimal): Decimal => times(amount, count);
    return { ...alone, wholeOf, total: new Total(share, { spent }), words };
  }
  const { '--shard': _part, ...same } = flags;
  const job = hashText(hashOf(JSON.stringify(same)));
  const total = await SharedTotal.open(
    { path: shared, job, part: shard, limit: maxCost, spent },
    deps,
  );
  const begun = (): string => `${total.parts} of ${count} parts have begun in its directory`;
  return {
    total,
    words:
      total.parts === count
        ? `all parts share --max-cost $${maxCost}`
        : `${begun()}, and share $${total.limit} of --max-cost $${maxCost}`,
    explain(error) {
      if (error.details.code !== 'max_cost' || total.parts === count) return error;
      const words = `begin the other parts, then run this one again: ${begun()}, and each adds its share`;
      const next = [{ do: 'say' as const, words }, ...stepsOf(error.details.next)];
      return error.changed({ next });
    },
    wholeOf: (amount) => divided(times(amount, count), total.parts),
    close: () => total.close(),
  };
}
