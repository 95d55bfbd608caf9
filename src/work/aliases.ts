/** Short names for models, from the config. */
import type { Config } from '../schemas/config.ts';

/** The model that a name stands for; the name itself when it stands for none. */
export function aliased(name: string, { aliases }: Config): string {
  return aliases !== undefined && Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
}
