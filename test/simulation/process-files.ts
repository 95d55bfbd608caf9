/** The disk as one process sees it: `Files` as src/system/files.ts does them, system call by system call, with faults at each. */
import { dirname } from 'node:path/posix';
import type { Clock, FileReader, Files, FileWriter } from '../../src/base/deps.ts';
import { type Appended, framed, unglued, wholeIn } from '../../src/system/append-line.ts';
import { appenderOf } from '../../src/system/append-together.ts';
import { coded, type FileNode } from './disk.ts';
import { broken, links, removals, syncs, unreadable, unwritable, writes } from './disk-faults.ts';
import type { Process, Surroundings } from './process.ts';

export const HOME = '/home/user/alltoken';
export const OUT = '/home/user/out';
/** Files that commands are given. */
export const IN = '/home/user/in';
/** Inputs and outputs of batches. */
export const BATCHES = '/home/user/batches';

/** What a file is for: faults are planned and counted by it. */
function kindOf(path: string): string {
  const name = path.lastIndexOf('/') + 1;
  if (path.includes('.lock-', name)) return 'lock';
  if (path.startsWith(inOut)) return path.startsWith('.', name) ? 'temporary' : 'output';
  if (path.startsWith(inIn)) return 'input';
  if (path.startsWith(inBatches)) return kindInBatch(path);
  if (!path.startsWith(inHome)) return 'other';
  const end = path.indexOf('/', inHome.length);
  if (end < 0) return path.endsWith('/config.json') ? 'config' : 'room';
  const room = path.slice(inHome.length, end);
  if (room === 'tasks') return path.includes('.json', end) ? 'record' : 'reply';
  return room;
}

function kindInBatch(path: string): string {
  if (path.includes('.state')) return 'state';
  if (path.endsWith('.tmp')) return 'compacted';
  return path.includes('/in-') || path.endsWith('.stdin') ? 'lines' : 'results';
}

const inIn = `${IN}/`;
const inBatches = `${BATCHES}/`;
const inOut = `${OUT}/`;
const inHome = `${HOME}/`;

/** By system call and kind of file: as many as a table has, made once, since each is looked up at every step. */
const places = new Map<string, Map<string, string>>();

function placeOf(name: string, kind: string): string {
  const known = places.get(name)?.get(kind);
  if (known !== undefined) return known;
  const place = `${name} ${kind}`;
  places.set(name, (places.get(name) ?? new Map<string, string>()).set(kind, place));
  return place;
}

