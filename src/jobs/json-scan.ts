/**
 * Scans the bytes of a JSON document once and copies all but its long strings. It finds where strings begin and end;
 * whether the rest is valid JSON is left to `JSON.parse`.
 */

/** Too large for memory: refused. */
export class JsonTooLarge extends Error {
  constructor(what: string) {
    super(`the document ${what}`);
    this.name = 'JsonTooLarge';
  }
}

/** A string that stays in the source: the position of its raw bytes between the quotes, with escapes. */
export class LongString {
  readonly offset: number;
  readonly length: number;

  constructor(offset: number, length: number) {
    this.offset = offset;
    this.length = length;
  }
}

/** Every string of the copied text begins with one of these, so no string of the document can be mistaken for a marker. */
export const KEPT = 'k';
const LEFT_OUT = 'l';

/** Limit of the text without the long strings. */
const KEPT_LIMIT = 8 * 1024 * 1024;
/** Brackets within each other; no response has as many, and values in deeper ones are left out. */
const DEPTH_LIMIT = 1000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const closers: Readonly<Record<number, string>> = { 91: ']', 123: '}' };

export class JsonScan {
  /** In document order; the number after LEFT_OUT counts them. */
  readonly spans: LongString[] = [];
  /** The closing bracket for each open one. */
  readonly open: string[] = [];
  readonly #longString: number;
  #kept = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** Open brackets of a value that is nested too deeply; it is copied as null. */
  #skipped = 0;
  /** The start of the current string, in the source and in the copied text; null: between strings. */
  #string: { offset: number; keptAt: number } | null = null;
  /** The next byte of the string is escaped. */
  #escaped = false;

  /** Strings of more than `longString` raw bytes are left out. */
  constructor(longString: number) {
    this.#longString = longString;
  }

  /** The next bytes; `offset` is their position in the source. Holds no reference to them. Throws `JsonTooLarge`. */
  push(bytes: Uint8Array, offset: number): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < chunk.length)
      at = this.#string ? this.#inside(chunk, at, offset) : this.#between(chunk, at, offset);
  }

  /** The copied text. `cut`: it ended inside a string, which is closed here as an empty one. */
  end(): { text: string; cut: boolean } {
    const cut = this.#string !== null;
    if (this.#string && this.#skipped === 0) {
      this.#length = this.#string.keptAt;
      this.#keep(Buffer.from('"'));
    }
    return { text: this.#kept.toString('utf8', 0, this.#length).replace(/^\ufeff/, ''), cut };
  }

  #between(chunk: Buffer, at: number, offset: number): number {
    const quote = chunk.indexOf(QUOTE, at);
    const end = quote === -1 ? chunk.length : quote + 1;
    let from = at;
    for (let index = at; index < end; index += 1) {
      const byte = chunk[index] ?? 0;
      const closer = closers[byte];
      if (closer !== undefined) {
        if (this.#skipped > 0) this.#skipped += 1;
        else if (this.open.length < DEPTH_LIMIT) this.open.push(closer);
        else {
          this.#keep(chunk.subarray(from, index));
          this.#keep(Buffer.from('null'));
          this.#skipped = 1;
        }
      } else if (byte === 0x5d || byte === 0x7d) {
        if (this.#skipped === 0) this.open.pop();
        else {
          this.#skipped -= 1;
          from = index + 1;
        }
      }
    }
    if (this.#skipped === 0) this.#keep(chunk.subarray(from, end));
    if (quote !== -1) {
      if (this.#skipped === 0) this.#keep(Buffer.from(KEPT));
      this.#string = { offset: offset + end, keptAt: this.#length };
      this.#escaped = false;
    }
    return end;
  }

  #inside(chunk: Buffer, at: number, offset: number): number {
    const string = this.#string ?? { offset: 0, keptAt: 0 };
    let quote = chunk.indexOf(QUOTE, at);
    while (quote !== -1 && this.#isEscaped(chunk, at, quote))
      quote = chunk.indexOf(QUOTE, quote + 1);
    const end = quote === -1 ? chunk.length : quote;
    const length = offset + end - string.offset;
    if (this.#skipped > 0) {
      if (quote === -1) this.#escaped = this.#isEscaped(chunk, at, end);
      else this.#string = null;
      return quote === -1 ? end : quote + 1;
    }
    if (length <= this.#longString) this.#keep(chunk.subarray(at, end));
    else this.#length = string.keptAt;
    if (quote === -1) {
      this.#escaped = this.#isEscaped(chunk, at, end);
      return end;
    }
    if (length > this.#longString) {
      this.#length = string.keptAt - KEPT.length;
      this.#keep(Buffer.from(`${LEFT_OUT}${this.spans.length}`));
      this.spans.push(new LongString(string.offset, length));
    }
    this.#keep(chunk.subarray(quote, quote + 1));
    this.#string = null;
    return quote + 1;
  }

  /** Whether the byte at `index` follows an odd number of backslashes; in this chunk the string begins at `start`. */
  #isEscaped(chunk: Buffer, start: number, index: number): boolean {
    let at = index;
    while (at > start && chunk[at - 1] === BACKSLASH) at -= 1;
    const before = at === start && this.#escaped ? 1 : 0;
    return (index - at + before) % 2 === 1;
  }

  #keep(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > KEPT_LIMIT)
      throw new JsonTooLarge(`holds more than ${KEPT_LIMIT} bytes beside its long strings`);
    if (length > this.#kept.length) {
      const larger = Buffer.allocUnsafe(
        Math.min(Math.max(length, 2 * this.#kept.length), KEPT_LIMIT),
      );
      this.#kept.copy(larger, 0, 0, this.#length);
      this.#kept = larger;
    }
    part.copy(this.#kept, this.#length);
    this.#length = length;
  }
}
