/** The few file operations, on a real disk. Synchronous, because the thread pool costs more than one small read or write. */
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmSync,
  type Stats,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock, Files, FileWriter } from '../base/deps.ts';
import { appendLine, letGo } from './append-line.ts';
import { coded, openReader } from './file-reader.ts';
import { writerTo } from './file-writer.ts';
import { readPipe } from './pipe-reader.ts';
import { renameOver } from './rename.ts';

/** `clock`: by which a writer of a pipe is waited for; null: without an end. */
export function readerOf(clock: Pick<Clock, 'sleep'> | null): Files['read'] {
  return async (path, maxBytes, signal) => {
    const status = statSync(path);
    if (status.isDirectory()) throw coded('EISDIR', path);
    if (status.size > maxBytes) throw coded('EFBIG', path);
    if (status.isFile()) return readRegular(path, maxBytes);
    if (signal === undefined) throw coded('EFTYPE', path);
    return status.isFIFO()
      ? readPipe(path, maxBytes, signal, clock)
      : readStream(path, maxBytes, signal);
  };
}

export const files: Files = {
  read: readerOf(null),

  async status(path) {
    try {
      const status = statSync(path);
      return {
        bytes: status.size,
        changedAt: status.mtimeMs,
        mode: status.mode & 0o7777,
        isDirectory: status.isDirectory(),
        isFile: status.isFile(),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },

  async list(path) {
    try {
      return readdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw error;
    }
  },

  async makeDirectory(path, mode = 0o700) {
    makeWithParents(path, mode);
  },

  // One that is appended to often stays open only where the process has a clock: see append-together.ts.
  async appendLine(path, line) {
    appendLine(path, line);
  },

  async replace(link, text, { durable = true, shared = false } = {}) {
    const path = resolved(link);
    const temporary = `${path}.${Math.random().toString(36).slice(2, 12)}.tmp`;
    const old = shared ? writable(path) : null;
    try {
      const file = openSync(temporary, 'wx', shared && old === null ? 0o666 : 0o600);
      try {
        if (old !== null) keepRights(file, old);
        const bytes = Buffer.from(text);
        // Where the disk takes only a part, the rest says why: it is full, or the file may not be so large.
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        if (durable) fsyncSync(file);
      } finally {
        closeSync(file);
      }
      letGo(path);
      renameOver(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    if (durable) syncDirectory(dirname(path));
  },

  async openToWrite(path, how, mode) {
    return typeof how === 'number' ? openAt(path, how) : openNew(path, how, mode);
  },

  async openToRead(path) {
    return openReader(path);
  },

  async link(path, name) {
    linkSync(path, name);
  },

  async rename(path, name) {
    letGo(name);
    renameOver(path, name);
  },

  async remove(path) {
    letGo(path);
    rmSync(path, { force: true });
  },

  async removeTree(path) {
    rmSync(path, { recursive: true, force: true });
  },

  async realPath(path) {
    return realpathSync(path);
  },

  async isTaken(path) {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  },

  async syncDirectory(path) {
    syncDirectory(path);
  },

  async freeBytes(path) {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch {
      return null;
    }
  },
};

function openNew(path: string, how: 'new' | 'empty', mode: number): FileWriter {
  return writerTo(openSync(path, how === 'new' ? 'wx' : 'w', mode), 0);
}

/** The bytes behind `keep` go: they may be those of a file that has changed since. */
function openAt(path: string, keep: number): FileWriter {
  const file = openSync(path, 'r+');
  try {
    if (fstatSync(file).size < keep) throw coded('ESPIPE', path);
    ftruncateSync(file, keep);
    return writerTo(file, keep);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Windows cannot open a directory, and some file systems cannot sync one: then only the system can keep names safe. */
function syncDirectory(path: string): void {
  let directory: number;
  try {
    directory = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(directory);
  } catch {
    // not supported here
  } finally {
    closeSync(directory);
  }
}

/** Ours, because Node's own `recursive` loops for ever where even the parent cannot be made, as below /proc. */
function makeWithParents(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    makeDurably(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || statSync(parent, { throwIfNoEntry: false }))
      throw error;
    makeWithParents(parent, mode);
    makeDurably(path, mode);
  }
}

/** A file that is synced in a directory that is not would be lost with it in a power cut. */
function makeDurably(path: string, mode: number): void {
  mkdirSync(path, mode);
  syncDirectory(dirname(path));
}

/** More than a system follows. */
const MOST_LINKS = 40;

/** Where a link leads, so that replacing the file keeps the link, also where nothing is there yet. Throws ELOOP. */
function resolved(link: string): string {
  let path = link;
  for (let followed = 0; followed < MOST_LINKS; followed += 1) {
    try {
      return realpathSync(path);
    } catch {
      if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
      path = resolve(dirname(path), readlinkSync(path));
    }
  }
  throw coded('ELOOP', link);
}

/** null where nothing is there. Throws EACCES for a file that nobody may write, though its directory would let us replace it. */
function writable(path: string): Stats | null {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return null;
  if ((status.mode & 0o222) === 0) throw coded('EACCES', path);
  accessSync(path, constants.W_OK);
  return status;
}

function keepRights(file: number, { mode, uid, gid }: Stats): void {
  try {
    fchownSync(file, uid, gid);
  } catch {
    // Only root gives files away.
  }
  fchmodSync(file, mode & 0o7777);
}

function readRegular(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      // One byte more than it should hold: /proc says 0, and a file may grow while we read.
      const part = Buffer.allocUnsafe(Math.max(4096, fstatSync(file).size - size + 1));
      const count = readSync(file, part);
      if (count === 0) return Buffer.concat(parts);
      size += count;
      if (size > maxBytes) throw coded('EFBIG', path);
      parts.push(part.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

/** A device may be slow: reading it must not stop us from hearing Ctrl-C. */
function readStream(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const read = async (): Promise<Uint8Array> => {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of createReadStream(path)) {
        const bytes = chunk as Uint8Array;
        size += bytes.length;
        if (size > maxBytes) throw coded('EFBIG', path);
        parts.push(bytes);
      }
      return Buffer.concat(parts);
    };
    read()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
