/**
 * Emphasis: which runs of `*`, `_` and `~` begin it and end it. The rules are CommonMark's, with two differences. A run ends
 * what a run of the same length began, and a character of Chinese or Japanese beside punctuation counts as a space does,
 * because nothing there stands between words.
 */
import { hasIdeographs } from './break-rules.ts';
import { codeLength } from './code-span.ts';
import { BOLD, ITALIC, STRIKE } from './style.ts';

export type Delimiter = '*' | '_' | '~';

/** A run that began emphasis and is not ended yet. */
export interface Opener {
  char: Delimiter;
  length: number;
}

/** Longer runs are text. */
const MAX_RUN = 3;

/** What begins inside of so many others is text. */
export const MAX_OPEN = 16;

export function isDelimiter(char: string): char is Delimiter {
  return char === '*' || char === '_' || char === '~';
}

export function styleOf({ char, length }: Opener): number {
  if (char === '~') return STRIKE;
  return (length >= 2 ? BOLD : 0) | (length % 2 === 1 ? ITALIC : 0);
}

type Kind = 'space' | 'punctuation' | 'ideograph' | 'other';

/** What a character is to the rules of flanking; '' is an end of the line. */
function kindOf(char: string): Kind {
  const code = char.charCodeAt(0);
  if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) return 'other';
  if (char === '' || /\s/.test(char)) return 'space';
  if (/[\p{P}\p{S}]/u.test(char)) return 'punctuation';
  return code >= 0x2e80 && hasIdeographs(char) ? 'ideograph' : 'other';
}

/** What a run may do between the characters `before` and `after`; '' is an end of the line. */
export function flanks(
  char: Delimiter,
  length: number,
  before: string,
  after: string,
): { opens: boolean; closes: boolean } {
  if (length > MAX_RUN || (char === '~' && length !== 2)) return { opens: false, closes: false };
  const [behind, ahead] = [kindOf(before), kindOf(after)];
  const left = ahead !== 'space' && (ahead !== 'punctuation' || behind !== 'other');
  const right = behind !== 'space' && (behind !== 'punctuation' || ahead !== 'other');
  if (char !== '_') return { opens: left, closes: right };
  return {
    opens: left && (!right || behind === 'punctuation'),
    closes: right && (!left || ahead === 'punctuation'),
  };
}

/**
 * Ends what a run of `length` ends: takes it from `open`, with all that began after it. Returns how many characters of the
 * run are used; 0 where it ends nothing.
 */
export function close(open: Opener[], char: Delimiter, length: number): number {
  const same = open.findLastIndex((one) => one.char === char && one.length === length);
  if (same !== -1) {
    open.length = same;
    return length;
  }
  const other = open.findLastIndex(
    (one) => one.char === char && (one.length === MAX_RUN || length === MAX_RUN),
  );
  const opener = open[other];
  if (opener === undefined) return 0;
  open.length = other;
  if (opener.length > length) {
    // `***a** b*`: one of the two is ended.
    open.push({ ...opener, length: opener.length - length });
    return length;
  }
  return opener.length + close(open, char, length - opener.length);
}

/** The mark behind something that is no space. */
const mayEnd = { '*': /[^\s*]\*/, _: /[^\s_]_/, '~': /[^\s~]~~/ } as const;

/**
 * Whether a run that may begin emphasis is ended on its line. `rest`: what follows the run, as far as it is looked at.
 * null: it is not in there, and the line goes on.
 */
export function isClosed(
  opener: Opener,
  before: string,
  rest: string,
  isWhole: boolean,
): boolean | null {
  const open: Opener[] = [opener];
  // Most of what never ends has nothing that could end it.
  if (!mayEnd[opener.char].test(rest)) return isWhole ? false : null;
  let at = 0;
  let last = before;
  while (at < rest.length) {
    const char = rest[at] ?? '';
    if (char === '\\' || char === '`') {
      // Escapes and code: nothing in them begins or ends anything.
      at += char === '`' ? codeLength(rest.slice(at), isWhole) : 2;
      last = '.';
      continue;
    }
    if (char !== opener.char) {
      last = char;
      at += 1;
      continue;
    }
    let length = 1;
    while (rest[at + length] === char) length += 1;
    const next = rest[at + length] ?? '';
    // What follows is not in sight.
    if (next === '' && !isWhole) return null;
    const { opens, closes } = flanks(opener.char, length, last, next);
    const used = closes ? close(open, opener.char, length) : 0;
    if (open.length === 0) return true;
    if (used === 0 && opens) open.push({ char: opener.char, length });
    last = char;
    at += length;
  }
  return isWhole ? false : null;
}
