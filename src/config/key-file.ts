/** Stores a key in a file of its own, and takes it away again. The config names the file, never the key. */
import type { Deps } from '../base/deps.ts';
import { inPlainWords } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { asObject } from '../base/json.ts';
import { valueAt, withoutValue, withValue } from './config-path.ts';
import { changeAlone, type EditDeps, readRawConfig, writeConfig } from './edit.ts';
import type { Places } from './places.ts';

type KeyFileDeps = EditDeps;

/** Larger than any key file that we read. */
const MAX_BYTES = 65_536;

/** The path of the file for a gateway's key, beside the config. Two names are two files, also where a disk knows no case. */
function keyFileOf({ configFile }: Places, gateway: string, path: Deps['path']): string {
  const name = gateway.replace(/[A-Z]/g, (letter) => `=${letter.toLowerCase()}`);
  return path.join(path.dirname(configFile), 'keys', name);
}

export interface Stored {
  file: string;
  /** Other key settings of the gateway, which would contradict the file and are gone. */
  replaced: string[];
}

const otherSettings = ['api_key_env', 'api_key_command'] as const;

/**
 * Writes the key (0600) and names its file in the config, bound to `origin`. Throws `local_io` when one of the two
 * cannot be written, and `no_key` for a config that is refused; both are then as they were.
 */
export async function storeKey(
  gateway: string,
  key: string,
  origin: string,
  places: Places,
  deps: KeyFileDeps,
): Promise<Stored> {
  return changeAlone(deps, places.configFile, () => store(gateway, key, origin, places, deps));
}

async function store(
  gateway: string,
  key: string,
  origin: string,
  places: Places,
  deps: KeyFileDeps,
): Promise<Stored> {
  const file = keyFileOf(places, gateway, deps.path);
  const raw = (await readRawConfig(deps, places.configFile)) ?? {};
  const at = (name: string) => ['gateways', gateway, name];
  const replaced = otherSettings.filter((name) => valueAt(raw, at(name)) !== undefined);
  const without = replaced.reduce<unknown>((config, name) => withoutValue(config, at(name)), raw);
  const named = withValue(without, at('api_key_file'), file);
  const next = withValue(named, at('api_key_origin'), origin);
  const { checkConfig, configError } = await import('./check-config.ts');
  const checked = checkConfig(next);
  if (!checked.ok) throw configError(checked, places.configFile);
  const before = await readOld(file, deps);
  await writeKey(file, `${key}\n`, deps);
  try {
    if (JSON.stringify(raw) !== JSON.stringify(next))
      await writeConfig(deps, places.configFile, next);
  } catch (error) {
    if (before === null) await deps.files.remove(file).catch(() => {});
    else await writeKey(file, before, deps);
    throw error;
  }
  return { file, replaced };
}

/**
 * Removes the key that `storeKey` stored, and its name from the config. null: there was none. `elsewhere`: the config
 * names another file, which is not ours to remove.
 */
export async function forgetKey(
  gateway: string,
  places: Places,
  deps: KeyFileDeps,
): Promise<{ file: string } | { elsewhere: true } | null> {
  const file = keyFileOf(places, gateway, deps.path);
  const raw = await readRawConfig(deps, places.configFile);
  const at = (name: string) => ['gateways', gateway, name];
  const named = valueAt(raw, at('api_key_file'));
  if (named !== undefined && named !== file) return { elsewhere: true };
  const hasFile = await isThere(file, deps);
  if (named === undefined && !hasFile) return null;
  if (named !== undefined && asObject(raw) !== null)
    await changeAlone(deps, places.configFile, async () => {
      // Emptied, an object that only named the key goes as well.
      const next = ['api_key_origin', 'api_key_file'].reduce<unknown>(
        (config, name) => withoutValue(config, at(name)),
        await readRawConfig(deps, places.configFile),
      );
      await writeConfig(deps, places.configFile, next);
    });
  try {
    await deps.files.remove(file);
  } catch (error) {
    throw notWritten('remove', file, error, deps);
  }
  return { file };
}

async function readOld(file: string, deps: KeyFileDeps): Promise<string | null> {
  try {
    return new TextDecoder().decode(await deps.files.read(file, MAX_BYTES));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw notWritten('read', file, error, deps);
  }
}

async function isThere(file: string, { files }: KeyFileDeps): Promise<boolean> {
  return files.isTaken(file).catch(() => false);
}

async function writeKey(file: string, text: string, deps: KeyFileDeps): Promise<void> {
  try {
    await deps.files.makeDirectory(deps.path.dirname(file));
    await deps.files.replace(file, text);
  } catch (error) {
    throw notWritten('write', file, error, deps);
  }
}

function notWritten(what: string, file: string, cause: unknown, { path }: KeyFileDeps): CliError {
  const code = systemErrorCode(cause) ?? 'key_not_written';
  return new CliError('local_io', `cannot ${what} ${file}: ${inPlainWords(cause)}`, {
    code,
    billed: 'no',
    next: { do: 'run', argv: ['ls', '-ld', path.dirname(file)], for: 'user' },
    cause,
  });
}
