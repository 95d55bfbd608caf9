/** A file whose hash and kind are known when it is whole. It gives no names and sends nothing. */
import { createHash, type Hash } from 'node:crypto';
import type { FileWriter } from '../base/deps.ts';
import type { JobContext } from './job-context.ts';

const PIECE = 256 * 1024;

/** After so many bytes, the buffers that brought them are given back. */
const TIDY_BYTES = 1024 * 1024;

/** As much of a file as its kind is told by. */
const HEAD_BYTES = 4096;

/** A file whose hash and first bytes are known when it is written. */
export interface HashedFile {
  readonly file: FileWriter;
  readonly head: Uint8Array;
  write(bytes: Uint8Array): Promise<void>;
  /** From the beginning again. */
  restart(): Promise<void>;
  /** In bytes, until now. */
  size(): number;
  facts(): { bytes: number; sha256: string };
}

/** `keep`: that many bytes are there already; null: a new file. */
export async function openHashed(
  path: string,
  keep: number | null,
  { files, freeBuffers }: JobContext['deps'],
): Promise<HashedFile> {
  let hash: Hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let size = 0;
  const take = (bytes: Uint8Array): void => {
    hash.update(bytes);
    if (Math.floor(size / TIDY_BYTES) < Math.floor((size + bytes.length) / TIDY_BYTES))
      freeBuffers();
    size += bytes.length;
    if (head.length < HEAD_BYTES)
      head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
  };
  if (keep !== null) await readAll(path, files, take);
  let file = await files.openToWrite(path, keep === null ? 'empty' : size, 0o666);
  return {
    get file() {
      return file;
    },
    get head() {
      return head;
    },
    async write(bytes) {
      await file.write(bytes);
      take(bytes);
    },
    async restart() {
      await file.close();
      hash = createHash('sha256');
      head = Buffer.alloc(0);
      size = 0;
      file = await files.openToWrite(path, 'empty', 0o666);
    },
    size: () => size,
    facts: () => ({ bytes: size, sha256: hash.digest('hex') }),
  };
}

async function readAll(
  path: string,
  files: JobContext['deps']['files'],
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = await files.openToRead(path);
  try {
    for (let at = 0; at < reader.size; ) {
      const bytes = reader.read(at, PIECE);
      if (bytes.length === 0) break;
      take(bytes);
      at += bytes.length;
    }
  } finally {
    await reader.close();
  }
}

/** Hash and size of a file; null when it cannot be read. */
export async function hashOf(
  path: string,
  files: JobContext['deps']['files'],
): Promise<{ bytes: number; sha256: string } | null> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    await readAll(path, files, (piece) => {
      hash.update(piece);
      bytes += piece.length;
    });
    return { bytes, sha256: hash.digest('hex') };
  } catch {
    return null;
  }
}
