import type { Deps } from './deps.ts';
import { oneLine } from './json.ts';

/** Says on stderr what a command learns while it is closed, since its output failed: nobody takes events any more. null: nothing. */
export async function sayUnheard(
  message: string | null,
  { stderr }: Pick<Deps, 'stderr'>,
): Promise<void> {
  if (message === null) return;
  await stderr.write(`warning: ${oneLine(message)}\n`).catch(() => {});
}
