/** Reads the key that the config points to: a variable, a file or a program. It never stores one. */
import type { CommandResult, Deps } from '../base/deps.ts';
import { inPlainWords } from '../base/errno.ts';
import { CliError, EXIT_OK, SignalReceived } from '../base/errors.ts';
import type { NextStep } from '../base/next-step.ts';
import { redact } from '../base/redact.ts';
import { shellWord } from '../base/shell-word.ts';
import type { GatewayConfig } from '../schemas/config.ts';
import { decodeText } from './decode-text.ts';
import { checkKey } from './key-rules.ts';
import { loginStep } from './login-step.ts';

import { exportLine, isVariableName, rawVariable } from './variable.ts';

const maxFileBytes = 65_536;
const commandTimeoutMs = 30_000;

export interface Key {
  value: string;
  /** For messages: the variable, the file or `api_key_command`; never the value. */
  source: string;
}

export type KeyDeps = Pick<
  Deps,
  'env' | 'files' | 'runCommand' | 'homeDirectory' | 'platform' | 'path' | 'signal'
>;

/** The names of the key settings in use; more than one is an error that the caller reports. */
export function keySettings(settings: GatewayConfig | undefined): string[] {
  if (settings === undefined) return [];
  const { api_key_env, api_key_file, api_key_command } = settings;
  return Object.entries({ api_key_env, api_key_file, api_key_command })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
}

/** The key of the setting in use; null when there is none. Throws `no_key`; warnings go to `warn`. */
export async function readStoredKey(
  deps: KeyDeps,
  settings: GatewayConfig,
  gateway: { id: string },
  warn: (message: string) => void,
): Promise<Key | null> {
  if (settings.api_key_env !== undefined) return fromVariable(deps, settings.api_key_env, gateway);
  if (settings.api_key_file !== undefined)
    return fromFile(deps, settings.api_key_file, gateway, warn);
  if (settings.api_key_command !== undefined) return fromCommand(deps, settings.api_key_command);
  return null;
}

function fromVariable(deps: KeyDeps, name: string, gateway: { id: string }): Key {
  // Not repeated: the value is most likely the key itself.
  if (!isVariableName(name)) {
    throw new CliError('no_key', 'api_key_env is not the name of an environment variable', {
      code: 'bad_config',
    });
  }
  const value = rawVariable(deps, name);
  if (value === undefined) {
    throw new CliError('no_key', `api_key_env names ${name}, which is not set`, {
      code: 'missing_key',
      next: [
        loginStep(gateway),
        { do: 'say', words: exportLine(deps.platform, name), for: 'user' },
      ],
    });
  }
  return { value: checkKey(value, name), source: name };
}

async function fromFile(
  deps: KeyDeps,
  setting: string,
  gateway: { id: string },
  warn: (message: string) => void,
): Promise<Key> {
  const { isAbsolute, join } = deps.path;
  const inHome = /^~[/\\]/.test(setting);
  const path = inHome ? join(deps.homeDirectory, setting.slice(2)) : setting;
  if (!isAbsolute(path)) {
    throw unreadable('api_key_file must be an absolute path or begin with ~/');
  }
  const source = `api_key_file ${path}`;
  let bytes: Uint8Array;
  try {
    const status = await deps.files.status(path);
    if (status === null) throw unreadable(`${source}: no such file`, undefined, loginStep(gateway));
    if (status.isDirectory) throw unreadable(`${source}: is a directory`);
    if (status.bytes > maxFileBytes) throw unreadable(`${source}: too large for a key`);
    if (deps.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      warn(
        `${path} contains a key and is readable by other users; run chmod 600 ${shellWord(path)}`,
      );
    }
    // Some secret stores provide a key through a pipe.
    bytes = await deps.files.read(path, maxFileBytes, deps.signal);
  } catch (error) {
    if (error instanceof CliError || error instanceof SignalReceived) throw error;
    throw unreadable(`cannot read ${source}: ${inPlainWords(error)}`, error);
  }
  const decoded = decodeText(bytes);
  if ('fault' in decoded) throw unreadable(`${source}: ${decoded.fault}`);
  return { value: checkKey(decoded.text, source), source };
}

function unreadable(message: string, cause?: unknown, next?: NextStep): CliError {
  return new CliError('no_key', message, { code: 'key_file', cause, next });
}

async function fromCommand(deps: KeyDeps, command: string | readonly string[]): Promise<Key> {
  const source = 'api_key_command';
  let result: CommandResult;
  try {
    result = await deps.runCommand(command, commandTimeoutMs);
  } catch (error) {
    if (error instanceof SignalReceived || error instanceof CliError) throw error;
    throw failed(`${source} could not be run: ${inPlainWords(error)}`, error);
  }
  if (result.exitCode !== EXIT_OK) throw failed(`${source} ${describeFailure(result)}`);
  const lines = result.stdout.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [line] = lines;
  if (line === undefined) throw failed(`${source} printed nothing; expected one line with the key`);
  if (lines.length > 1) {
    throw failed(`${source} printed ${lines.length} lines; expected one line with the key`);
  }
  return { value: checkKey(line, source), source };
}

function failed(message: string, cause?: unknown): CliError {
  return new CliError('no_key', message, { code: 'key_command', cause });
}

/** The command may contain a secret and is not repeated; one clean line of its output is. */
function describeFailure({ exitCode, stdout, stderr }: CommandResult): string {
  const what =
    exitCode === null
      ? `was stopped, or did not exit within ${commandTimeoutMs / 1000} s`
      : `exited with code ${exitCode}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  const controls = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u001f\u007f-\u009f]/g;
  const lines = stderr.slice(0, 10_000).split(/\r?\n|\r/);
  const first = lines.map((line) => line.replace(controls, '').trim()).find((line) => line !== '');
  return first === undefined ? what : `${what}: ${redact(first, stdout.trim()).slice(0, 200)}`;
}
