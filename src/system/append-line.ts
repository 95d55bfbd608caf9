/**
 * Appends lines to a file to which other processes append at the same moment: one write(), and no lock. Whoever dies in a
 * write, or finds the disk full, leaves half a line; no line of ours may become its end, or neither could be read.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { coded, WITHOUT_WAITING } from './file-reader.ts';

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

/** Creates the file 0600. Throws the system's error; EFTYPE where it is a pipe or a device. A part of the line may be in it then. */
export function appendLine(path: string, line: string): void {
  const { code } = appendLines(path, [line], false);
  if (code !== null) throw coded(code, path);
}

/** `whole`: how many of the lines, from the first, are whole in the file. `code`: of the system, why not all are; null: they are. */
export interface Appended {
  whole: number;
  code: string | null;
}

/**
 * As `appendLine`, which throws where not a byte went in. `often`: the file stays open for the next lines, which costs half
 * of the time; they still go into the file that has this name at that moment.
 */
export function appendLines(path: string, lines: readonly string[], often: boolean): Appended {
  const known = often ? heldAt(path) : null;
  if (known !== null) {
    const { size } = known;
    const { end, ...appended } = write(known.held.file, lines, size, size !== known.held.end);
    known.held.end = end;
    return appended;
  }
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | WITHOUT_WAITING, 0o600);
  let isKept = false;
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw coded('EFTYPE', path);
    const { end, ...appended } = write(file, lines, status.size, true);
    if (often) isKept = hold(path, { file, dev: status.dev, ino: status.ino, end });
    return appended;
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

interface Written extends Appended {
  /** Where the file ends, in bytes, if that is with our last line; -1: it may end otherwise. */
  end: number;
}

/** `size`: of the file as it was seen. */
function write(file: number, lines: readonly string[], size: number, mayBeTorn: boolean): Written {
  const isTorn = mayBeTorn && size > 0 && !endsWhole(file, size);
  const bytes = framed(lines, isTorn);
  const taken = writeSync(file, bytes);
  const whole = wholeIn(lines, taken - (isTorn ? 1 : 0));
  if (whole < lines.length) return { whole, code: whyShort(file), end: -1 };
  const code = null;
  const end = sizeOf(file);
  if (end === size + bytes.length) return { whole, code, end };
  if (isTorn || end <= size) return { whole, code, end: -1 };
  const since = readSince(file, size, end);
  const again = since === null ? null : unglued(since, lines);
  if (again === null || writeSync(file, again) >= again.length - 1) return { whole, code, end: -1 };
  return { whole: 0, code: whyShort(file), end: -1 };
}

/** A write that took a part names no reason; the next one, which would only end that part, does. */
function whyShort(file: number): string {
  try {
    writeSync(file, '\n');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  // A limit or a quota would still be there; space comes and goes.
  return 'ENOSPC';
}

/** How many lines, from the first, are whole in so many bytes. Without its newline one is whole, too: the next one begins with it. */
export function wholeIn(lines: readonly string[], taken: number): number {
  let end = -1;
  const first = lines.findIndex((line) => {
    end += Buffer.byteLength(line) + 1;
    return end > taken;
  });
  return first === -1 ? lines.length : first;
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
export function framed(lines: readonly string[], isTorn: boolean): Buffer {
  return Buffer.from(`${isTorn ? '\n' : ''}${lines.join('\n')}\n`);
}

/**
 * Between our look and our write another process may have left half a line, to which our first is glued then. `since`: what
 * the file holds from the place on where we saw it end with a whole line. Returns what to write once more, beginning with
 * the newline that was missing; null where our line is one of its own, or is not found. Nothing counts twice: half an object
 * with a whole one behind it is no JSON. What we were glued to may be whole but for its newline, and is written again, too.
 */
export function unglued(since: Uint8Array, lines: readonly string[]): Buffer | null {
  const bytes = Buffer.from(since.buffer, since.byteOffset, since.byteLength);
  const ours = framed(lines, false);
  let half: Buffer | null = null;
  for (let at = bytes.indexOf(ours); at !== -1; at = bytes.indexOf(ours, at + 1)) {
    if (at === 0 || bytes[at - 1] === NEWLINE) return null;
    half ??= bytes.subarray(bytes.lastIndexOf(NEWLINE, at - 1) + 1, at);
  }
  if (half === null) return null;
  return Buffer.concat([Buffer.from('\n'), half, framed(lines.slice(0, 1), true)]);
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
