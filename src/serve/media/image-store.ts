/**
 * Replies with a completed image, which gateways give once: they are on the disk before their first byte is passed on, so
 * that a second request is answered from there. Kept for a day, and 2 GB at most.
 */
import { createHash } from 'node:crypto';
import type { Deps, FileReader } from '../../base/deps.ts';

const KEPT_MS = 24 * 60 * 60_000;
const MAX_BYTES = 2 * 1024 ** 3;
/** Read from the disk at a time. */
const PIECE = 256 * 1024;

type StoreDeps = Pick<Deps, 'files' | 'clock' | 'path' | 'uuid'>;

/** Bytes that are being stored. */
export interface Storing {
  write(bytes: Uint8Array): Promise<void>;
  /** It can be had under its id from now on. */
  keep(): Promise<void>;
  drop(): Promise<void>;
}

export class ImageStore {
  private readonly directory: string;
  private readonly deps: StoreDeps;
  /** When this process has stored each file, on the monotonic clock: the wall clock may be set meanwhile. */
  private readonly storedAt = new Map<string, number>();

  constructor(directory: string, deps: StoreDeps) {
    this.directory = directory;
    this.deps = deps;
  }

  /** null: it is not there, or too old. */
  async read(id: string): Promise<FileReader | null> {
    const { files } = this.deps;
    const path = this.pathOf(id);
    const status = await files.status(path);
    if (status === null || this.isOld(path, status.changedAt)) return null;
    return files.openToRead(path);
  }

  async store(id: string): Promise<Storing> {
    const { files, path, uuid } = this.deps;
    await files.makeDirectory(this.directory);
    const temporary = path.join(this.directory, `${uuid()}.part`);
    const writer = await files.openToWrite(temporary, 'new', 0o600);
    return {
      write: (bytes) => writer.write(bytes),
      keep: async () => {
        await writer.sync();
        await writer.close();
        await files.rename(temporary, this.pathOf(id));
        this.storedAt.set(this.pathOf(id), this.deps.clock.monotonic());
        await files.syncDirectory(this.directory);
        await this.tidy();
      },
      drop: async () => {
        await writer.close();
        await files.remove(temporary);
      },
    };
  }

  /** What is too old, and the oldest where there is too much. */
  private async tidy(): Promise<void> {
    const { files, path } = this.deps;
    const all = await Promise.all(
      (await files.list(this.directory)).map(async (name) => {
        const file = path.join(this.directory, name);
        return { file, status: await files.status(file) };
      }),
    );
    const newest = all.sort((a, b) => (b.status?.changedAt ?? 0) - (a.status?.changedAt ?? 0));
    let bytes = 0;
    for (const { file, status } of newest) {
      if (status === null) continue;
      bytes += status.bytes;
      if (!this.isOld(file, status.changedAt) && bytes <= MAX_BYTES) continue;
      await files.remove(file);
      this.storedAt.delete(file);
    }
  }

  /** By both clocks: the gateway does not give it again. */
  private isOld(file: string, changedAt: number): boolean {
    const { clock } = this.deps;
    const age = clock.monotonic() - (this.storedAt.get(file) ?? Number.NEGATIVE_INFINITY);
    return clock.now() - changedAt > KEPT_MS && age > KEPT_MS;
  }

  private pathOf(id: string): string {
    const name = createHash('sha256').update(id).digest('hex');
    return this.deps.path.join(this.directory, `${name}.json`);
  }
}

/** All of it, piece by piece. */
export async function* piecesOf(file: FileReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < file.size; ) {
    // The array is used again by the next read.
    const piece = Buffer.from(file.read(at, PIECE));
    if (piece.length === 0) return;
    at += piece.length;
    yield piece;
  }
}
