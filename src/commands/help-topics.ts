/** What `alltoken help` takes besides commands. Names only. */
import { commands } from './index.ts';

/** Pages that belong to no command. */
export const pageNames = ['exit-codes', 'environment', 'man'] as const;

export const helpTopics: readonly string[] = [...commands.keys(), ...pageNames];
