/**
 * Decodes base64 inside a JSON string to bytes, chunk by chunk. It refuses what is not base64 instead of skipping it,
 * as `Buffer.from(text, 'base64')` does: a damaged image must not look like a complete one.
 */

/** The text is not valid base64. */
export class BadBase64 extends Error {
  /** The offset, in bytes from the first one that was pushed. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`not base64: ${what} at byte ${offset}`);
    this.name = 'BadBase64';
    this.offset = offset;
  }
}

const COMMON = 1;
const STANDARD = 2;
const URL_SAFE = 4;
const PADDING = 8;
const FOREIGN = 16;
/** Line breaks as MIME and PEM have them, and blanks: they mean nothing. */
const SPACE = 32;
const kinds = new Uint8Array(256).fill(FOREIGN);
for (const [letters, kind] of [
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', COMMON],
  ['+/', STANDARD],
  ['-_', URL_SAFE],
  ['=', PADDING],
  [' \t\r\n\f', SPACE],
] as const)
  for (const letter of letters) kinds[letter.charCodeAt(0)] = kind;

/** Letters are validated and decoded in blocks of this size, while they are in the CPU cache. */
const WINDOW = 64 * 1024;
/** Longer than the head of any `data:` URL. */
const HEAD_LIMIT = 256;

/**
 * Takes the raw content of a JSON string, so letters may be escaped (`\/`, `\u002b`), and `data:<mime>;base64,` may come first.
 * The standard alphabet or the URL-safe one, never both in one text; with or without padding, and with white space anywhere.
 */
export class Base64Decoder {
  #received = 0;
  /** An escape cut at the end of the last chunk. */
  #cutEscape = Buffer.alloc(0);
  /** Possible start of `data:<mime>;base64,`; null: past it. */
  #head: string | null = '';
  /** STANDARD or URL_SAFE, once a letter decides which. */
  #alphabet = 0;
  /** The last letters, too few to decode. */
  #pending = '';
  #pads = 0;
  /** The current window has white space. */
  #spaced = false;

  /** The bytes that can be decoded so far; the array belongs to the caller. Throws `BadBase64`. */
  push(bytes: Uint8Array): Uint8Array {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const raw = this.#cutEscape.length === 0 ? piece : Buffer.concat([this.#cutEscape, piece]);
    const rawAt = this.#received - this.#cutEscape.length;
    this.#received += bytes.length;
    const { text, rest } = unescaped(raw);
    this.#cutEscape = Buffer.from(rest);
    const locate = (index: number): number => rawAt + rawLength(raw, index);
    const from = this.#head === null ? 0 : this.#skipHead(text, locate);
    return this.#decode(text, from, locate);
  }

