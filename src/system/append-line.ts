/**
 * Appends a line to a file to which other processes append at the same moment: one write() a line, and no lock. Whoever dies
 * in a write, or finds the disk full, leaves half a line; no line of ours may become its end, or neither could be read.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { coded, WITHOUT_WAITING } from './file-reader.ts';
import { writeWhole } from './write-whole.ts';

const NEWLINE = 0x0a;

/** Of what others write between our look and our write, in bytes. */
const MOST_SINCE = 8 * 1024 * 1024;

/** Files that stay open for further lines. */
const MOST_HELD = 4;

interface Held {
  file: number;
  dev: number;
  ino: number;
  /** How long the file was when it last ended in a whole line of ours, in bytes; -1: not known. */
  end: number;
}

/** The one that was opened last stands last. */
const held = new Map<string, Held>();

/**
 * Creates the file 0600. Throws the system's error; EFTYPE where it is a pipe or a device. `often`: the file stays open for the
 * next line, which costs half of the time; each line still goes into the file that has this name at that moment.
 */
export function appendLine(path: string, line: string, often = false): void {
  const known = often ? heldAt(path) : null;
  if (known !== null) {
    const { size } = known;
    known.held.end = write(known.held.file, line, size, size !== known.held.end);
    return;
  }
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | WITHOUT_WAITING, 0o600);
  let isKept = false;
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw coded('EFTYPE', path);
    const end = write(file, line, status.size, true);
    if (often) isKept = hold(path, { file, dev: status.dev, ino: status.ino, end });
  } finally {
    if (!isKept) closeSync(file);
  }
}

/** Closes the file, if it is open for more lines: it is to be replaced, which Windows does not do to one that is open. */
export function letGo(path: string): void {
  const one = held.get(path);
  if (one === undefined) return;
  held.delete(path);
  closeSync(one.file);
}

/** The open file, where the name still means it; and its size now. As long as it is open, no other file gets its number. */
function heldAt(path: string): { held: Held; size: number } | null {
  const one = held.get(path);
  if (one === undefined) return null;
  let status: Stats | undefined;
  try {
    status = statSync(path, { throwIfNoEntry: false });
  } catch {
    // Opening it says why.
  }
  if (status !== undefined && status.ino === one.ino && status.dev === one.dev)
    return { held: one, size: status.size };
  letGo(path);
  return null;
}

function hold(path: string, one: Held): true {
  letGo(path);
  const [oldest] = held.keys();
  if (held.size >= MOST_HELD && oldest !== undefined) letGo(oldest);
  held.set(path, one);
  return true;
}

/** `size`: of the file as it was seen. Returns where it ends then, if that is with our line; -1: it may end otherwise. */
function write(file: number, line: string, size: number, mayBeTorn: boolean): number {
  const isTorn = mayBeTorn && size > 0 && !endsWhole(file, size);
  const bytes = framed(line, isTorn);
  // Without its newline it is whole, too: the next one begins with it.
  writeWhole(file, bytes, bytes.length - 1);
  const end = sizeOf(file);
  if (end === size + bytes.length) return end;
  if (isTorn || end <= size) return -1;
  const since = readSince(file, size, end);
  const again = since === null ? null : unglued(since, line);
  if (again !== null) writeWhole(file, again, again.length - 1);
  return -1;
}

const lastByte = Buffer.alloc(1);

/** Also where it cannot be seen: it has become shorter since. */
function endsWhole(file: number, size: number): boolean {
  return readSync(file, lastByte, 0, 1, size - 1) !== 1 || lastByte[0] === NEWLINE;
}

/** -1 where it cannot be seen: our line is there. */
function sizeOf(file: number): number {
  try {
    return fstatSync(file).size;
  } catch {
    return -1;
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

/** null where it cannot be read: our line is there, and must not be doubled for that. */
function readSince(file: number, size: number, end: number): Buffer | null {
  try {
    const since = Buffer.alloc(Math.min(end - size, MOST_SINCE));
    return since.subarray(0, readSync(file, since, 0, since.length, size));
  } catch {
    return null;
  }
}
