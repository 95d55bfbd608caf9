/** Writes a file and computes its hash and type on the way. It does not publish the file and sends nothing. */
import { createHash, type Hash } from 'node:crypto';
import type { FileWriter } from '../base/deps.ts';
import { systemErrorCode } from '../base/errors.ts';
import type { JobContext } from './job-context.ts';

const PIECE = 256 * 1024;

/** After this many bytes, their buffers are released. */
const TIDY_BYTES = 1024 * 1024;

/** How much of a file is needed to detect its type. */
const HEAD_BYTES = 4096;

/** A file whose hash and first bytes are known once it is written. */
export interface HashedFile {
  readonly file: FileWriter;
  readonly head: Uint8Array;
  write(bytes: Uint8Array): Promise<void>;
  /** Starts over from the beginning. */
  restart(): Promise<void>;
  /** Bytes so far. */
  size(): number;
  facts(): { bytes: number; sha256: string };
}

/** `keep`: that many bytes are already on disk; null: a new file. */
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

/** Hash and size of a file; null when there is none. Rejects with the system's error when it cannot be read. */
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
  } catch (error) {
    if (notAFile.has(systemErrorCode(error))) return null;
    throw error;
  }
}

/** Nothing of that name, or something that is no file. */
const notAFile: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
