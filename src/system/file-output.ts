/** stdout or stderr that is a regular file. Node's own stream takes a write that was cut short for a whole one; this one does not. */
import { fstatSync, writeSync } from 'node:fs';
import type { Output } from '../base/deps.ts';

/** null when it is anything else, a pipe or a terminal: these are the stream's, which waits for its reader. */
export function openFileOutput(descriptor: number): Output | null {
  if (!isFile(descriptor)) return null;
  return {
    isTerminal: false,
    columns: undefined,
    async write(data) {
      writeAll(descriptor, typeof data === 'string' ? Buffer.from(data) : data);
    },
  };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

/** A disk that is nearly full takes a part, and refuses only the rest: throws the system's error for that. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
