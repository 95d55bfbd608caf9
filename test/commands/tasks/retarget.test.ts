import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  draw,
  expectFailed,
  namesIn,
  paths,
  records,
  resume,
} from '../../helpers/image.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import { completed, inline, picture, taskId } from '../../helpers/image-replies.ts';

const cat = picture(1000, 1);
const dog = picture(1100, 2);

/** A finished job of two images. */
function two(...argv: string[]): Promise<Drawn> {
  return draw({ poll: completed(inline(cat), inline(dog)) }, ['-n', '2', ...argv, 'Two']);
}

/** `-o` this name, in the directory of the first run. */
const to = async ({ world, gateway }: Drawn, name: string, ...argv: string[]): Promise<Drawn> =>
  resume(world, gateway, [taskId, '-o', join(world.home, name), ...argv]);

function savedPaths({ world }: Drawn): (string | undefined)[] {
  return records(world)[0]?.items.map(({ saved }) => saved?.path) ?? [];
}

describe('J4: tasks resume -o of a finished job of several images', () => {
  test.each([[[]], [['-o', 'old.png']]])(
    'numbers the copies, with or without --force (made with %j)',
    async (argv) => {
      for (const force of [[], ['--force']]) {
        const drawn = await two(...argv);
        const before = paths(drawn.world);
        const later = await to(drawn, 'new.png', ...force);
        const at = (name: string): string => join(drawn.world.home, name);
        expect(later.code, later.world.err()).toBe(0);
        expect(paths(later.world)).toEqual([at('new.png'), at('new-2.png')]);
        expect(savedPaths(drawn)).toEqual([at('new.png'), at('new-2.png')]);
        expect(records(drawn.world)[0]).toMatchObject({ state: 'done' });
        expect(readFileSync(at('new.png')).equals(cat)).toBe(true);
        expect(readFileSync(at('new-2.png')).equals(dog)).toBe(true);
        // What was saved before stays.
        expect(before.map((path) => readFileSync(path).length)).toEqual([1000, 1100]);
        expect(namesIn(drawn.world.home)).toHaveLength(4);
      }
    },
  );

  test('removes what a copy left whose record was lost with the power', async () => {
    const drawn = await two('-o', 'old.png');
    const names = namesIn(drawn.world.home);
    const [record] = records(drawn.world);
    writeFileSync(join(drawn.world.home, `.${record?.id}-1.part`), 'half');
    const later = await resume(drawn.world, drawn.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expect(namesIn(drawn.world.home)).toEqual(names);
  });

  test('again with the same name changes nothing', async () => {
    const drawn = await two('-o', 'old.png');
    await to(drawn, 'new.png');
    const names = namesIn(drawn.world.home);
    const again = await to(drawn, 'new.png');
    expect(again.code, again.world.err()).toBe(0);
    expect(namesIn(drawn.world.home)).toEqual(names);
  });

  test('is no call: the ledger has one intent and one outcome, and no budget waits for more', async () => {
    const drawn = await two('-o', 'old.png');
    const later = await to(drawn, 'new.png');
    expect(later.code, later.world.err()).toBe(0);
    expect(drawn.world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome']);
  });

  test.skipIf(process.platform === 'win32')(
    'with --force onto a pipe is refused, and the job stays done',
    async () => {
      const drawn = await two('-o', 'old.png');
      const pipe = join(drawn.world.home, 'pipe.png');
      execFileSync('mkfifo', [pipe]);
      const later = await to(drawn, 'pipe.png', '--force');
      expectFailed(later, { exit: 50, name: 'local_io', code: 'output_exists', billed: 'yes' });
      expect(lstatSync(pipe).isFIFO()).toBe(true);
      expect(records(drawn.world)[0]).toMatchObject({ state: 'done' });
    },
  );

  test('into a directory keeps the names', async () => {
    const drawn = await two('-o', 'old.png');
    mkdirSync(join(drawn.world.home, 'pics'));
    const later = await to(drawn, 'pics');
    expect(later.code, later.world.err()).toBe(0);
    expect(namesIn(join(drawn.world.home, 'pics'))).toEqual(['old-2.png', 'old.png']);
  });

  test('to the name of the other one loses neither', async () => {
    const drawn = await two('-o', 'old.png');
    const later = await to(drawn, 'old-2.png', '--force');
    expect(later.code, later.world.err()).toBe(0);
    const read = (name: string): Buffer => readFileSync(join(drawn.world.home, name));
    expect(read('old-2.png').equals(cat)).toBe(true);
    expect(read('old-2-2.png').equals(dog)).toBe(true);
    expect(savedPaths(drawn).map((path) => path?.split('/').at(-1))).toEqual([
      'old-2.png',
      'old-2-2.png',
    ]);
  });

  test.each(['new.png', 'new-2.png'])('where %s is taken: 50, nothing changed', async (name) => {
    const drawn = await two('-o', 'old.png');
    writeFileSync(join(drawn.world.home, name), 'mine');
    const names = namesIn(drawn.world.home);
    const before = records(drawn.world);
    const later = await to(drawn, 'new.png');
    expect(later.code).toBe(50);
    expect(later.world.err()).toContain(`${name} exists`);
    expect(later.world.err()).toContain('--force');
    expect(namesIn(drawn.world.home)).toEqual(names);
    expect(records(drawn.world)).toEqual(before);
    expect(readFileSync(join(drawn.world.home, name), 'utf8')).toBe('mine');
  });

  test('in a directory that is not there: 50, nothing changed', async () => {
    const drawn = await two('-o', 'old.png');
    const before = records(drawn.world);
    const later = await to(drawn, 'nowhere/new.png');
    expect(later.code).toBe(50);
    expect(records(drawn.world)).toEqual(before);
  });
});

describe('a copy that waits for its name and cannot be read', () => {
  const codes = ['EIO', 'EACCES', 'EMFILE'];

  test.each(codes)('%s: 50, nothing is asked for again, and resume finishes it', async (code) => {
    const drawn = await draw({ poll: completed(inline(cat)) }, ['-o', 'old.png', 'One']);
    const requests = drawn.gateway.ofJobs().length;
    const files = failingFiles(code, ({ label }) => label === 'openToRead .job-0.part');
    const argv = [taskId, '-o', join(drawn.world.home, 'new.png'), '--json'];
    const failed = await resume(drawn.world, drawn.gateway, argv, { files });
    expectFailed(failed, { exit: 50, name: 'local_io', code, hint: /tasks resume/, billed: 'yes' });
    const later = await resume(drawn.world, drawn.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expect(readFileSync(join(drawn.world.home, 'new.png')).equals(cat)).toBe(true);
    expect(drawn.gateway.ofJobs()).toHaveLength(requests);
  });

  test.each(codes)('%s, but its reply is still there: it is made again from that', async (code) => {
    const nameless = { files: failingFiles('EIO', ({ name }) => name === 'link') };
    const drawn = await draw({ poll: completed(inline(cat)) }, ['-o', 'new.png', 'One'], nameless);
    expect(drawn.code).toBe(50);
    expect(records(drawn.world)).toMatchObject([{ state: 'received', items: [{ saving: {} }] }]);
    const requests = drawn.gateway.ofJobs().length;
    const files = failingFiles(code, ({ label }) => label === 'openToRead .job-0.part');
    const later = await resume(drawn.world, drawn.gateway, [taskId], { files });
    expect(later.code, later.world.err()).toBe(0);
    expect(readFileSync(join(drawn.world.home, 'new.png')).equals(cat)).toBe(true);
    expect(drawn.gateway.ofJobs()).toHaveLength(requests);
  });

  test.each(codes)('%s of one that was killed after it had its name', async (code) => {
    const drawn = await draw({ poll: completed(inline(cat)) }, ['-o', 'old.png', 'One']);
    const [record] = records(drawn.world);
    const [item] = record?.items ?? [];
    const { home } = drawn.world;
    const saving = {
      ...item?.saved,
      temporary: join(home, `.${record?.id}-0.part`),
      reserved: false,
    };
    const before = { ...record, state: 'received', items: [{ ...item, saved: null, saving }] };
    writeFileSync(join(home, 'tasks', `${record?.id}.json`), JSON.stringify(before));
    const requests = drawn.gateway.ofJobs().length;
    const files = failingFiles(code, ({ label }) => label === 'openToRead old.png');
    const failed = await resume(drawn.world, drawn.gateway, [taskId, '--json'], { files });
    expectFailed(failed, { exit: 50, name: 'local_io', code, hint: /tasks resume/, billed: 'yes' });
    const later = await resume(drawn.world, drawn.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expect(savedPaths(drawn)).toEqual([join(home, 'old.png')]);
    expect(drawn.gateway.ofJobs()).toHaveLength(requests);
  });
});
