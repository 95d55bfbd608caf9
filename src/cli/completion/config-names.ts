/** Names and values of the config at the cursor. It changes nothing. */
import { configNames } from '../../config/config-names.ts';
import { flatten } from '../../config/edit.ts';
import { loadConfig } from '../../config/file.ts';
import { findPlaces } from '../../config/places.ts';
import { gatewayNames, modelNames, type Where } from '../../work/known-names.ts';

/** What `get` and `unset` find, or all that `set` takes. */
export async function configKeys(
  subcommand: string,
  current: string,
  deps: Where['deps'],
): Promise<string[]> {
  if (!['get', 'set', 'unset'].includes(subcommand)) return [];
  const config = await loadConfig(deps, findPlaces(deps)).catch(() => ({}));
  const stored = flatten(config).map(([name]) => name);
  if (subcommand !== 'set') return stored;
  return [...new Set([...stored, ...configNames(await gatewayNames(deps), current)])];
}

/** What a name takes where that is one of a few words. */
export async function configValues(key: string, where: Where): Promise<string[]> {
  if (key === 'gateway') return gatewayNames(where.deps);
  const command = /^defaults\.(\w+)\.model$/.exec(key)?.[1];
  if (command !== undefined) return modelNames({ ...where, command });
  return /^aliases\./.test(key) ? modelNames(where) : [];
}
