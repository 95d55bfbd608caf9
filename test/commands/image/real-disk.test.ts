import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drawAt, expectFailed, expectOneFile, resume } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { completed, inline, picture, stored } from '../../helpers/image-replies.ts';

/** A disk of its own, gone when the test ends; null where nobody may mount one. */
function mountDisk(size: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const path = mkdtempSync(join(tmpdir(), 'alltoken-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', path], { stdio: 'ignore' });
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

function remount(path: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, path], { stdio: 'ignore' });
}

const small = ['--size', '64x64'];
const large = picture(900_000);

describe('a disk that is really full', () => {
  test('where the file goes: 50, and resume finishes it once there is room', async (context) => {
    const disk = mountDisk('512k');
    if (disk === null) return context.skip();
    const gateway = await startImageGateway({ poll: completed(inline(large)) });
    const argv = [...small, '--json', '-o', join(disk, 'cat.png'), 'A cat'];
    const drawn = await drawAt(gateway, argv);
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      code: 'ENOSPC',
      message: /no space left on device.*saved in/,
      hint: /free disk space, then: alltoken tasks resume igen_/,
      billed: 'yes',
    });
    expect(readdirSync(disk)).not.toContain('cat.png');
    remount(disk, 'size=4m');
    const later = await resume(drawn.world, gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world, large);
    expect(readdirSync(disk)).toEqual(['cat.png']);
    expect(gateway.to('create')).toHaveLength(1);
    expect(gateway.to('poll')).toHaveLength(1);
  });

  test('where the reply is kept: 50, and resume takes the address', async (context) => {
    const disk = mountDisk('512k');
    if (disk === null) return context.skip();
    const gateway = await startImageGateway();
    const url = gateway.fileUrl('a.png');
    gateway.script = {
      poll: [completed(inline(large, url)), completed(stored(url))],
      file: (response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(large),
    };
    const env = { ALLTOKEN_HOME: disk };
    const drawn = await drawAt(gateway, [...small, '-o', 'cat.png', 'A cat'], { env });
    expect(drawn.code, drawn.world.err()).toBe(50);
    expect(drawn.world.err()).toMatch(/ENOSPC|no space/);
    remount(disk, 'size=4m');
    const later = await resume(drawn.world, gateway, ['--all'], { env });
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world, large);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('to the last byte: the journal cannot begin, nothing is bought', async (context) => {
    const disk = mountDisk('512k');
    if (disk === null) return context.skip();
    execFileSync('sh', ['-c', `head -c 1000000 /dev/zero > ${disk}/ballast || true`], {
      stdio: 'ignore',
    });
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, [...small, 'A cat'], { env: { ALLTOKEN_HOME: disk } });
    expect(drawn.code, drawn.world.err()).toBe(50);
    expect(gateway.requests).toEqual([]);
  });

  test('with too little room for any picture: refused before', async (context) => {
    const disk = mountDisk('512k');
    if (disk === null) return context.skip();
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--json', '-o', `${disk}/`, 'A cat']);
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      code: 'ENOSPC',
      message: /not enough room/,
      billed: 'no',
    });
    expect(gateway.requests).toEqual([]);
  });
});

describe('a disk that is really read-only', () => {
  test('where the file goes: refused before', async (context) => {
    const disk = mountDisk('8m');
    if (disk === null) return context.skip();
    remount(disk, 'ro');
    const gateway = await startImageGateway();
    const drawn = await drawAt(gateway, ['--json', '-o', `${disk}/cat.png`, 'A cat']);
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'EROFS', billed: 'no' });
    expect(gateway.requests).toEqual([]);
  });

  test('as home: refused before, and --no-journal goes without', async (context) => {
    const disk = mountDisk('8m');
    if (disk === null) return context.skip();
    remount(disk, 'ro');
    const gateway = await startImageGateway();
    const env = { ALLTOKEN_HOME: disk };
    const drawn = await drawAt(gateway, ['--json', '-o', 'cat.png', 'A cat'], { env });
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      code: 'EROFS',
      hint: /--no-journal/,
      billed: 'no',
    });
    expect(gateway.requests).toEqual([]);
    const without = await drawAt(gateway, ['--no-journal', '-o', 'cat.png', 'A cat'], { env });
    expect(without.code, without.world.err()).toBe(0);
    expectOneFile(without.world);
  });

  test('that becomes so while the picture is made: 50, and resume finishes it', async (context) => {
    const disk = mountDisk('8m');
    if (disk === null) return context.skip();
    const gateway = await startImageGateway();
    gateway.script.poll = (response, request, count) => {
      remount(disk, 'ro');
      return completed(inline(picture()))(response, request, count);
    };
    const drawn = await drawAt(gateway, ['--json', '-o', `${disk}/cat.png`, 'A cat']);
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'EROFS', billed: 'yes' });
    remount(disk, 'rw');
    const later = await resume(drawn.world, gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });
});
