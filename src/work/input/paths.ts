/** Resolves paths given by flags against the working directory. It does not touch the disk. */
import type { Deps } from '../../base/deps.ts';

export function resolvePath(path: string, deps: Pick<Deps, 'workingDirectory' | 'path'>): string {
  return deps.path.resolve(deps.workingDirectory, path);
}