export function filesFor(
  process: Process,
  world: Surroundings,
  clock: Pick<Clock, 'sleep'>,
): Files {
  const { disk } = world;

  /** One system call. */
  function call<T>(
    name: string,
    path: string,
    work: () => T,
    faults: readonly string[],
    tear?: (share: number) => void,
  ): Promise<T> {
    const place = placeOf(name, kindOf(path));
    const fault = world.faultAt(place, faults, process);
    const milliseconds =
      fault === 'slow' ? process.random.between(2000, 30_000) : process.random.next() * 0.4 + 0.02;
    const needsRoom = faults === unwritable || faults === writes || faults === links;
    return process.step({
      what: () => `${name} ${path}`,
      place,
      milliseconds,
      work() {
        const state = world.diskState(path);
        if (needsRoom && state !== 'well') {
          process.disturbances.push(state);
          if (state === 'full') tear?.(process.random.next());
          throw coded(state === 'full' ? 'ENOSPC' : 'EROFS', path);
        }
        if (fault !== null && fault !== 'slow') {
          if (fault === 'ENOSPC') tear?.(process.random.next());
          throw coded(fault, path);
        }
        return work();
      },
      ...(tear && { tear }),
    });
  }

  function writing(node: () => FileNode, at: () => number, bytes: Buffer) {
    return {
      work: () => disk.write(node(), at(), bytes),
      tear: (share: number) =>
        disk.write(node(), at(), bytes.subarray(0, Math.floor(bytes.length * share))),
    };
  }

  function openedToWrite(path: string, how: 'new' | 'empty' | number, mode: number): FileNode {
    const found = disk.find(path);
    if (typeof how === 'number') {
      const node = disk.file(path);
      if (node.content.length < how) throw coded('ESPIPE', path);
      disk.truncate(node, how);
      return node;
    }
    if (found === undefined) return disk.create(path, mode);
    if (how === 'new') throw coded('EEXIST', path);
    const node = disk.file(path);
    if (node.content.length > 0) disk.truncate(node, 0);
    return node;
  }

  function writerTo(path: string, node: FileNode, from: number): FileWriter {
    let position = from;
    let failure: { error: unknown } | null = null;
    let isOpen = true;
    return {
      async write(bytes) {
        if (failure !== null) throw failure.error;
        if (bytes.length === 0) return;
        const copy = Buffer.from(bytes);
        const at = position;
        position += copy.length;
        const { work, tear } = writing(
          () => node,
          () => at,
          copy,
        );
        // It was taken; what goes wrong is for the next call to say.
        await call('write', path, work, writes, tear).catch((error: unknown) => {
          failure = { error };
        });
      },
      async sync() {
        if (failure !== null) throw failure.error;
        await call('sync', path, () => disk.sync(node), syncs);
      },
      async close() {
        isOpen = isOpen && false;
      },
    };
  }

  return {
    read: (path, maxBytes) =>
      call(
        'read',
        path,
        () => {
          const { content } = disk.file(path);
          if (content.length > maxBytes) throw coded('EFBIG', path);
          return Buffer.from(content);
        },
        unreadable,
      ),

    status: (path) =>
      call(
        'status',
        path,
        () => {
          const node = disk.find(path);
          if (node === undefined) return null;
          const { mode, changedAt, kind } = node;
          const bytes = node.kind === 'file' ? node.content.length : 0;
          return {
            bytes,
            changedAt,
            mode,
            isDirectory: kind === 'directory',
            isFile: kind === 'file',
          };
        },
        broken,
      ),

    list: (path) =>
      call(
        'list',
        path,
        () => {
          const node = disk.find(path);
          return node?.kind === 'directory' ? [...node.entries.keys()] : [];
        },
        [],
      ),

    async makeDirectory(path) {
      const missing: string[] = [];
      for (let at = path; disk.find(at) === undefined; at = dirname(at)) missing.unshift(at);
      if (missing.length === 0) {
        await call('status', path, () => disk.directory(path), []);
        return;
      }
      for (const one of missing)
        await call(
          'mkdir',
          one,
          () => {
            if (disk.find(one) === undefined) disk.makeDirectory(one);
          },
          unwritable,
        ).then(() => call('syncDirectory', one, () => disk.syncDirectory(dirname(one)), []));
    },

    appendLine: appenderOf(clock, async (path, lines) => {
      const { node, size, isTorn } = await call(
        'open',
        path,
        () => {
          const found = disk.find(path) ?? disk.create(path, 0o600);
          if (found.kind !== 'file') throw coded('EISDIR', path);
          const { length } = found.content;
          return { node: found, size: length, isTorn: length > 0 && found.content.at(-1) !== 0x0a };
        },
        unwritable,
      );
      let isAlone = true;
      /** Resolves to how many bytes were taken: fewer where the disk is full. */
      const append = async (bytes: Buffer): Promise<number> => {
        let taken = bytes.length;
        const { work } = writing(
          () => node,
          () => node.content.length,
          bytes,
        );
        const tear = (share: number): void => {
          taken = Math.floor(bytes.length * share);
          disk.write(node, node.content.length, bytes.subarray(0, taken));
        };
        const alone = (): void => {
          isAlone = node.content.length === size;
          work();
        };
        try {
          await call('append', path, alone, writes, tear);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ENOSPC') throw error;
        }
        return taken;
      };
      const taken = await append(framed(lines, isTorn));
      const ofWhole = (whole: number): Appended => ({
        whole,
        code: whole < lines.length ? 'ENOSPC' : null,
      });
      const whole = wholeIn(lines, taken - (isTorn ? 1 : 0));
      if (whole < lines.length || isAlone || isTorn) return ofWhole(whole);
      const read = (): Buffer | null => unglued(node.content.subarray(size), lines);
      const again = await call('look into', path, read, []);
      return ofWhole(again === null || (await append(again)) >= again.length - 1 ? whole : 0);
    }),

    async replace(path, text, { durable } = { durable: true }) {
      const temporary = `${path}.${process.random.next().toString(36).slice(2, 12)}.tmp`;
      try {
        const node = await call(
          'create',
          temporary,
          () => disk.create(temporary, 0o600),
          unwritable,
        );
        const { work, tear } = writing(
          () => node,
          () => 0,
          Buffer.from(text),
        );
        await call('write', temporary, work, writes, tear);
        if (durable) await call('sync', temporary, () => disk.sync(node), syncs);
        await call('rename', path, () => disk.rename(temporary, path), unwritable);
      } catch (error) {
        await call('remove', temporary, () => disk.remove(temporary), []);
        throw error;
      }
      if (durable) await call('syncDirectory', path, () => disk.syncDirectory(dirname(path)), []);
    },

    async openToWrite(path, how, mode) {
      const node = await call('open', path, () => openedToWrite(path, how, mode), unwritable);
      return writerTo(path, node, typeof how === 'number' ? how : 0);
    },

    async openToRead(path): Promise<FileReader> {
      const node = await call('openToRead', path, () => disk.file(path), unreadable);
      return {
        size: node.content.length,
        read: (offset, length) => Buffer.from(node.content.subarray(offset, offset + length)),
        async close() {},
      };
    },

    link: (path, name) => call('link', name, () => disk.link(path, name), links),
    rename: (path, name) => call('rename', name, () => disk.rename(path, name), unwritable),
    remove: (path) =>
      call(
        'remove',
        path,
        () => {
          const isOwnLock = path.includes(`.lock-${process.pid}-`);
          // The lock of what parts share is given back many times.
          if (isOwnLock && path.startsWith(`${BATCHES}/`) && path.includes('.state.lock-'))
            world.releases(process);
          disk.remove(path);
        },
        removals,
      ),
    // No simulated command makes a tree.
    removeTree: async (path) => Promise.reject(coded('ENOSYS', path)),
    realPath: (path) =>
      call(
        'realPath',
        path,
        () => {
          if (disk.find(path) === undefined) throw coded('ENOENT', path);
          return path;
        },
        [],
      ),
    isTaken: (path) => call('isTaken', path, () => disk.find(path) !== undefined, []),
    syncDirectory: (path) =>
      call(
        'syncDirectory',
        path,
        () => {
          if (disk.find(path) !== undefined) disk.syncDirectory(path);
        },
        [],
      ),
    freeBytes: (path) =>
      call('freeBytes', path, () => (world.diskState(path) === 'full' ? 0 : 2 ** 40), []),
  };
}
