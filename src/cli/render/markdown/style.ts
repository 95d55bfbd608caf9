/** Styles as bits, and the SGR sequences between them: a change writes only what changes. */

export const PLAIN = 0;
export const BOLD = 1;
export const ITALIC = 2;
export const UNDERLINE = 4;
export const STRIKE = 8;
/** Cyan: code. */
export const CODE = 16;
/** Grey: bars and lines that are ours. */
export const GREY = 32;

/** What is left of a style without colour: NO_COLOR asks for no colour, not for no structure. */
export const STRUCTURE = BOLD | ITALIC | UNDERLINE | STRIKE;

/** Bit, the code that begins it, the code that ends it (ECMA-48). */
const codes = [
  [BOLD, 1, 22],
  [ITALIC, 3, 23],
  [UNDERLINE, 4, 24],
  [STRIKE, 9, 29],
  [CODE, 36, 39],
  [GREY, 90, 39],
] as const;

/** The sequence that turns style `from` into style `to`; '' where they are the same. */
export function change(from: number, to: number): string {
  if (from === to) return '';
  if (to === PLAIN) return '\u001b[0m';
  const off = codes.filter(([bit]) => (from & ~to & bit) !== 0).map(([, , end]) => end);
  const on = codes.filter(([bit]) => (to & ~from & bit) !== 0).map(([, begin]) => begin);
  return `\u001b[${[...off, ...on].join(';')}m`;
}
