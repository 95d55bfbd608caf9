/** Character references (`&amp;`, `&#8212;`): numbers, and the names that are written in answers; others stay as they are. */
import { cleanForTerminal } from '../sanitize.ts';

const names: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  plusmn: '±',
  times: '×',
  divide: '÷',
  frac12: '½',
  frac14: '¼',
  frac34: '¾',
  sup2: '²',
  sup3: '³',
  micro: 'µ',
  para: '¶',
  sect: '§',
  middot: '·',
  bull: '•',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  larr: '←',
  uarr: '↑',
  rarr: '→',
  darr: '↓',
  le: '≤',
  ge: '≥',
  ne: '≠',
  asymp: '≈',
  infin: '∞',
  minus: '−',
};

/** A reference is never longer. */
export const MAX_ENTITY = 12;

/** The text of a reference that `text` begins with, and its length; null where it begins with none. */
export function entityAt(text: string): { shown: string; length: number } | null {
  const [whole, decimal, hexadecimal, name] =
    /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,9}));/.exec(text) ?? [];
  if (whole === undefined) return null;
  const shown =
    name === undefined
      ? character(decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal))
      : Object.hasOwn(names, name)
        ? names[name]
        : undefined;
  return shown === undefined ? null : { shown, length: whole.length };
}

/** A number may stand for a control character: those are as little shown here as where they come as they are. */
function character(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  const char = isCharacter ? String.fromCodePoint(code) : '\ufffd';
  return char === '\n' || char === '\t' ? ' ' : cleanForTerminal(char) === '' ? '\ufffd' : char;
}
