/** A token as a word to compare: in small letters, without the punctuation around it. It knows no phrase. */
import { hasQuotation, type Token } from './tokens.ts';

export interface Word {
  /** In small letters; an apostrophe is always `'`. */
  core: string;
  /** Where the core is, with its `/`, `$` or `@`. */
  start: number;
  end: number;
  /** `/`, `$`, `@`, or ''. */
  sigil: string;
  /** Punctuation stands before it. */
  opened: boolean;
  /** The punctuation after it. */
  after: string;
}

const LONGEST = 200;
const before = '([{*_~¡¿';
const after = ')]}*_~.,:;!?…。，！？：；';

/** null for what holds a quotation, for mere punctuation, and for what is too long to be a word. */
export function wordOf(message: string, token: Token): Word | null {
  if (hasQuotation(token) || token.end - token.start > LONGEST) return null;
  let { start, end } = token;
  while (start < end && before.includes(message[start] ?? '')) start += 1;
  while (end > start && after.includes(message[end - 1] ?? '')) end -= 1;
  if (start === end) return null;
  const first = message[start] ?? '';
  const sigil = '/$@'.includes(first) ? first : '';
  return {
    core: message
      .slice(start + sigil.length, end)
      .toLowerCase()
      .replaceAll('’', "'"),
    start,
    end,
    sigil,
    opened: start > token.start,
    after: message.slice(end, token.end),
  };
}

/** No letter and no digit: it says nothing. */
export function isPunctuation(text: string): boolean {
  return /^\p{P}+$/u.test(text);
}

/** What could be an id: no path, no address. */
export function isName(core: string): boolean {
  return /^[a-z0-9][a-z0-9._:/-]*$/i.test(core) && !core.includes('//');
}

/** Without the blanks and `marks` at its end. A loop: a pattern would go back over every run of them. */
export function withoutEnd(text: string, marks: string): string {
  let end = text.length;
  while (end > 0 && (marks.includes(text[end - 1] ?? '') || /\s/.test(text[end - 1] ?? '')))
    end -= 1;
  return text.slice(0, end);
}
