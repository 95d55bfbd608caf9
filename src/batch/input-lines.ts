/** Reads the lines of a large file in bounded memory. It judges none of them. */
import type { FileReader } from '../base/deps.ts';

export interface InputLine {
  /** From 1; lines without a word count too. */
  number: number;
  /** Without its end; valid until the next window is read. Empty where it is too long. */
  bytes: Uint8Array;
  isTooLong: boolean;
  /** It ends in a line feed: the last one of a file that is being written may not. */
  isWhole: boolean;
  /** Bytes before it. */
  offset: number;
}

/** Of one read, in bytes. */
const WINDOW_BYTES = 256 * 1024;

/** Of one line: a prompt with some images. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The lines of one read at a time, so that the caller can let others work in between. Errors are the reader's. */
export function* lineWindows(
  reader: Pick<FileReader, 'read'>,
): Generator<InputLine[], void, undefined> {
  let at = 0;
  let number = 1;
  let size = WINDOW_BYTES;
  for (;;) {
    const bytes = reader.read(at, size);
    const isLast = bytes.length < size;
    const lines: InputLine[] = [];
    let begin = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
      lines.push(lineOf(bytes, begin, end, number, at, true));
      number += 1;
      begin = end + 1;
    }
    if (isLast) {
      if (begin < bytes.length) lines.push(lineOf(bytes, begin, bytes.length, number, at, false));
      if (lines.length > 0) yield lines;
      return;
    }
    if (lines.length > 0) {
      size = WINDOW_BYTES;
      yield lines;
    } else if (size < MAX_LINE_BYTES) size *= 2;
    else {
      const { end, isWhole } = endOfLine(reader, at + size);
      yield [{ number, bytes: new Uint8Array(), isTooLong: true, isWhole, offset: at }];
      number += 1;
      at = end;
      size = WINDOW_BYTES;
    }
    at += begin;
  }
}

function lineOf(
  bytes: Uint8Array,
  begin: number,
  end: number,
  number: number,
  at: number,
  isWhole: boolean,
): InputLine {
  const last = end > begin && bytes[end - 1] === RETURN ? end - 1 : end;
  return {
    number,
    bytes: bytes.subarray(begin, last),
    isTooLong: false,
    isWhole,
    offset: at + begin,
  };
}

function endOfLine(
  reader: Pick<FileReader, 'read'>,
  from: number,
): { end: number; isWhole: boolean } {
  for (let at = from; ; at += WINDOW_BYTES) {
    const bytes = reader.read(at, WINDOW_BYTES);
    const found = bytes.indexOf(NEWLINE);
    if (found !== -1) return { end: at + found + 1, isWhole: true };
    if (bytes.length < WINDOW_BYTES) return { end: at + bytes.length, isWhole: false };
  }
}

/** The line that begins at `offset`, as text; null where it is too long. */
export function readLineAt(reader: Pick<FileReader, 'read'>, offset: number): string | null {
  for (let size = WINDOW_BYTES; size <= MAX_LINE_BYTES; size *= 2) {
    const bytes = reader.read(offset, size);
    const end = bytes.indexOf(NEWLINE);
    if (end === -1 && bytes.length === size) continue;
    return textOf(end === -1 ? bytes : bytes.subarray(0, end));
  }
  return null;
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** Nothing but white space, or a byte order mark. */
export function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return false;
  return true;
}
