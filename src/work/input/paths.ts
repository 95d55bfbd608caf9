/** Paths that a flag names: relative ones count from the working directory. */
import type { Deps } from '../../base/deps.ts';

export function resolvePath(path: string, deps: Pick<Deps, 'workingDirectory' | 'path'>): string {
  return deps.path.resolve(deps.workingDirectory, path);
}
