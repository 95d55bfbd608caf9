import type { CliError } from '../../src/base/errors.ts';
import { nextWords } from '../../src/base/next-words.ts';

/** What the hint line of an error says; '' where there is none. */
export function hintOf(error: CliError | null | undefined): string {
  return error ? (nextWords(error.details.next, error.billed) ?? '') : '';
}
