import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { root, runExecutable } from '../helpers/executable.ts';

const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man: string[] };
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

describe.each(man)('%s', (file) => {
  const page = gunzipSync(readFileSync(join(root, file))).toString('utf8');

  test('was built, and is what alltoken help man prints', async () => {
    const [, ...topic] = basename(file, '.1.gz').split('-');
    const { stdout } = await runExecutable(['help', 'man', ...topic]);
    expect(page).toBe(stdout);
  });

  test.runIf(has('mandoc'))('mandoc misses nothing but a date', () => {
    const argv = ['-Tlint', '-W', 'warning'];
    const { stdout } = spawnSync('mandoc', argv, { encoding: 'utf8', input: page });
    const complaints = stdout.split('\n').filter((line) => line !== '');
    expect(complaints.filter((line) => !line.includes('missing date'))).toEqual([]);
  });

  test.runIf(has('groff'))('groff has no complaint', () => {
    const argv = ['-man', '-ww', '-Tutf8'];
    const { stderr, status } = spawnSync('groff', argv, { encoding: 'utf8', input: page });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});
