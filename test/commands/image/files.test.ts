import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  draw,
  expectOneFile,
  namesIn,
  paths,
  records,
} from '../../helpers/image.ts';
import { completed, inline, jpeg, picture } from '../../helpers/image-replies.ts';

describe('the file of image', () => {
  test('gets a name of its own in the working directory', async () => {
    const { world } = await draw();
    const path = expectOneFile(world);
    expect(path).toMatch(new RegExp(`^${world.home}/alltoken-image-[0-9a-f]{8}\\.png$`));
  });

  test('is the only thing that is left beside the books', async () => {
    const { world } = await draw();
    expect(namesIn(world.home)).toEqual([expectOneFile(world).slice(world.home.length + 1)]);
    expect(besideRecords(world)).toEqual([]);
    expect(records(world)).toMatchObject([{ state: 'done', body: null }]);
  });

  test('gets the ending of what its bytes are', async () => {
    const { world } = await draw({ poll: completed(inline(jpeg)) });
    expect(expectOneFile(world, jpeg)).toMatch(/\.jpg$/);
    expect(world.err()).not.toContain('warning');
  });

  test('is where -o says, relative to the working directory', async () => {
    const { world } = await draw({}, ['-o', 'cat.png', 'A cat']);
    expect(expectOneFile(world)).toBe(join(world.home, 'cat.png'));
  });

  test('is in the directory that -o says', async () => {
    const { world } = await draw({}, ['-o', '.', 'A cat']);
    expect(expectOneFile(world)).toMatch(/\/alltoken-image-[0-9a-f]{8}\.png$/);
  });

  test('may have spaces and letters of any script in its name', async () => {
    const { world } = await draw({}, ['-o', 'Zoë’s 猫 .png', 'A cat']);
    expect(expectOneFile(world)).toBe(join(world.home, 'Zoë’s 猫 .png'));
  });

  test('has the rights of any new file', async () => {
    const { world } = await draw();
    const mode = statSync(expectOneFile(world)).mode & 0o777;
    expect(mode).toBe(0o666 & ~process.umask());
  });

  test('keeps a name that does not fit what it holds, with a warning', async () => {
    const { world } = await draw({ poll: completed(inline(jpeg)) }, ['-o', 'cat.png', 'A cat']);
    expect(expectOneFile(world, jpeg)).toMatch(/cat\.png$/);
    expect(world.err()).toMatch(/^warning: .*cat\.png contains image\/jpeg/m);
  });

  test.each(['cat.jpg', 'cat.JPEG', 'cat'])('%s is a fine name for a JPEG', async (name) => {
    const { world } = await draw({ poll: completed(inline(jpeg)) }, ['-o', name, 'A cat']);
    expectOneFile(world, jpeg);
    expect(world.err()).not.toContain('warning');
  });

  test('is believed by its bytes, not by what the gateway says', async () => {
    const entry = { ...inline(jpeg), mime_type: 'image/webp' };
    const { world } = await draw({ poll: completed(entry) }, ['--json', 'A cat']);
    expect(world.json().files).toMatchObject([{ mime: 'image/jpeg' }]);
  });
});

describe('several files of image', () => {
  const three = completed(...[1, 2, 3].map((seed) => inline(picture(4000, seed))));

  test('get names of their own', async () => {
    const { code, world } = await draw({ poll: three }, ['-n', '3', 'A cat']);
    expect(code, world.err()).toBe(0);
    expect(new Set(paths(world)).size).toBe(3);
    for (const [index, path] of paths(world).entries())
      expect(readFileSync(path).equals(picture(4000, index + 1))).toBe(true);
  });

  test('are numbered from the second on when one name is given', async () => {
    const { world } = await draw({ poll: three }, ['-n', '3', '-o', 'cat.x.png', 'A cat']);
    const names = ['cat.x.png', 'cat.x-2.png', 'cat.x-3.png'];
    expect(paths(world)).toEqual(names.map((name) => join(world.home, name)));
  });

  test('are all saved when more come than were asked for', async () => {
    const { code, world } = await draw({ poll: three }, ['-n', '2', '-o', 'cat', 'A cat']);
    expect(code, world.err()).toBe(0);
    expect(paths(world).map((path) => path.slice(world.home.length + 1))).toEqual([
      'cat',
      'cat-2',
      'cat-3',
    ]);
    expect(world.err()).toMatch(/warning: the gateway sent 3 results, and 2 were ordered/);
  });

  test('a taken number is found before anything is bought', async () => {
    const { code, gateway } = await draw({}, ['-n', '3', '-o', 'cat.png', 'A cat'], {
      home: { 'cat-3.png': 'mine' },
    });
    expect(code).toBe(50);
    expect(gateway.requests).toEqual([]);
  });
});

describe('image --async', () => {
  test('prints the id and does not ask how it goes', async () => {
    const { code, world, gateway } = await draw({}, ['--async', '-o', 'cat.png', 'A cat']);
    expect(code, world.err()).toBe(0);
    expect(world.out()).toBe('igen_0123456789abcdef01234567\n');
    expect(gateway.to('poll')).toEqual([]);
    expect(records(world)).toMatchObject([{ state: 'submitted', target: { name: 'cat.png' } }]);
    expect(besideRecords(world)).toEqual([]);
    expect(existsSync(join(world.home, 'cat.png'))).toBe(false);
  });

  test('needs a place for the file all the same', async () => {
    const { code, gateway } = await draw({}, ['--async', '-o', 'no/cat.png', 'A cat']);
    expect(code).toBe(50);
    expect(gateway.requests).toEqual([]);
  });
});
