/** Bytes of a small text file as a string. It guesses no encoding. */

/** UTF-8, with or without a byte order mark; `fault` describes what it is instead. */
export function decodeText(bytes: Uint8Array): { text: string } | { fault: string } {
  const [first, second] = bytes;
  // Of a text in ASCII every other byte is 0.
  const isWide = bytes.length >= 2 && (first === 0) !== (second === 0);
  // PowerShell 5 writes this with `>`.
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || isWide) {
    return { fault: 'UTF-16 text; save it as UTF-8' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'not UTF-8 text' };
  }
}
