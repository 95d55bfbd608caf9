/** Which folders of skills the flags mean. It looks at none of them. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
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
  deps: Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'workingDirectory'>,
): Target[] {
  if (dir !== undefined) return [{ host: null, folder: resolvePath(dir, deps) }];
  return [...new Set(host)].map((name) => ({ host: name, folder: folderOf(name, project, deps) }));
}

/** No target was given. */
export function noTarget(): CliError {
  return new CliError('usage', `name a host: ${hostNames.join(', ')}; or a folder: --dir <path>`, {
    code: 'no_host',
    next: runStep(['skills', 'install', '--host', 'claude']),
  });
}

/** The command line that means the same, with `more` behind it. */
export function installStep(
  names: readonly string[],
  { host = [], project, dir }: TargetFlags,
  ...more: readonly string[]
): NextStep {
  return runStep([
    'skills',
    'install',
    ...names,
    ...host.flatMap((name) => ['--host', name]),
    ...(project ? ['--project'] : []),
    ...(dir === undefined ? [] : ['--dir', dir]),
    ...more,
  ]);
}
