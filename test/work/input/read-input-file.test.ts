import { describe, expect, test } from 'vitest';
import type { CliError } from '../../../src/base/errors.ts';
import { readInputFile } from '../../../src/work/input/attachments.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

async function failureOf(path: string, maxBytes?: number): Promise<CliError> {
  const world = fakeDeps();
  world.write('big.txt', new Uint8Array(3 * 1024 ** 2 + 1));
  return readInputFile(path, '--schema', world.deps, maxBytes).then(
    () => expect.unreachable(),
    (error: CliError) => error,
  );
}

describe('a file that a flag names', () => {
  test.each([
    [3 * 1024 ** 2, '3 MB'],
    [64 * 1024, '64 KB'],
    [1025, '1025 bytes'],
  ])('has a limit of %d bytes, said as %s', async (maxBytes, words) => {
    expect(await failureOf('big.txt', maxBytes)).toMatchObject({
      message: `--schema big.txt: larger than ${words}`,
      details: { code: 'bad_file' },
      cause: { code: 'EFBIG' },
    });
  });

  test.each([
    ['none.txt', 'no such file', 'ENOENT'],
    ['big.txt/x', 'no such file', 'ENOTDIR'],
    ['.', 'is a directory', 'EISDIR'],
  ])('that cannot be read keeps why: %s', async (path, words, code) => {
    expect(await failureOf(path)).toMatchObject({
      exit: 'usage',
      message: `--schema ${path}: ${words}`,
      cause: { code },
    });
  });
});
