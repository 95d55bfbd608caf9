/** Short names for models, from the config. */
import type { Config } from '../schemas/config.ts';

/** The model that an alias refers to; the name itself when it is not an alias. */
export function aliased(name: string, { aliases }: Config): string {
  return aliases !== undefined && Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
}
