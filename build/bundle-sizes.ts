/** Says in one line what was built, and how large it is. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `outDir` is the folder of the bundle. */
export function bundleSizes(outDir: string): string {
  const names = readdirSync(outDir).filter((name) => name.endsWith('.cjs'));
  const kilobytes = (...files: string[]): string => {
    const bytes = files.reduce((sum, name) => sum + statSync(join(outDir, name)).size, 0);
    return `${Math.ceil(bytes / 1024).toLocaleString('en-US')} KB`;
  };
  const entries = ['main.cjs', 'quick.cjs'].map((name) => `${name} ${kilobytes(name)}`);
  return `${outDir}: ${names.length} files, ${kilobytes(...names)} (${entries.join(', ')})`;
}
