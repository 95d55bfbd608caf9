/** The flags about money that every paid command shares: tags and caps. It reads no ledger and no price. */
import { InvalidArgumentError } from 'commander';
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { say } from '../base/next-step.ts';
import { MAX_TAGS, tagPattern } from '../base/tag.ts';
import { variable } from '../config/variable.ts';
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

export const moneyFlags = flagGroup(
  'Money:',
  tagFlag,
  flag('--max-cost <usd>', 'limit the cost: shorten the answer, or send nothing', { read: amount }),
  flag(
    '--hold <seconds>',
    'how long to wait for running calls that reserve a budget; 0: not at all',
    {
      read: secondsToHold,
      usual: '30',
    },
  ),
  flag('--dry-run', 'show the request, what it can cost and the verdict; send nothing'),
);

/** `maxCost`: USD, a plain decimal. */
export type MoneyFlags = FlagsOf<readonly [typeof moneyFlags]>;

/** --tag and ALLTOKEN_TAG (names with commas between), each once. Throws `CliError` usage for a bad name in the environment. */
export function tagsOf(
  { tag = [] }: Pick<MoneyFlags, 'tag'>,
  deps: Pick<Deps, 'env' | 'platform'>,
): string[] {
  const names = (variable(deps, 'ALLTOKEN_TAG') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const bad = names.find((name) => !tagPattern.test(name));
  if (bad !== undefined)
    throw new CliError('usage', `ALLTOKEN_TAG: ${JSON.stringify(bad)} is not a valid tag`, {
      code: 'bad_tag',
      next: say('letters, digits, dots, dashes and underscores, at most 64'),
    });
  const all = [...new Set([...tag, ...names])];
  if (all.length > MAX_TAGS)
    throw new CliError(
      'usage',
      `at most ${MAX_TAGS} tags: --tag and ALLTOKEN_TAG give ${all.length}`,
      {
        code: 'bad_tag',
      },
    );
  return all;
}

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
  if (!tagPattern.test(text))
    throw new InvalidArgumentError(
      'Expected letters, digits, dots, dashes and underscores, at most 64.',
    );
  if (before.length === MAX_TAGS) throw new InvalidArgumentError(`At most ${MAX_TAGS} tags.`);
  return text;
}
