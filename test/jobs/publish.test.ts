import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../src/base/deps.ts';
import { NameTaken, type Publication, publish } from '../../src/jobs/publish.ts';
import { files as realFiles } from '../../src/system/files.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { systemError } from '../helpers/video-world.ts';

interface Place {
  temporary: string;
  path: string;
  reserved: number;
  run(more?: Partial<Publication>): Promise<void>;
}

/** A whole temporary file, about to be named. */
function place(files: Partial<Files> = {}): Place {
  const { deps, home } = fakeDeps({ files });
  const made: Place = {
    temporary: join(home, '.temporary'),
    path: join(home, 'film.mp4'),
    reserved: 0,
    run: (more = {}) =>
      publish(
        {
          temporary: made.temporary,
          path: made.path,
          force: false,
          reserved: false,
          onReserve: async () => {
            made.reserved += 1;
          },
          ...more,
        },
        deps,
      ),
  };
  writeFileSync(made.temporary, 'film');
  return made;
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

const noLinks = { link: async () => Promise.reject(systemError('EPERM')) };

describe.each<[string, Partial<Files>]>([
  ['with hard links', {}],
  ['without hard links', noLinks],
])('publish %s', (_what, files) => {
  test('gives the file its name, and the temporary one is gone', async () => {
    const { temporary, path, run } = place(files);
    await run();
    expect(read(path)).toBe('film');
    expect(existsSync(temporary)).toBe(false);
  });

  test('never replaces what has the name', async () => {
    const { temporary, path, run } = place(files);
    writeFileSync(path, '');
    await expect(run()).rejects.toBeInstanceOf(NameTaken);
    expect(read(path)).toBe('');
    expect(read(temporary)).toBe('film');
  });

  test('nor a link to nowhere, nor a directory', async () => {
    const dangling = place(files);
    symlinkSync('/nowhere', dangling.path);
    await expect(dangling.run()).rejects.toBeInstanceOf(NameTaken);
    expect(lstatSync(dangling.path).isSymbolicLink()).toBe(true);
    const directory = place(files);
    mkdirSync(directory.path);
    await expect(directory.run()).rejects.toBeInstanceOf(NameTaken);
    expect(read(directory.temporary)).toBe('film');
  });

  test('with force replaces a file, and a link itself', async () => {
    const { path, run, temporary } = place(files);
    const other = `${path}.other`;
    writeFileSync(other, 'mine');
    symlinkSync(other, path);
    await run({ force: true });
    expect(lstatSync(path).isFile()).toBe(true);
    expect(read(path)).toBe('film');
    expect(read(other)).toBe('mine');
    expect(existsSync(temporary)).toBe(false);
  });

  test('takes an empty file that a crash left of its own, but no other one', async () => {
    const own = place(files);
    writeFileSync(own.path, '');
    await own.run({ reserved: true });
    expect(read(own.path)).toBe('film');
    const foreign = place(files);
    writeFileSync(foreign.path, 'mine');
    await expect(foreign.run({ reserved: true })).rejects.toBeInstanceOf(NameTaken);
    expect(read(foreign.path)).toBe('mine');
  });

  test('is durable: the directory is synced last', async () => {
    const order: string[] = [];
    const { run } = place({
      ...files,
      rename: async (from, to) => {
        order.push('rename');
        await realFiles.rename(from, to);
      },
      remove: async (path) => {
        order.push('remove');
        await realFiles.remove(path);
      },
      syncDirectory: async () => {
        order.push('sync');
      },
    });
    await run();
    expect(order.at(-1)).toBe('sync');
    expect(order).toHaveLength(2);
  });
});

describe('publish without hard links', () => {
  test('says that it will reserve the name before it does', async () => {
    const made = place(noLinks);
    let before: boolean | null = null;
    await made.run({
      onReserve: async () => {
        before = existsSync(made.path);
      },
    });
    expect(before).toBe(false);
  });

  test('leaves no empty file when the last step fails', async () => {
    const made = place({ ...noLinks, rename: async () => Promise.reject(systemError('EIO')) });
    await expect(made.run()).rejects.toMatchObject({ code: 'EIO' });
    expect(made.reserved).toBe(1);
    expect(existsSync(made.path)).toBe(false);
    expect(read(made.temporary)).toBe('film');
  });
});

describe('publish', () => {
  test.each(['ENOENT', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])(
    'tries no other way after %s',
    async (code) => {
      const made = place({ link: async () => Promise.reject(systemError(code)) });
      await expect(made.run()).rejects.toMatchObject({ code });
      expect(existsSync(made.path)).toBe(false);
      expect(made.reserved).toBe(0);
      expect(read(made.temporary)).toBe('film');
    },
  );
});
