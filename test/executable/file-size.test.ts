import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start, temporaryFolder } from '../helpers/executable.ts';

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

  test.each([
    ['that is reached', 200 * 512],
    ['that a line crosses', 200 * 512 - 40],
  ])('is not called one by the ledger either, at a limit %s', async (_where, size) => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'ledger'));
    const months = [-1, 0, 1].map((more) => {
      const at = new Date();
      return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + more, 1)).toISOString();
    });
    for (const month of months)
      writeFileSync(
        join(home, 'ledger', `${month.slice(0, 7)}.jsonl`),
        `{}${' '.repeat(size - 3)}\n`,
      );
    const within = ['sh', '-c', 'ulimit -f 200; exec "$@"', 'sh'];
    const argv = ['chat', '-g', 'sandbox', '--no-stdin', 'Hello'];
    const { code, stderr } = await start(argv, { home, within }).done;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('cannot be written (EFBIG)');
    expect(stderr).not.toContain('ENOSPC');
  });
});
