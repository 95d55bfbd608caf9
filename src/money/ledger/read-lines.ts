/** Reads a file of lines from front to back in bounded memory. It says where whole lines end, and judges none of them. */
import type { FileReader } from '../../base/deps.ts';

export interface LineBatch {
  /** Whole lines, without their ends. */
  lines: string[];
  /** Bytes from the start of the file to behind the last whole line so far: where a later reading goes on. */
  end: number;
  /** What follows `end` at the end of the file, torn or still being written; '' in every batch but the last. */
  rest: string;
  /** Lines of this batch that were too long to be ours and are left out. */
  tooLong: number;
}

/** With larger steps the garbage of a long ledger outgrows the program itself. */
const STEP_BYTES = 8 * 1024;

/** No line of ours is nearly as long. */
const MAX_LINE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/** From byte `from`, which is the start of a line. An empty file is one empty batch; errors are the reader's. */
export function* readLines(
  reader: Pick<FileReader, 'read'>,
  from: number,
): Generator<LineBatch, void, undefined> {
  let end = from;
  let step = STEP_BYTES;
  for (;;) {
    const bytes = reader.read(end, step);
    const isLast = bytes.length < step;
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole === 0 && !isLast) {
      if (step === MAX_LINE_BYTES) {
        end = endOfLine(reader, end + step);
        yield { lines: [], end, rest: '', tooLong: 1 };
      }
      step = step === MAX_LINE_BYTES ? STEP_BYTES : MAX_LINE_BYTES;
      continue;
    }
    step = STEP_BYTES;
    // In UTF-8 a line feed is never part of another character, so no character is split here.
    const lines = whole === 0 ? [] : textOf(bytes.subarray(0, whole - 1)).split('\n');
    const rest = isLast ? textOf(bytes.subarray(whole)) : '';
    end += whole;
    yield { lines, end, rest, tooLong: 0 };
    if (isLast) return;
  }
}

function endOfLine(reader: Pick<FileReader, 'read'>, from: number): number {
  for (let at = from; ; at += STEP_BYTES) {
    const bytes = reader.read(at, STEP_BYTES);
    const found = bytes.indexOf(NEWLINE);
    if (found !== -1) return at + found + 1;
    if (bytes.length < STEP_BYTES) return at + bytes.length;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