  /** The end of the text: its last one or two bytes. Throws `BadBase64`. */
  end(): Uint8Array {
    if (this.#cutEscape.length > 0) this.#fail('an unfinished escape');
    if (this.#head !== null && this.#head.length > 4) this.#fail('an unfinished data: head');
    const letters = this.#pending + (this.#head ?? '');
    const lastGroup = letters.length % 4;
    if (lastGroup === 1) this.#fail('a single letter left over');
    if (this.#pads > 0 && lastGroup + this.#pads < 4) this.#fail('missing padding');
    const bytes = Buffer.from(letters, 'base64');
    // Unused bits must be 0, or the text was cut and padded again.
    const again = bytes.toString(this.#alphabet === URL_SAFE ? 'base64url' : 'base64');
    if (!again.startsWith(letters)) this.#fail('leftover bits');
    return bytes;
  }

  #fail(what: string, offset = this.#received): never {
    throw new BadBase64(what, offset);
  }

  /** How many letters of `text` belong to the head. */
  #skipHead(text: Buffer, locate: (index: number) => number): number {
    for (let at = 0; at < text.length; at += 1) {
      if (this.#head === '' && kinds[text[at] ?? 0] === SPACE) continue;
      const head = (this.#head ?? '') + String.fromCharCode(text[at] ?? 0);
      if (!head.slice(0, 5).toLowerCase().startsWith('data:'.slice(0, head.length))) {
        this.#pending = this.#head ?? ''; // not a head but letters of the alphabet
        this.#head = null;
        return at;
      }
      this.#head = head;
      if (/;base64,$/i.test(head)) {
        this.#head = null;
        return at + 1;
      }
      if (head.endsWith(',') || head.length > HEAD_LIMIT)
        this.#fail('a data: URL without base64', locate(at));
    }
    return text.length;
  }

  #decode(text: Buffer, from: number, locate: (index: number) => number): Uint8Array {
    const out = Buffer.allocUnsafe(Math.ceil((text.length - from + this.#pending.length) / 4) * 3);
    let written = 0;
    for (let at = from; at < text.length; at += WINDOW) {
      const end = Math.min(at + WINDOW, text.length);
      const clean = this.#pads > 0 ? at : this.#cleanUntil(text, at, end, locate);
      const found = text.toString('latin1', at, clean);
      const letters = this.#pending + (this.#spaced ? found.replace(/\s+/g, '') : found);
      const whole = letters.length - (letters.length % 4);
      written += out.write(letters.slice(0, whole), written, 'base64');
      this.#pending = letters.slice(whole);
      this.#countPads(text, clean, end, locate);
    }
    return out.subarray(0, written);
  }

  /** Up to `end`, or to the padding if it comes first. */
  #cleanUntil(text: Buffer, start: number, end: number, locate: (index: number) => number): number {
    let seen = this.#alphabet;
    for (let at = start; at < end; at += 1) seen |= kinds[text[at] ?? 0] ?? FOREIGN;
    const mixed = STANDARD | URL_SAFE;
    this.#spaced = (seen & SPACE) !== 0;
    if ((seen & (PADDING | FOREIGN)) === 0 && (seen & mixed) !== mixed) {
      this.#alphabet = seen & mixed;
      return end;
    }
    for (let at = start; at < end; at += 1) {
      const kind = kinds[text[at] ?? 0] ?? FOREIGN;
      if (kind === PADDING) return at;
      if (kind === FOREIGN) this.#fail('a character outside the alphabet', locate(at));
      this.#alphabet |= kind & mixed;
      if (this.#alphabet === mixed) this.#fail('a letter of the other alphabet', locate(at));
    }
    return end;
  }

  #countPads(text: Buffer, start: number, end: number, locate: (index: number) => number): void {
    for (let at = start; at < end; at += 1) {
      if (kinds[text[at] ?? 0] === SPACE) continue;
      if (kinds[text[at] ?? 0] !== PADDING) this.#fail('something after the padding', locate(at));
      this.#pads += 1;
      if (this.#pending.length < 2 || this.#pending.length + this.#pads > 4)
        this.#fail('padding that does not fit', locate(at));
    }
  }
}

const BACKSLASH = 0x5c;

/**
 * The content of a JSON string with each escape as one byte: the character if it is Latin-1 (`\/`, `\u002b`),
 * else 0. `rest` is an escape at the end that continues in the next chunk.
 */
function unescaped(raw: Buffer): { text: Buffer; rest: Buffer } {
  let slash = raw.indexOf(BACKSLASH);
  if (slash === -1) return { text: raw, rest: raw.subarray(raw.length) };
  const text = Buffer.allocUnsafe(raw.length);
  let length = 0;
  let from = 0;
  for (; slash !== -1; slash = raw.indexOf(BACKSLASH, from)) {
    length += raw.copy(text, length, from, slash);
    from = slash + escapeLength(raw, slash);
    if (from > raw.length) return { text: text.subarray(0, length), rest: raw.subarray(slash) };
    text[length] = escapedLetter(raw.toString('latin1', slash + 1, from));
    length += 1;
  }
  length += raw.copy(text, length, from);
  return { text: text.subarray(0, length), rest: raw.subarray(raw.length) };
}

function escapeLength(raw: Buffer, slash: number): number {
  return raw[slash + 1] === 0x75 ? 6 : 2;
}

const spaces: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c };

function escapedLetter(sequence: string): number {
  if (sequence === '/') return sequence.charCodeAt(0);
  const space = spaces[sequence];
  if (space !== undefined) return space;
  const code = /^u[0-9a-f]{4}$/i.test(sequence) ? Number.parseInt(sequence.slice(1), 16) : 0;
  return code < 256 ? code : 0;
}

/** How many bytes of `raw` encode the first `letters` bytes of its text. */
function rawLength(raw: Buffer, letters: number): number {
  let at = 0;
  for (let count = 0; count < letters; count += 1)
    at += raw[at] === BACKSLASH ? escapeLength(raw, at) : 1;
  return at;
}
