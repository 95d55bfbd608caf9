/** Holds the files that a message names to the working directory. It reads none of them. */

import type { Option } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { shorten } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { checkPath, isAddress, mayNameFile, namesFile } from '../../work/input/allowed-paths.ts';
import { type Flag, nameOf } from './flag-reader.ts';

const way = 'name a file in the working directory, or give --allow-paths outside the message';

/** Throws `CliError` usage for the first that is elsewhere; `allowed`: any place will do. */
export async function checkPaths(
  flags: readonly Flag[],
  allowed: boolean,
  deps: Pick<Deps, 'files' | 'workingDirectory' | 'path'>,
): Promise<void> {
  for (const flag of flags) {
    const { option, value } = flag;
    if (value === null) continue;
    const name = nameOf(flag);
    if (mayNameFile(option) && value.startsWith('@') && !allowed) throw fileRefused(name, value);
    if (!namesFile(option)) continue;
    if (value === '-' && option.long !== '--out') throw noInput(name);
    if (value === '-' || allowed || isRemote(value, option)) continue;
    await checkPath(value, name, { way: say(way), allow: say('give --allow-paths') }, deps);
  }
}

/** An address, where the command takes one. */
function isRemote(value: string, { flags, description }: Option): boolean {
  return (flags.includes('|url') || description.includes('URL')) && isAddress(value);
}

function fileRefused(name: string, value: string): CliError {
  return new CliError(
    'usage',
    `${name} ${JSON.stringify(shorten(value, 60))}: a message may not have a file read for it`,
    {
      code: 'file_refused',
      next: say('write the text itself, or give --allow-paths outside the message'),
    },
  );
}

function noInput(name: string): CliError {
  return new CliError('usage', `${name} -: a command in a message has no standard input`, {
    code: 'no_stdin',
    next: say('save it to a file in the working directory, and name that'),
  });
}
