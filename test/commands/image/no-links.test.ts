import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/base/deps.ts';
import { files as real } from '../../../src/system/files.ts';
import {
  type Drawn,
  drawAt,
  expectFailed,
  expectOneFile,
  namesIn,
  paths,
  records,
  resume,
} from '../../helpers/image.ts';
import { systemError } from '../../helpers/image-faults.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { completed, inline, picture } from '../../helpers/image-replies.ts';

/** A file system without hard links; `more` may do worse. */
async function drawWithoutLinks(
  more: Partial<Files> = {},
  argv: readonly string[] = ['-o', 'cat.png', 'A cat'],
  code = 'EPERM',
): Promise<Drawn> {
  const gateway = await startImageGateway();
  gateway.script.poll = completed(inline(picture()));
  const link = (): Promise<void> => Promise.reject(systemError(code, 'link'));
  return drawAt(gateway, argv, { files: { link, ...more } });
}

describe('where hard links do not exist', () => {
  test.each(['EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES', 'ENOTSUP', 'EINVAL'])(
    '%s: the file gets its name all the same',
    async (code) => {
      const { code: exit, world } = await drawWithoutLinks({}, undefined, code);
      expect(exit, world.err()).toBe(0);
      expectOneFile(world);
      expect(namesIn(world.home)).toEqual(['cat.png']);
    },
  );

  test('a name of its own too', async () => {
    const { code, world } = await drawWithoutLinks({}, ['A cat']);
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
  });

  test('a name that is taken at that very moment is not overwritten', async () => {
    const drawn = await drawWithoutLinks(
      {
        link: async (_from, name) => {
          writeFileSync(name, 'theirs');
          throw systemError('EPERM', 'link');
        },
      },
      ['--json', '-o', 'cat.png', 'A cat'],
    );
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'output_exists', billed: 'yes' });
    expect(readFileSync(join(drawn.world.home, 'cat.png'), 'utf8')).toBe('theirs');
    const later = await resume(drawn.world, drawn.gateway, [
      records(drawn.world)[0]?.id ?? '',
      '-o',
      join(drawn.world.home, 'dog.png'),
    ]);
    expectOneFile(later.world);
    expect(readFileSync(join(drawn.world.home, 'cat.png'), 'utf8')).toBe('theirs');
  });

  test('even an empty file of somebody else is not overwritten', async () => {
    const drawn = await drawWithoutLinks({
      link: async (_from, name) => {
        writeFileSync(name, '');
        throw systemError('EPERM', 'link');
      },
    });
    expect(drawn.code).toBe(50);
    expect(readFileSync(join(drawn.world.home, 'cat.png'), 'utf8')).toBe('');
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(50);
    expect(readFileSync(join(drawn.world.home, 'cat.png'), 'utf8')).toBe('');
  });

  test('a rename that fails leaves no empty file under the name, and resume finishes it', async () => {
    const rename: Files['rename'] = (from, to) =>
      to.endsWith('cat.png') ? Promise.reject(systemError('EIO', 'rename')) : real.rename(from, to);
    const drawn = await drawWithoutLinks({ rename });
    expect(drawn.code, drawn.world.err()).toBe(50);
    expect(existsSync(join(drawn.world.home, 'cat.png'))).toBe(false);
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
    expect(namesIn(drawn.world.home)).toEqual(['cat.png']);
  });

  test('a rename that fails and an empty file that cannot be removed: resume finishes it', async () => {
    const rename: Files['rename'] = (from, to) =>
      to.endsWith('cat.png') ? Promise.reject(systemError('EIO', 'rename')) : real.rename(from, to);
    const remove: Files['remove'] = (path) =>
      path.endsWith('cat.png') ? Promise.reject(systemError('EIO', 'unlink')) : real.remove(path);
    const drawn = await drawWithoutLinks({ rename, remove });
    expect(drawn.code, drawn.world.err()).toBe(50);
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });
});

describe('a name of our own that is taken', () => {
  test('is drawn again', async () => {
    let tries = 0;
    const { code, world } = await drawWithoutLinks(
      {
        link: async (from, name) => {
          tries += 1;
          if (tries <= 2) throw systemError('EEXIST', 'link');
          return real.link(from, name);
        },
      },
      ['A cat'],
    );
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
  });

  test('whatever comes: 50 in the end, nothing lost', async () => {
    const drawn = await drawWithoutLinks(
      { link: () => Promise.reject(systemError('EEXIST', 'link')) },
      ['A cat'],
    );
    expect(drawn.code, drawn.world.err()).toBe(50);
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expect(paths(later.world)).toHaveLength(1);
    expectOneFile(later.world);
  });
});
