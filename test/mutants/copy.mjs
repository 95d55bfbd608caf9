/** Keeps a copy of the repository with every mutant in its sources, in a folder that git does not see. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const leftOut = new Set(['.git', '.mutants', 'node_modules', 'dist', 'coverage']);

/** Paths below `root`, with `/`. */
export function filesOf(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (folder === '' && leftOut.has(entry.name)) return [];
    if (entry.isDirectory()) return filesOf(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Writes what differs, and removes what is no longer there. `instead`: other text for some files. */
export function copy(root, to, instead) {
  const wanted = filesOf(root);
  for (const path of wanted) {
    const target = join(to, path);
    const text = instead.has(path)
      ? Buffer.from(instead.get(path))
      : readFileSync(join(root, path));
    if (existsSync(target) && readFileSync(target).equals(text)) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  if (!existsSync(to)) return;
  const known = new Set(wanted);
  for (const path of filesOf(to)) if (!known.has(path)) rmSync(join(to, path));
}

/** One text for all of these files: it differs where one of them does. */
export function hashOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort())
    hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
