import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, runExecutable } from '../helpers/executable.ts';

const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man: string[] };
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

describe.each(man)('%s', (file) => {
  const path = join(root, file);

  test('was built, and is what alltoken help man prints', async () => {
    const [, ...topic] = basename(file, '.1').split('-');
    const { stdout } = await runExecutable(['help', 'man', ...topic]);
    expect(readFileSync(path, 'utf8')).toBe(stdout);
  });

  test.runIf(has('mandoc'))('mandoc misses nothing but a date', () => {
    const { stdout } = spawnSync('mandoc', ['-Tlint', '-W', 'warning', path], { encoding: 'utf8' });
    const complaints = stdout.split('\n').filter((line) => line !== '');
    expect(complaints.filter((line) => !line.includes('missing date'))).toEqual([]);
  });

  test.runIf(has('groff'))('groff has no complaint', () => {
    const argv = ['-man', '-ww', '-Tutf8', path];
    const { stderr, status } = spawnSync('groff', argv, { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});
