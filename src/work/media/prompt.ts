/** The prompt of an image or a video: the words, or standard input for `-`. It reads no file. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { readStdin, stdinText } from '../input/stdin.ts';

/** '' when nothing was typed. Throws `CliError` usage. */
export async function readWords(
  words: readonly string[],
  deps: Pick<Deps, 'stdin' | 'clock' | 'signal'>,
): Promise<string> {
  const dashes = words.filter((word) => word === '-').length;
  if (dashes > 1)
    throw new CliError('usage', 'standard input can be read only once: several - were given', {
      code: 'stdin_twice',
    });
  const typed = words.filter((word) => word !== '-').join(' ');
  if (dashes === 0) return typed.trim();
  const reading = readStdin(deps, true);
  let step = await reading.next();
  while (!step.done) step = await reading.next();
  const parts = [typed, stdinText(step.value)].map((part) => part.trim());
  return parts.filter((part) => part !== '').join('\n\n');
}
