/** Changes the config file atomically. It never writes a config that would be refused when read. */
import type { Deps } from '../base/deps.ts';
import { diskRemedy, inPlainWords } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { allowWriting } from '../base/host-sandbox.ts';
import { isRecord } from '../base/json.ts';
import { type LockDeps, takeLock } from '../system/lock.ts';
import { findKeys, valueAt, withoutValue } from './config-path.ts';
import { parseConfigText, readConfigFile } from './file.ts';
import type { Places } from './places.ts';

export type EditDeps = LockDeps & Pick<Deps, 'platform' | 'env'>;

/** A few hundred processes, one after the other; each needs it for some milliseconds only. */
const patience = { tries: 500, elsewhereHoldsMs: 10_000 };

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
  const file = places.configFile;
  const { planSet } = await import('./plan-set.ts');
  const plan = async () => planSet((await readRawConfig(deps, file)) ?? {}, path, valueText, file);
  // What is refused makes neither a directory nor a lock.
  await plan();
  return changeAlone(deps, file, async () => {
    const { config, value } = await plan();
    await writeConfig(deps, file, config);
    return value;
  });
}

/**
 * Removes a value, and the objects that it leaves empty; false when there was none. A file that is refused for
 * something else is edited anyway, because that is how it is repaired. Throws `no_key` for a file that is not
 * JSON, `usage` when the rest is not valid without the value, `local_io` when it cannot be written.
 */
export async function unsetPath(deps: EditDeps, places: Places, path: string): Promise<boolean> {
  const file = places.configFile;
  const { checkConfig, configError } = await import('./check-config.ts');
  const plan = async () => {
    const raw = await readRawConfig(deps, file);
    const keys = raw === null ? null : findKeys(raw, path);
    if (keys === null) return null;
    const next = withoutValue(raw, keys);
    const checked = checkConfig(next);
    if (!checked.ok && checkConfig(raw).ok) throw configError(checked, 'config unset', 'usage');
    return { next };
  };
  if ((await plan()) === null) return false;
  return changeAlone(deps, file, async () => {
    const planned = await plan();
    if (planned === null) return false;
    await writeConfig(deps, file, planned.next);
    return true;
  });
}

/**
 * One change at a time: of two that read the same file, the later one would take back what the first one wrote. `work` reads and
 * writes it. Throws `local_io` where that cannot be waited for.
 */
export async function changeAlone<T>(
  deps: EditDeps,
  file: string,
  work: () => Promise<T>,
): Promise<T> {
  const { dirname, basename } = deps.path;
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    await deps.files.makeDirectory(dirname(file));
    lock = await takeLock(dirname(file), basename(file), deps, patience);
  } catch (error) {
    throw notWritten(file, error, deps);
  }
  if ('heldBy' in lock)
    throw new CliError('local_io', `process ${lock.heldBy} is changing ${file}; it is unchanged`, {
      code: 'config_in_use',
      next: { do: 'retry', free: true },
    });
  try {
    return await work();
  } finally {
    // What it guards is written; one that stays is free once we have ended.
    await lock.release().catch(() => {});
  }
}

/** The file as JSON, not validated; null when there is none. Throws `no_key`. */
export async function readRawConfig(
  deps: Pick<Deps, 'files' | 'platform'>,
  file: string,
): Promise<unknown> {
  const text = await readConfigFile(deps, file);
  return text === null ? null : parseConfigText(text, file);
}

/** Replaces the file. Throws `local_io`. */
export async function writeConfig(deps: EditDeps, file: string, config: unknown): Promise<void> {
  try {
    await deps.files.makeDirectory(deps.path.dirname(file));
    await deps.files.replace(file, `${JSON.stringify(config, null, 2)}\n`);
  } catch (error) {
    throw notWritten(file, error, deps);
  }
}

function notWritten(file: string, error: unknown, { path, env }: EditDeps): CliError {
  const code = systemErrorCode(error);
  const allow = allowWriting(path.dirname(file), code, env);
  return new CliError(
    'local_io',
    `cannot write ${file}: ${inPlainWords(error)}; the config is unchanged`,
    {
      code: 'config_not_written',
      next: allow.length > 0 ? allow : { do: 'retry', first: diskRemedy(code), free: true },
      cause: error,
    },
  );
}
