/** Escapes of JSON inside a text of plain ASCII letters, as base64 is one. It knows no text beyond Latin-1. */

const BACKSLASH = 0x5c;

/**
 * Bytes of the inside of a JSON string with each escape as one byte: the character if it is one of Latin-1 (`\/`, `\u002b`),
 * else 0. `rest` is an escape at the end that goes on in the next piece.
 */
export function unescaped(raw: Buffer): { text: Buffer; rest: Buffer } {
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

function escapedLetter(sequence: string): number {
  if (sequence === '/') return sequence.charCodeAt(0);
  const code = /^u[0-9a-f]{4}$/i.test(sequence) ? Number.parseInt(sequence.slice(1), 16) : 0;
  return code < 256 ? code : 0;
}

/** How many bytes of `raw` the first `letters` bytes of its text take. */
export function rawLength(raw: Buffer, letters: number): number {
  let at = 0;
  for (let count = 0; count < letters; count += 1)
    at += raw[at] === BACKSLASH ? escapeLength(raw, at) : 1;
  return at;
}
