/** The flags about money that every paid command shares: tags and caps. It reads no ledger and no price. */
import { InvalidArgumentError } from 'commander';
import { isTag, MAX_TAGS } from '../config/tags.ts';
import { type FlagsOf, flag, flagGroup } from './declare-flags.ts';

const USUAL_HOLD_SECONDS = 30;

export const tagFlag = flag(
  '--tag <name>',
  'tag the call in the ledger, for cost --by tag and budgets',
  {
    read: readTag,
    repeatable: true,
  },
);

export const holdFlag = flag(
  '--hold <seconds>',
  'how long to wait for running calls that reserve a budget; 0: not at all',
  {
    read: secondsToHold,
    usual: '30',
  },
);

export const moneyFlags = flagGroup(
  'Money:',
  tagFlag,
  flag('--max-cost <usd>', 'limit the cost: shorten the answer, or send nothing', { read: amount }),
  holdFlag,
  flag('--dry-run', 'show the request, what it can cost and the verdict; send nothing'),
);

/** `maxCost`: USD, a plain decimal. */
export type MoneyFlags = FlagsOf<readonly [typeof moneyFlags]>;

/** How long a call waits for others under the same budget. `deadlineAt`: of --timeout, on the monotonic clock; null: none. */
export function patienceOf(
  { hold = USUAL_HOLD_SECONDS }: Pick<MoneyFlags, 'hold'>,
  deadlineAt: number | null,
): { holdMs: number; deadlineAt: number | null } {
  return { holdMs: hold * 1000, deadlineAt };
}

/** An amount in USD as a plain decimal, unrounded. */
export function amount(text: string): string {
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text))
    throw new InvalidArgumentError('Expected an amount in USD, such as 0.05.');
  return text;
}

export function secondsToHold(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text.trim()) || value > 86_400)
    throw new InvalidArgumentError('Expected seconds, from 0 to 86400.');
  return value;
}

function readTag(text: string, before: readonly string[]): string {
  if (!isTag(text))
    throw new InvalidArgumentError(
      'Expected letters, digits, dots, dashes and underscores, at most 64.',
    );
  if (before.length === MAX_TAGS) throw new InvalidArgumentError(`At most ${MAX_TAGS} tags.`);
  return text;
}
