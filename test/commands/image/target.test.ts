import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawAt, expectFailed, records } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { completed, inline, picture } from '../../helpers/image-replies.ts';

describe('what is kept for a job', () => {
  test('is for its owner alone', async () => {
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--async', 'A cat']);
    const tasks = join(drawn.world.home, 'tasks');
    expect(statSync(tasks).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(tasks))
      expect(statSync(join(tasks, name)).mode & 0o777).toBe(0o600);
    expect(records(drawn.world)).toHaveLength(1);
  });
});

describe('a target directory', () => {
  const gone: [string, string][] = [
    ['that is not there', 'no/cat.png'],
    ['that is a file', 'file/cat.png'],
    ['that is not there, with a slash', 'no/'],
  ];
  test.each(gone)('%s: 50, nothing sent', async (_name, out) => {
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--json', '-o', out, 'A cat'], { home: { file: 'x' } });
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'no_directory', billed: 'no' });
    expect(gateway.requests).toEqual([]);
  });

  test('a name that is too long: 50, nothing sent', async () => {
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--json', '-o', 'x'.repeat(300), 'A cat']);
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'ENAMETOOLONG', billed: 'no' });
    expect(gateway.requests).toEqual([]);
  });

  test('a name just short of too long: saved, or refused before anything is bought', async () => {
    const gateway = await startImageGateway({
      poll: completed(inline(picture()), inline(picture(4000, 2))),
    });
    const drawn = await drawAt(gateway, ['-o', 'x'.repeat(255), 'A cat']);
    const paid = gateway.to('create').length;
    expect(drawn.code === 0 || paid === 0 || records(drawn.world)[0]?.state === 'received').toBe(
      true,
    );
    expect(drawn.world.err()).not.toContain('internal');
  });

  test('a name with a NUL: a clear error, nothing sent', async () => {
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--json', '-o', 'a\0b.png', 'A cat']);
    expect([2, 50]).toContain(drawn.code);
    expect(gateway.requests).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('that may not be written: 50, nothing sent', async () => {
    const gateway = await startImageGateway();
    const folder = mkdtempSync(join(tmpdir(), 'alltoken-ro-'));
    mkdirSync(join(folder, 'x'));
    chmodSync(join(folder, 'x'), 0o500);
    const drawn = await drawAt(gateway, ['--json', '-o', join(folder, 'x', 'cat.png'), 'A cat']);
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'EACCES', billed: 'no' });
    expect(gateway.requests).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
