/** The names that label calls in the ledger, for reports and budgets. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { say } from '../base/next-step.ts';
import { variable } from './variable.ts';

export const MAX_TAGS = 16;

/** As a name in the config: it may be used in `budget.tags`. */
export function isTag(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

/** --tag and ALLTOKEN_TAG (names with commas between), each once. Throws `CliError` usage for a bad name in the environment. */
export function tagsOf(
  { tag = [] }: { tag?: readonly string[] | undefined },
  deps: Pick<Deps, 'env' | 'platform'>,
): string[] {
  const names = (variable(deps, 'ALLTOKEN_TAG') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const bad = names.find((name) => !isTag(name));
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
