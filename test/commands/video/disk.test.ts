import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/base/deps.ts';
import { files as realFiles } from '../../../src/system/files.ts';
import { created, film, filmReply, taskId } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  failureOf,
  filesIn,
  fullAfter,
  journalOf,
  laterProcess,
  recordOf,
  systemError,
  withGateway,
} from '../../helpers/video-world.ts';

const resume = `alltoken tasks resume ${taskId()}`;
const out = ['A boat', '-o', 'a.mp4'] as const;

describe('video, before anything is bought,', () => {
  test.each<[string, string[], Partial<Files>]>([
    ['the file exists', ['-o', 'mine.txt'], {}],
    ['the file is a link to nowhere', ['-o', 'dangling'], {}],
    ['the directory does not exist', ['-o', 'none/a.mp4'], {}],
    ['the directory is a file', ['-o', 'mine.txt/a.mp4'], {}],
    ['the last frame exists', ['--last-frame-out', 'mine.txt'], {}],
    ['the disk is read-only', ['-o', 'a.mp4'], denied('openToWrite', 'EROFS')],
    ['the directory may not be written to', ['-o', 'a.mp4'], denied('openToWrite', 'EACCES')],
    ['there is no room', ['-o', 'a.mp4'], { freeBytes: async () => 1000 }],
    ['the journal cannot be written', ['-o', 'a.mp4'], denied('replace', 'EROFS')],
    ['the journal has no room', ['-o', 'a.mp4'], denied('replace', 'ENOSPC')],
    ['the journal has no directory', ['-o', 'a.mp4'], denied('makeDirectory', 'EACCES')],
  ])('sees that %s', async (_what, argv, files) => {
    const { gateway, world } = await withGateway({}, { files, home: { 'mine.txt': 'mine' } });
    symlinkSync('/nowhere/at/all', join(world.home, 'dangling'));
    expect(await world.video('A boat', '--json', ...argv)).toBe(50);
    expect(errorOf(world)).toMatchObject({ name: 'local_io', billed: 'no' });
    expect(world.err()).toContain('nothing was bought');
    expect(gateway.requests).toEqual([]);
    expect(journalOf(world)).toEqual([]);
    expect(filesIn(world)).toEqual(['dangling', 'mine.txt']);
    expect(bytesOf(world, 'mine.txt').toString()).toBe('mine');
  });

  test('says nothing against a directory that is a link, or a name with --force', async () => {
    const { world } = await withGateway({}, { home: { 'mine.txt': 'mine' } });
    mkdirSync(join(world.home, 'real'));
    symlinkSync('real', join(world.home, 'link'));
    expect(await world.video('A boat', '-o', 'link/a.mp4'), world.err()).toBe(0);
    expect(bytesOf(world, 'real/a.mp4').equals(film())).toBe(true);
    expect(await world.video('A boat', '-o', 'mine.txt', '--force'), world.err()).toBe(0);
    expect(bytesOf(world, 'mine.txt').equals(film())).toBe(true);
  });

  test('needs no journal with --no-journal', async () => {
    const { world } = await withGateway({}, { files: denied('replace', 'EROFS') });
    expect(await world.video(...out, '--no-journal'), world.err()).toBe(0);
    expect(journalOf(world)).toEqual([]);
    expect(filesIn(world)).toEqual(['a.mp4']);
  });
});

function denied(
  operation: 'openToWrite' | 'replace' | 'makeDirectory',
  code: string,
): Partial<Files> {
  return { [operation]: async () => Promise.reject(systemError(code)) };
}

describe('video --force', () => {
  test('replaces a link itself, not what it leads to', async () => {
    const { world } = await withGateway({}, { home: { 'mine.txt': 'mine' } });
    symlinkSync('mine.txt', join(world.home, 'a.mp4'));
    expect(await world.video(...out, '--force')).toBe(0);
    expect(lstatSync(join(world.home, 'a.mp4')).isSymbolicLink()).toBe(false);
    expect(bytesOf(world, 'mine.txt').toString()).toBe('mine');
  });
});

