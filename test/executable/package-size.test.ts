/** What a user installs: the files that npm packs, after the build. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../helpers/executable.ts';

const MAX_BYTES = 3_000_000;

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

test('the package is at most 3 MB, unpacked', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    files: string[];
  };
  const left = files
    .filter((name) => name.startsWith('!'))
    .map((name) => join(root, name.slice(1)));
  const sizes = [...files.filter((name) => !name.startsWith('!')), 'package.json']
    .flatMap((name) => filesIn(join(root, name)))
    .filter((file) => !left.some((name) => file === name || file.startsWith(`${name}/`)))
    .map((file) => [statSync(file).size, file] as const)
    .sort(([one], [other]) => other - one);
  const bytes = sizes.reduce((sum, [size]) => sum + size, 0);
  const largest = sizes.slice(0, 8).map(([size, file]) => `${size} ${file}`);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(bytes, `the largest:\n${largest.join('\n')}`).toBeLessThanOrEqual(MAX_BYTES);
});
