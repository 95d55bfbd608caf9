import { describe, expect, test } from 'vitest';
import { start } from '../helpers/executable.ts';

/** As a shell that has `ulimit -f` set: in blocks of 512 bytes. */
function limited(...argv: string[]) {
  return start(argv, { within: ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh'] }).done;
}

describe.skipIf(process.platform === 'win32')('a file that may not be so large', () => {
  test('is not called a full disk: the limit is named', async () => {
    const { code, stderr } = await limited('image', '-g', 'sandbox', 'A cat');
    expect(code).toBe(50);
    expect(stderr).toContain('EFBIG');
    expect(stderr).toContain('hint: allow larger files (ulimit -f), then run the same command');
    expect(stderr).not.toMatch(/ENOSPC|free disk space/);
  });
});
