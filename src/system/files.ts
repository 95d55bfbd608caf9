/** The few file operations, on a real disk. Synchronous where a call is one small write: the thread pool costs more than the write. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { Files } from '../deps.ts';

export const files: Files = {
  async read(path, maxBytes) {
    const handle = await open(path, 'r');
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw coded('EISDIR', path);
      if (status.size > maxBytes) throw coded('EFBIG', path);
      return await readAll(handle, maxBytes, path);
    } finally {
      await handle.close();
    }
  },

  async status(path) {
    try {
      const status = await stat(path);
      return { bytes: status.size, changedAt: status.mtimeMs, mode: status.mode & 0o7777, isDirectory: status.isDirectory() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },

  async list(path) {
    try {
      return await readdir(path);
    } catch {
      return [];
    }
  },

  async makeDirectory(path) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  },

  async appendLine(path, line) {
    const file = openSync(path, 'a+', 0o600);
    try {
      // A process killed in the middle of a write leaves half a line; ours must not become its end.
      const { size } = fstatSync(file);
      const last = Buffer.alloc(1);
      const torn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
      writeWhole(file, `${torn ? '\n' : ''}${line}\n`);
    } finally {
      closeSync(file);
    }
  },

  async replace(path, text) {
    const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    try {
      const file = openSync(temporary, 'wx', 0o600);
      try {
        writeWhole(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  },
};

/** One write(); a disk that takes only part of it is full. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  if (writeSync(file, bytes) !== bytes.length) throw coded('ENOSPC', '');
}

/** Reads to the end, whatever the size was said to be: a pipe or /proc says 0. */
async function readAll(handle: Awaited<ReturnType<typeof open>>, maxBytes: number, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > maxBytes) throw coded('EFBIG', path);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
