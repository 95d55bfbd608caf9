import type { Deps } from './deps.ts';
import { oneLine } from './json.ts';

/** Says on stderr what a command learns while it is closed, since its output failed: nobody takes events any more. */
export async function sayUnheard(message: string, { stderr }: Pick<Deps, 'stderr'>): Promise<void> {
  await stderr.write(`warning: ${oneLine(message)}\n`).catch(() => {});
}