describe('video, when the disk is full in the middle of the download,', () => {
  test('ends with 50, keeps the part, and goes on from there', async () => {
    const { gateway, world } = await withGateway(
      { file: filmReply(film(400_000)) },
      { files: fullAfter(realFiles, /\.part$/, 200_000) },
    );
    expect(await world.video(...out, '--json')).toBe(50);
    expect(errorOf(world)).toMatchObject({
      name: 'local_io',
      code: 'ENOSPC',
      billed: 'yes',
      hint: expect.stringContaining(resume),
    });
    const [part = ''] = filesIn(world);
    expect(part).toMatch(/^\.job_.*\.part$/);
    const kept = bytesOf(world, part).length;
    expect(kept).toBeGreaterThan(0);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', taskId()), later.err()).toBe(0);
    expect(gateway.to('file').at(-1)?.headers).toMatchObject({
      range: `bytes=${kept}-`,
      'if-range': '"one"',
    });
    expect(bytesOf(world, 'a.mp4').equals(film(400_000))).toBe(true);
    expect(filesIn(world)).toEqual(['a.mp4']);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('starts over later when the file is another one by then', async () => {
    const other = film(300_000, 'other');
    let sent = filmReply(film(400_000));
    const { gateway, world } = await withGateway(
      { file: (...args) => sent(...args) },
      { files: fullAfter(realFiles, /\.part$/, 200_000) },
    );
    expect(await world.video(...out)).toBe(50);
    sent = filmReply(other, { etag: '"two"' });
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', taskId()), later.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(other)).toBe(true);
  });

  test('can be saved on another disk, and leaves nothing on the full one', async () => {
    const { gateway, world } = await withGateway(
      { file: filmReply(film(400_000)) },
      { files: fullAfter(realFiles, /\.part$/, 200_000) },
    );
    expect(await world.video(...out)).toBe(50);
    mkdirSync(join(world.home, 'other'));
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', taskId(), '-o', 'other/b.mp4'), later.err()).toBe(0);
    expect(bytesOf(world, 'other/b.mp4').equals(film(400_000))).toBe(true);
    expect(readdirSync(join(world.home, 'other'))).toEqual(['b.mp4']);
    expect(filesIn(world)).toEqual(['other']);
  });
});

describe('video, when the name was taken meanwhile,', () => {
  test('ends with 50, and the film goes where one says', async () => {
    const { gateway, world } = await withGateway({
      file: (response, request, count) => {
        if (count === 1) writeFileSync(join(world.home, 'a.mp4'), 'mine');
        return filmReply()(response, request, count);
      },
    });
    expect(await world.video(...out)).toBe(50);
    expect(failureOf(world).hint).toContain(`${resume} --force`);
    expect(bytesOf(world, 'a.mp4').toString()).toBe('mine');
    const again = laterProcess(world, gateway);
    expect(await again.tasks('resume', taskId())).toBe(50);
    const forced = laterProcess(world, gateway);
    expect(await forced.tasks('resume', taskId(), '--force'), forced.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(filesIn(world)).toEqual(['a.mp4']);
  });
});

describe('video, when the journal fails after the purchase,', () => {
  test('goes on without it, and says so once', async () => {
    let bought = false;
    const { world } = await withGateway(
      {
        create: (...args) => {
          bought = true;
          return created()(...args);
        },
      },
      {
        files: {
          async replace(path, text) {
            if (bought) throw systemError('ENOSPC');
            await realFiles.replace(path, text);
          },
        },
      },
    );
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(world.err()).toContain(resume);
    expect(world.err().match(/the journal in/g)).toHaveLength(1);
  });
});

describe('video, where hard links do not exist,', () => {
  test.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EXDEV', 'EMLINK'])(
    'saves all the same: %s',
    async (code) => {
      const link = async (): Promise<void> => Promise.reject(systemError(code));
      const { world } = await withGateway({}, { files: { link } });
      expect(await world.video(...out), world.err()).toBe(0);
      expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
      expect(filesIn(world)).toEqual(['a.mp4']);
    },
  );

  test('replaces no file that came meanwhile', async () => {
    const { world } = await withGateway(
      {},
      {
        files: {
          link: async (_path, name) => {
            writeFileSync(name, 'mine');
            throw systemError('EPERM');
          },
        },
      },
    );
    expect(await world.video(...out)).toBe(50);
    expect(readFileSync(join(world.home, 'a.mp4'), 'utf8')).toBe('mine');
    expect(recordOf(world)).toMatchObject({ state: 'received' });
    expect(existsSync(join(world.home, `.${recordOf(world).id}-0.part`))).toBe(true);
  });
});
