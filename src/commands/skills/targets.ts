/** Which folders of skills the flags mean. It looks at none of them. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { shellWord } from '../../config/shell-word.ts';
import { resolvePath } from '../../work/input/paths.ts';
import { folderOf, type HostName, hostNames } from './hosts.ts';
import type { TargetFlags } from './options.ts';

/** A folder that holds one folder a skill. */
export interface Target {
  /** null: named by its path. */
  host: HostName | null;
  /** Absolute. */
  folder: string;
}

/** In the order of the flags, each host once; none when no flag names one. Throws `CliError` usage without a home. */
export function findTargets(
  { host = [], project = false, dir }: TargetFlags,
  deps: Pick<Deps, 'env' | 'platform' | 'homeDirectory' | 'workingDirectory'>,
): Target[] {
  if (dir === '')
    throw new CliError('usage', '--dir names no folder', {
      code: 'bad_flag',
      hint: 'alltoken skills install --dir <path>',
    });
  if (dir !== undefined) return [{ host: null, folder: resolvePath(dir, deps) }];
  return [...new Set(host)].map((name) => ({ host: name, folder: folderOf(name, project, deps) }));
}

/** Nobody said where to. */
export function noTarget(): CliError {
  return new CliError('usage', `name a host: ${hostNames.join(', ')}; or a folder: --dir <path>`, {
    code: 'no_host',
    hint: 'alltoken skills install --host claude',
  });
}

/** The command line that means the same, with `more` behind it. */
export function installCommand(
  names: readonly string[],
  { host = [], project, dir }: TargetFlags,
  ...more: readonly string[]
): string {
  const words = [
    'alltoken skills install',
    ...names.map(shellWord),
    ...host.map((name) => `--host ${name}`),
    ...(project ? ['--project'] : []),
    ...(dir === undefined ? [] : [`--dir ${shellWord(dir)}`]),
    ...more,
  ];
  return words.join(' ');
}
