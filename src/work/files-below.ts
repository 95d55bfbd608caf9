/** The names of the files in a folder of this package, and in those below it. It reads none of them. */
import type { Deps } from '../base/deps.ts';

/** Sorted, with / between, without hidden ones. `above`: what is put before each. Throws the system's errors. */
export async function filesBelow(
  folder: string,
  deps: Pick<Deps, 'files' | 'path'>,
  above = '',
): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await deps.files.list(folder)).sort()) {
    if (name.startsWith('.')) continue;
    const path = deps.path.join(folder, name);
    const isFolder = (await deps.files.status(path))?.isDirectory ?? false;
    if (isFolder) found.push(...(await filesBelow(path, deps, `${above}${name}/`)));
    else found.push(`${above}${name}`);
  }
  return found;
}
