/**
 * Reads a pipe to its end, without a thread that waits in it: such a thread cannot be stopped, and the process could not end before it.
 * Where nobody has opened a named pipe to write, that is said after a while.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Clock } from '../base/deps.ts';
import { coded } from './file-reader.ts';

/** As long as standard input is waited for. */
const WRITER_WAIT_MS = 10_000;
/** Between two looks for a writer. */
const LOOK_AGAIN_MS = 20;
const FIRST_READ = 65_536;

/** `clock` null: it is waited for until the signal. Throws ENXIO where no writer comes, EFBIG, and the reason of the signal. */
export async function readPipe(
  path: string,
  maxBytes: number,
  signal: AbortSignal,
  clock: Pick<Clock, 'sleep'> | null,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let parts: Uint8Array[];
  try {
    // A pipe of another process, as `<(command)` makes it, has its writer from the begin.
    parts =
      clock === null || isHandedOver(path) ? [] : await awaitWriter(file, path, signal, clock);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  const { Socket } = await import('node:net');
  // It closes the file, and waits for bytes with the loop.
  const socket = new Socket({ fd: file, readable: true, writable: false });
  const stop = (): void => void socket.destroy(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    let size = parts.reduce((sum, { length }) => sum + length, 0);
    for await (const chunk of socket) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > maxBytes) throw coded('EFBIG', path);
      parts.push(bytes);
    }
    signal.throwIfAborted();
    return Buffer.concat(parts);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function isHandedOver(path: string): boolean {
  return /^\/(dev\/(fd\/|std)|proc\/)/.test(path);
}

/** What has come when a writer is there. The file stays open between two looks, or a writer that comes then would lose its reader. */
async function awaitWriter(
  file: number,
  path: string,
  signal: AbortSignal,
  clock: Pick<Clock, 'sleep'>,
): Promise<Uint8Array[]> {
  for (let waited = 0; waited < WRITER_WAIT_MS; waited += LOOK_AGAIN_MS) {
    const bytes = Buffer.alloc(FIRST_READ);
    const count = tryRead(file, bytes);
    if (count === null) return [];
    if (count > 0) return [bytes.subarray(0, count)];
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
  throw coded('ENXIO', path);
}

/** 0: nobody has it open to write; null: somebody has, and nothing has come. */
function tryRead(file: number, bytes: Uint8Array): number | null {
  try {
    return readSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}
