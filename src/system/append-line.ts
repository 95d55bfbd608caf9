/**
 * Appends a line to a file to which other processes append at the same moment: one write() a line, and no lock. Whoever dies
 * in a write, or finds the disk full, leaves half a line; no line of ours may become its end, or neither could be read.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { coded, WITHOUT_WAITING } from './file-reader.ts';
import { writeWhole } from './write-whole.ts';

const NEWLINE = 0x0a;

/** Of what others write between our look and our write, in bytes. */
const MOST_SINCE = 8 * 1024 * 1024;

/** Creates the file 0600. Throws the system's error; EFTYPE where it is a pipe or a device. */
export function appendLine(path: string, line: string): void {
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | WITHOUT_WAITING, 0o600);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw coded('EFTYPE', path);
    const { size } = status;
    const last = Buffer.alloc(1);
    const isTorn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
    const bytes = framed(line, isTorn);
    // Without its newline it is whole, too: the next one begins with it.
    writeWhole(file, bytes, bytes.length - 1);
    const since = isTorn ? null : readSince(file, size, bytes.length);
    const again = since === null ? null : unglued(since, line);
    if (again !== null) writeWhole(file, again, again.length - 1);
  } finally {
    closeSync(file);
  }
}

/** What to write where the file was seen to end in a whole line, or in half a one. */
export function framed(line: string, isTorn: boolean): Buffer {
  return Buffer.from(`${isTorn ? '\n' : ''}${line}\n`);
}

/**
 * Between our look and our write another process may have left half a line, to which ours is glued then. `since`: what the
 * file holds from the place on where we saw it end with a whole line. Returns what to write once more, beginning with the
 * newline that was missing; null where our line is one of its own, or is not found. Nothing counts twice: half an object
 * with a whole one behind it is no JSON. What we were glued to may be whole but for its newline, and is written again, too.
 */
export function unglued(since: Uint8Array, line: string): Buffer | null {
  const bytes = Buffer.from(since.buffer, since.byteOffset, since.byteLength);
  const ours = framed(line, false);
  let half: Buffer | null = null;
  for (let at = bytes.indexOf(ours); at !== -1; at = bytes.indexOf(ours, at + 1)) {
    if (at === 0 || bytes[at - 1] === NEWLINE) return null;
    half ??= bytes.subarray(bytes.lastIndexOf(NEWLINE, at - 1) + 1, at);
  }
  return half === null ? null : Buffer.concat([Buffer.from('\n'), half, Buffer.from('\n'), ours]);
}

/** null where nobody else has written, or where it cannot be read: our line is there, and must not be doubled for that. */
function readSince(file: number, size: number, written: number): Buffer | null {
  try {
    const grown = fstatSync(file).size - size;
    if (grown === written || grown <= 0) return null;
    const since = Buffer.alloc(Math.min(grown, MOST_SINCE));
    return since.subarray(0, readSync(file, since, 0, since.length, size));
  } catch {
    return null;
  }
}
