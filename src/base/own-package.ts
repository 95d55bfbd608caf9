/** How npm finds the package that this program is. */
import type { Deps } from './deps.ts';

/**
 * For a package.json, or behind `npm install`: a range of the registry, if npm has installed it; else its own directory, as of a clone,
 * because no registry may have this version.
 */
export function ownPackage({
  templatesDirectory,
  version,
  path: { basename, dirname },
}: Pick<Deps, 'templatesDirectory' | 'version' | 'path'>): string {
  const directory = dirname(templatesDirectory);
  const isInstalled = basename(dirname(directory)) === 'node_modules';
  return isInstalled ? `^${version}` : `file:${directory.replaceAll('\\', '/')}`;
}
