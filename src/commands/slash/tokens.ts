/** Cuts a message into words and quoted strings, in one pass. It takes nothing away and knows no flag. */

/** Positions of the two marks. */
interface Quote {
  open: number;
  close: number;
}

/** From `start` up to `end`; white space is between tokens, or within quotes. */
export interface Token {
  start: number;
  end: number;
  /** At the start of the token, or behind the `=` of a flag. */
  quote: Quote | null;
}

/** Each mark that opens, with the one that closes. */
const partners: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’' };

const blank = /\s/g;
const notBlank = /\S/g;
const wordEnd = /[\s.,:;!?…)\]}>*_~]/;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const findClose = closeFinder(text);
  for (let start = find(notBlank, text, 0); start < text.length; ) {
    const opens = opensAt(text, start);
    const close = opens === null ? null : findClose(partners[text[opens] ?? ''] ?? '', opens);
    const quote = opens === null || close === null ? null : { open: opens, close };
    const end = find(blank, text, quote === null ? start : quote.close + 1);
    tokens.push({ start, end, quote });
    start = find(notBlank, text, end);
  }
  return tokens;
}

/** Nothing but one quoted string. */
export function isQuoted({ start, end, quote }: Token): boolean {
  return quote !== null && quote.open === start && quote.close + 1 === end;
}

/** Its text from `from` on, without the marks of its quotes. */
export function unquoted(text: string, { start, end, quote }: Token, from = start): string {
  if (quote === null || quote.open < from) return text.slice(from, end);
  const { open, close } = quote;
  return text.slice(from, open) + text.slice(open + 1, close) + text.slice(close + 1, end);
}

/** What is inside when the whole message is in one pair of quotes or backticks; else null. */
export function unwrap(message: string): string | null {
  const text = message.trim();
  if (/^`[^`]+`$/.test(text)) return text.slice(1, -1);
  const [token, ...others] = tokenize(text);
  return token !== undefined && others.length === 0 && isQuoted(token) ? text.slice(1, -1) : null;
}

/** Where a quote may open in the word that starts here; null: nowhere. */
function opensAt(text: string, start: number): number | null {
  const first = text[start] ?? '';
  if (Object.hasOwn(partners, first)) return start;
  if (first !== '-') return null;
  const flag = /-{1,2}[\w-]{1,64}=/y;
  flag.lastIndex = start;
  return flag.test(text) && Object.hasOwn(partners, text[flag.lastIndex] ?? '')
    ? flag.lastIndex
    : null;
}

/**
 * Finds the next mark that closes: one at the end of a word, so that an apostrophe is none. Asked only for later and
 * later positions, it looks at each character once.
 */
function closeFinder(text: string): (mark: string, after: number) => number | null {
  const known = new Map<string, number>();
  return (mark, after) => {
    let at = known.get(mark) ?? -1;
    if (at <= after) {
      do at = text.indexOf(mark, Math.max(at, after) + 1);
      while (at !== -1 && at + 1 < text.length && !wordEnd.test(text[at + 1] ?? ''));
      known.set(mark, at === -1 ? Number.POSITIVE_INFINITY : at);
    }
    return at === -1 || at === Number.POSITIVE_INFINITY ? null : at;
  };
}

/** The first match from `from` on, or the end. */
function find(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
