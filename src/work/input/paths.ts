/** Paths that a flag names: relative ones count from the working directory. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../../base/deps.ts';

export function resolvePath(
  path: string,
  deps: Pick<Deps, 'workingDirectory' | 'platform'>,
): string {
  return (deps.platform === 'win32' ? win32 : posix).resolve(deps.workingDirectory, path);
}
