/** One write() of a whole text. A disk that takes only part of it is full. */
import { writeSync } from 'node:fs';
import { coded } from './file-reader.ts';

/** Throws ENOSPC where fewer than `enough` bytes were taken; by default it takes all of them. */
export function writeWhole(file: number, bytes: Uint8Array, enough = bytes.length): void {
  if (writeSync(file, bytes) < enough) throw coded('ENOSPC', '');
}
