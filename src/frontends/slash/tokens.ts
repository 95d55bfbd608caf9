/** Cuts a message into words and quotations, in one pass. It takes nothing away and knows no flag. */
import { blankOrMark, type FindQuotation, quotationFinder } from './quotes.ts';

/** Positions of the two marks. */
interface Quote {
  open: number;
  close: number;
}

/** From `start` up to `end`; white space is between tokens, or within quotations. */
export interface Token {
  start: number;
  end: number;
  /** The first pair of marks in it. */
  quote: Quote | null;
  /** Behind the last quotation in it; `start`: there is none. */
  plainFrom: number;
}

/** All but the mark of byte order, which is invisible and yet no blank. */
const notBlank = /\S|\ufeff/g;
const lineEnd = /[\n\r]/g;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const findQuotation = quotationFinder(text);
  let last = text.startsWith('\ufeff') ? 1 : 0;
  for (let start = find(notBlank, text, last); start < text.length; ) {
    const isLine = tokens.length === 0 || /[\n\r]/.test(text.slice(last, start));
    const isQuotedLine = isLine && text[start] === '>';
    const token = isQuotedLine ? lineAt(text, start) : wordAt(text, start, isLine, findQuotation);
    tokens.push(token);
    last = token.end;
    start = find(notBlank, text, last);
  }
  return tokens;
}

/** A quotation is in it: it is no flag, and no part of a phrase. */
export function hasQuotation({ start, plainFrom }: Token): boolean {
  return plainFrom > start;
}

/** Nothing but one quoted string. */
export function isQuoted({ start, end, quote }: Token): boolean {
  return quote !== null && quote.open === start && quote.close + 1 === end;
}

/** Its text from `from` on, without the marks of a quote that begins there. */
export function unquoted(text: string, { start, end, quote }: Token, from = start): string {
  if (quote?.open !== from) return text.slice(from, end);
  return text.slice(from + 1, quote.close) + text.slice(quote.close + 1, end);
}

/** What is inside when the whole message is in one pair of quotes or backticks; else null. */
export function unwrap(message: string): string | null {
  const text = message.trim();
  const [token, ...others] = tokenize(text);
  return token !== undefined && others.length === 0 && isQuoted(token) ? text.slice(1, -1) : null;
}

/** A line that begins with `>`, as a whole. */
function lineAt(text: string, start: number): Token {
  let end = find(lineEnd, text, start);
  while (/\s/.test(text[end - 1] ?? '')) end -= 1;
  return { start, end, quote: null, plainFrom: end };
}

function wordAt(text: string, start: number, isLine: boolean, quotation: FindQuotation): Token {
  let quote: Quote | null = null;
  let plainFrom = start;
  let at = start;
  for (;;) {
    const end = find(blankOrMark, text, at);
    if (end === text.length || /\s/.test(text[end] ?? '')) return { start, end, quote, plainFrom };
    const found = quotation(end, end === start, isLine && end === start);
    at = end + 1;
    // Past all of an unclosed run, or its second half would open something.
    if (found === null) while (text[end] === '`' && text[at] === '`') at += 1;
    else {
      if (found.close !== null) quote ??= { open: end, close: found.close };
      plainFrom = found.end;
      at = found.end;
    }
  }
}

/** The first match from `from` on, or the end. */
function find(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
