/** Writes a file from front to back on another thread. It opens none. */
import { closeSync, fsync, write } from 'node:fs';
import type { FileWriter } from '../base/deps.ts';

/** Of each of the two blocks through which a file is written, in bytes. */
const BLOCK = 1024 * 1024;

/**
 * Writes on another thread, so that the disk and the network work at the same time: while one block is on its way, the
 * other is filled. The bytes are copied, so that theirs are free at once.
 */
export function writerTo(file: number, from: number): FileWriter {
  let position = from;
  let filling = { bytes: Buffer.alloc(0), used: 0 };
  let spare = { bytes: Buffer.alloc(0), used: 0 };
  let writing: Promise<void> | null = null;
  let failure: { error: unknown } | null = null;
  let open = true;

  function start(): void {
    const block = filling;
    const at = position;
    position += block.used;
    filling = spare;
    spare = block;
    writing = writeBlock(file, block.bytes.subarray(0, block.used), at).then(
      () => {
        block.used = 0;
        writing = null;
        if (filling.used > 0) start();
      },
      (error: unknown) => {
        writing = null;
        failure = { error };
      },
    );
  }

  /** Waits until nothing is on its way; what was waiting goes first. */
  async function drain(): Promise<void> {
    while (writing !== null) await writing;
    if (failure !== null) throw failure.error;
  }

  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        if (failure !== null) throw failure.error;
        const room = roomIn(filling, bytes.length - at);
        if (room === 0) {
          await writing;
          continue;
        }
        filling.bytes.set(bytes.subarray(at, at + room), filling.used);
        filling.used += room;
        at += room;
        if (writing === null) start();
      }
    },
    async sync() {
      await drain();
      await new Promise<void>((resolve, reject) => {
        fsync(file, (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      if (!open) return;
      open = false;
      // What failed was thrown by `sync`, or is no longer needed.
      await drain().catch(() => {});
      closeSync(file);
    },
  };
}

/** How many of `wanted` bytes the block takes; it grows when it is empty, so that a small file needs little. */
function roomIn(block: { bytes: Buffer; used: number }, wanted: number): number {
  if (block.used === 0 && block.bytes.length < Math.min(wanted, BLOCK))
    block.bytes = Buffer.allocUnsafeSlow(Math.min(BLOCK, wanted * 4));
  return Math.min(wanted, block.bytes.length - block.used);
}

/** All of it. A disk that takes only part says at the next try why. */
async function writeBlock(file: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await new Promise<number>((resolve, reject) => {
      write(file, bytes, at, bytes.length - at, position + at, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  }
}
