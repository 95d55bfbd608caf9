/** One write() of a whole text. A disk that takes only part of it is full. */
import { writeSync } from 'node:fs';
import { coded } from './file-reader.ts';

/** Throws ENOSPC where not all bytes were taken. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  if (writeSync(file, bytes) < bytes.length) throw coded('ENOSPC', '');
}
