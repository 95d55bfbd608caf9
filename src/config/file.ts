/** Reads the config file. It changes nothing, and refuses a file that every user can write to. */

import { dirname } from 'node:path/posix';
import type { Deps } from '../base/deps.ts';
import { inPlainWords } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import type { NextSteps } from '../base/next-step.ts';
import type { Config } from '../schemas/config.ts';
import { checkedFile, MAX_CONFIG_BYTES, readChecked } from './checked-config.ts';
import { decodeText } from './decode-text.ts';
import type { Places } from './places.ts';

type ConfigFileDeps = Pick<Deps, 'files' | 'platform' | 'path' | 'version'>;

/** The config, checked; {} when there is no file. Throws `no_key` with one line that names the file and the place in it. */
export async function loadConfig(deps: ConfigFileDeps, places: Places): Promise<Config> {
  const text = await readConfigFile(deps, places.configFile);
  if (text === null) return {};
  // Loading the schema takes longer than all else in a short command, so a text that was valid is not checked again.
  const stamp = `${deps.version}\n${text}`;
  if ((await readChecked(places, deps)) === stamp) return JSON.parse(text) as Config;
  const config = await readConfigText(text, places.configFile);
  await writeStamp(checkedFile(places, deps), stamp, places.cache, deps);
  return config;
}

async function writeStamp(
  file: string,
  stamp: string,
  directory: string,
  { files }: ConfigFileDeps,
): Promise<void> {
  try {
    await files.makeDirectory(directory);
    await files.replace(file, stamp, { durable: false });
  } catch {
    // A cache that cannot be written: the next command checks again.
  }
}

/** Parses and checks the text of the file at `path`. Throws `no_key`. */
export async function readConfigText(text: string, path: string): Promise<Config> {
  const value = await parseConfigText(text, path);
  // Loaded only here, so that a start without a config file does not pay for zod and the schema.
  const { checkConfig, configError } = await import('./check-config.ts');
  const checked = checkConfig(value);
  if (!checked.ok) throw configError(checked, path);
  return checked.config;
}

/** The text parsed as JSON, not validated, with each key once. Throws `no_key` with line and column. */
export async function parseConfigText(text: string, path: string): Promise<unknown> {
  if (text.trim() === '') throw refused(`${path}: the file is empty; expected at least {}`);
  const { findJsonFault } = await import('./json-fault.ts');
  const where = (fault: ReturnType<typeof findJsonFault>): string =>
    fault === null ? '' : `line ${fault.line}, column ${fault.column}: ${fault.reason}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused(`${path}: not JSON: ${where(findJsonFault(text))}`, { cause });
  }
  const doubled = findJsonFault(text, true);
  if (doubled !== null) throw refused(`${path}: ${where(doubled)}`);
  return value;
}

/** The text of the file; null when there is none. Throws `no_key` when it cannot be read or must not be trusted. */
export async function readConfigFile(
  deps: Pick<Deps, 'files' | 'platform'>,
  path: string,
): Promise<string | null> {
  try {
    const status = await deps.files.status(path);
    if (status === null) return null;
    if (status.isDirectory) throw refused(`${path}: expected a file, found a directory`);
    if (status.bytes > MAX_CONFIG_BYTES) throw refused(`${path}: the config is larger than 1 MB`);
    if (deps.platform !== 'win32' && (status.mode & 0o002) !== 0) {
      throw refused(
        `${path}: every user of this machine can change the config, so it is not used`,
        {
          next: { do: 'run', argv: ['chmod', '600', path], for: 'user' },
        },
      );
    }
    const decoded = decodeText(await deps.files.read(path, MAX_CONFIG_BYTES));
    if ('fault' in decoded) throw refused(`${path}: ${decoded.fault}`);
    return decoded.text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw refused(`cannot read the config ${path}: ${inPlainWords(error)}`, {
      cause: error,
      ...(code === 'EACCES' && deps.platform !== 'win32'
        ? { next: { do: 'run', argv: ['ls', '-ld', dirname(path), path], for: 'user' } }
        : {}),
    });
  }
}

function refused(message: string, more: { next?: NextSteps; cause?: unknown } = {}): CliError {
  return new CliError('no_key', message, { code: 'bad_config', ...more });
}
