/** Reads a file in pieces, anywhere. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FileReader } from '../base/deps.ts';

/** Throws the system's error where it cannot be opened. */
export function openReader(path: string): FileReader {
  const file = openSync(path, 'r');
  let open = true;
  let bytes = Buffer.alloc(0);
  return {
    size: fstatSync(file).size,
    read(offset, length) {
      if (bytes.length < length) bytes = Buffer.allocUnsafeSlow(length);
      let size = 0;
      while (size < length) {
        const count = readSync(file, bytes, size, length - size, offset + size);
        if (count === 0) break;
        size += count;
      }
      return bytes.subarray(0, size);
    },
    async close() {
      if (!open) return;
      open = false;
      closeSync(file);
    },
  };
}
