/** Changes the config file atomically. It never writes a config that would be refused when read. */
import type { Deps } from '../base/deps.ts';
import { diskRemedy, inPlainWords } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { allowWriting } from '../base/host-sandbox.ts';
import { isRecord } from '../base/json.ts';
import { findKeys, valueAt, withoutValue } from './config-path.ts';
import { parseConfigText, readConfigFile } from './file.ts';
import type { Places } from './places.ts';

type EditDeps = Pick<Deps, 'files' | 'platform' | 'path' | 'env'>;

/** The value at a dotted path, the longest existing key first; undefined when there is none. */
export function getPath(config: unknown, path: string): unknown {
  const keys = findKeys(config, path);
  return keys === null ? undefined : valueAt(config, keys);
}

/** Every value with its dotted path, in the order of the file; a list is one value, and so is an empty object. */
export function flatten(config: unknown): [path: string, value: unknown][] {
  const walk = (value: unknown, keys: readonly string[]): [string, unknown][] => {
    const entries = isRecord(value) ? Object.entries(value) : [];
    if (entries.length > 0) return entries.flatMap(([key, below]) => walk(below, [...keys, key]));
    return keys.length === 0 ? [] : [[keys.join('.'), value]];
  };
  return walk(config, []);
}

/**
 * Stores a value and returns it as stored: read as JSON if the schema takes that, else as the string it is.
 * Throws `usage` for a path or value that the config does not take, `no_key` when the file is bad elsewhere,
 * `local_io` when it cannot be written. The file is then unchanged.
 */
export async function setPath(
  deps: EditDeps,
  places: Places,
  path: string,
  valueText: string,
): Promise<unknown> {
  const raw = (await readRawConfig(deps, places.configFile)) ?? {};
  const { planSet } = await import('./plan-set.ts');
  const { config, value } = planSet(raw, path, valueText, places.configFile);
  await writeConfig(deps, places.configFile, config);
  return value;
}

/**
 * Removes a value, and the objects that it leaves empty; false when there was none. A file that is refused for
 * something else is edited anyway, because that is how it is repaired. Throws `no_key` for a file that is not
 * JSON, `usage` when the rest is not valid without the value, `local_io` when it cannot be written.
 */
export async function unsetPath(deps: EditDeps, places: Places, path: string): Promise<boolean> {
  const file = places.configFile;
  const raw = await readRawConfig(deps, file);
  const keys = raw === null ? null : findKeys(raw, path);
  if (keys === null) return false;
  const next = withoutValue(raw, keys);
  const { checkConfig, configError } = await import('./check-config.ts');
  const checked = checkConfig(next);
  if (!checked.ok && checkConfig(raw).ok) throw configError(checked, 'config unset', 'usage');
  await writeConfig(deps, file, next);
  return true;
}

/** The file as JSON, not validated; null when there is none. Throws `no_key`. */
export async function readRawConfig(deps: EditDeps, file: string): Promise<unknown> {
  const text = await readConfigFile(deps, file);
  return text === null ? null : parseConfigText(text, file);
}

/** Replaces the file. Throws `local_io`. */
export async function writeConfig(deps: EditDeps, file: string, config: unknown): Promise<void> {
  const { dirname } = deps.path;
  try {
    await deps.files.makeDirectory(dirname(file));
    await deps.files.replace(file, `${JSON.stringify(config, null, 2)}\n`);
  } catch (error) {
    const code = systemErrorCode(error);
    const allow = allowWriting(dirname(file), code, deps.env);
    throw new CliError(
      'local_io',
      `cannot write ${file}: ${inPlainWords(error)}; the config is unchanged`,
      {
        code: 'config_not_written',
        next: allow.length > 0 ? allow : { do: 'retry', first: diskRemedy(code), free: true },
        cause: error,
      },
    );
  }
}
