/** What `alltoken help` takes besides commands. Names only. */
import type { Context } from '../flags/context.ts';

/** Pages that belong to no command. */
export const pageNames = ['exit-codes', 'environment', 'man'] as const;

export function helpTopics({ commands }: Pick<Context, 'commands'>): string[] {
  return [...commands.keys(), ...pageNames];
}
