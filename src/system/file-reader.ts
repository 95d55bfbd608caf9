/** Reads a file in pieces, anywhere. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileReader } from '../base/deps.ts';

/** Opening a pipe without a writer would block the whole process, signals too. Windows has no such flag. */
export const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;

/** As the system's own errors are. */
export function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}

/** Throws the system's error where it cannot be opened, and EFTYPE for what has no size and no places: a pipe, a device. */
export function openReader(path: string): FileReader {
  const file = openSync(path, constants.O_RDONLY | WITHOUT_WAITING);
  const status = fstatSync(file);
  if (!status.isFile()) {
    closeSync(file);
    throw coded('EFTYPE', path);
  }
  let open = true;
  let bytes = Buffer.alloc(0);
  return {
    size: status.size,
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
