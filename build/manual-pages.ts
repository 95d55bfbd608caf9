/** Writes the manual pages of the executables, as the program that was just built prints them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * `executables`: the `bin` of package.json; a second name of one file has no page of its own. The pages go to `man` in the folder of
 * the bundle, where package.json names them.
 */
export function manualPages(executables: Readonly<Record<string, string>>, outDir: string): void {
  const folder = join(outDir, 'man');
  mkdirSync(folder, { recursive: true });
  const start =
    'require(process.argv[1]).main(process.argv.slice(2), { skillsDirectory: "", templatesDirectory: "" })';
  const files = Object.values(executables);
  const named = Object.entries(executables).filter(([, file], at) => files.indexOf(file) === at);
  for (const [name] of named) {
    const topic = ['help', 'man', ...name.split('-').slice(1)];
    const page = execFileSync(process.execPath, [
      '-e',
      start,
      resolve(outDir, 'main.cjs'),
      ...topic,
    ]);
    // Compressed, as systems keep them; the same bytes each time.
    writeFileSync(join(folder, `${name}.1.gz`), gzipSync(page, { level: 9 }));
  }
}
