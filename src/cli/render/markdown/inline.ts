/**
 * The text of one line: emphasis, code, links, escapes. It writes words as they come, and looks no further ahead than a
 * line of the screen. What is not ended on its line is text, and stays as it was written; what is too long to see its end
 * counts as ended for `**`, `***`, `~~` and code, and as text for `*` and `_`, which are often no emphasis at all.
 */
import { closingTicks, codeText, MAX_TICKS } from './code-span.ts';
import {
  close,
  type Delimiter,
  flanks,
  isClosed,
  isDelimiter,
  MAX_OPEN,
  type Opener,
  styleOf,
} from './delimiters.ts';
import { entityAt, MAX_ENTITY } from './entities.ts';
import {
  ADDRESS_LOOK,
  addressParts,
  angleAddress,
  bracketed,
  endOfAddress,
  isAddress,
  titleEnd,
} from './links.ts';
import { type Ahead, lookAhead, pieceOf, type Source } from './source.ts';
import { CODE, PLAIN, STRUCTURE, UNDERLINE } from './style.ts';
import type { Wrapper } from './wrapper.ts';

export interface InlineOptions {
  /** Characters that may be looked ahead. */
  look: number;
  colour: boolean;
}

const plain = /[^\n\\`*_~[!<&#]+/y;

/** What is being written in pieces: code or an address whose end was not in sight. */
type Long = { kind: 'code'; ticks: number } | { kind: 'address'; depth: number; angle: boolean };

export class InlineText {
  private readonly wrapper: Wrapper;
  private readonly options: InlineOptions;
  private readonly isHeading: boolean;
  private readonly base: number;
  private open: Opener[] = [];
  private long: Long | null = null;
  /** The character before; '' at the beginning. */
  private last = '';

  constructor(wrapper: Wrapper, options: InlineOptions, base = PLAIN, isHeading = false) {
    this.wrapper = wrapper;
    this.options = options;
    this.base = base;
    this.isHeading = isHeading;
    this.restyle();
  }

  /** Writes what can be written; true at the end of the line, which is left in the source. */
  scan(source: Source): boolean {
    while (source.at < source.text.length) {
      const char = source.text[source.at] ?? '';
      if (char === '\n') return true;
      const taken = this.long === null ? this.step(source, char) : this.goOn(source, this.long);
      if (taken === null) return false;
      source.at += taken;
    }
    return source.ended;
  }

  /** How many characters were written; null: more have to come first. */
  private step(source: Source, char: string): number | null {
    plain.lastIndex = source.at;
    const text = plain.exec(source.text)?.[0];
    if (text !== undefined) return this.literal(text);
    if (isDelimiter(char)) return this.delimiter(source, char);
    if (char === '`') return this.ticks(source);
    if (char === '\\') return this.escape(source);
    if (char === '[' || char === '!') return this.link(source, char);
    if (char === '<') return this.angle(source);
    if (char === '&') return this.entity(source);
    return this.closingHashes(source);
  }

  private literal(text: string): number {
    this.wrapper.text(text);
    this.last = lastCharacter(text);
    return text.length;
  }

  private restyle(): void {
    let style = this.base;
    for (const opener of this.open) style |= styleOf(opener);
    if (this.long?.kind === 'code') style |= CODE;
    this.wrapper.style = this.options.colour ? style : style & STRUCTURE;
  }

  private delimiter(source: Source, char: Delimiter): number | null {
    const { look } = this.options;
    const ahead = lookAhead(source, source.at, look);
    // Enough is a run and the character behind it, unless it may begin something.
    const sight = ahead ?? sightOf(source);
    const length = runLength(sight.text, char);
    if (length === sight.text.length && !sight.whole && ahead === null) return null;
    const before = this.last;
    // The tail of a run that is too long to be a delimiter.
    if (before === char) return this.literal(sight.text.slice(0, length));
    const { opens, closes } = flanks(
      char,
      length,
      before,
      firstCharacter(sight.text.slice(length, length + 2)),
    );
    if (closes) {
      const used = close(this.open, char, length);
      if (used > 0) {
        this.restyle();
        if (used < length) this.wrapper.text(char.repeat(length - used));
        this.last = '.';
        return length;
      }
    }
    if (!opens || this.open.length >= MAX_OPEN) return this.literal(sight.text.slice(0, length));
    if (ahead === null) return null;
    return this.begin(char, length, ahead);
  }

  private begin(char: Delimiter, length: number, ahead: Ahead): number {
    const rest = ahead.text.slice(length);
    // `***a**` begins one emphasis, after a star.
    for (let used = length; used > 0; used -= 1) {
      if (char === '~' && used !== 2) break;
      const opener = { char, length: used };
      const closed = isClosed(opener, this.last, rest, ahead.whole);
      const isGuess = closed === null && used === length && used >= 2 && char !== '_';
      if (closed !== true && !isGuess) continue;
      if (used < length) this.wrapper.text(char.repeat(length - used));
      this.open.push(opener);
      this.restyle();
      this.last = '.';
      return length;
    }
    return this.literal(char.repeat(length));
  }

  private ticks(source: Source): number | null {
    const ahead = lookAhead(source, source.at, this.options.look);
    if (ahead === null) return null;
    const length = runLength(ahead.text, '`');
    if (length > MAX_TICKS || this.last === '`') return this.literal('`'.repeat(length));
    const rest = ahead.text.slice(length);
    const end = closingTicks(rest, length, ahead.whole);
    if (end === -1 && ahead.whole) return this.literal('`'.repeat(length));
    this.long = { kind: 'code', ticks: length };
    this.mark(length);
    if (end === -1) return length;
    this.wrapper.text(codeText(rest.slice(0, end)));
    this.endCode();
    return length + end + length;
  }

  /** Where there is no colour, the backticks themselves say that it is code. */
  private mark(ticks: number): void {
    this.restyle();
    if (!this.options.colour) this.wrapper.text('`'.repeat(ticks));
  }

  private endCode(): void {
    if (this.long?.kind === 'code' && !this.options.colour)
      this.wrapper.text('`'.repeat(this.long.ticks));
    this.long = null;
    this.last = '.';
    this.restyle();
  }

  private goOn(source: Source, long: Long): number | null {
    return long.kind === 'code'
      ? this.moreCode(source, long.ticks)
      : this.moreAddress(source, long);
  }

  private moreCode(source: Source, ticks: number): number | null {
    const piece = pieceOf(source.text, source.at, this.options.look);
    const end = /[`\n]/.exec(piece)?.index;
    if (end !== 0) {
      const text = piece.slice(0, end);
      this.wrapper.text(text);
      return text.length;
    }
    const ahead = lookAhead(source, source.at, this.options.look);
    const sight = ahead ?? sightOf(source);
    const length = runLength(sight.text, '`');
    if (ahead === null && length === sight.text.length) return null;
    if (length === ticks) this.endCode();
    else this.wrapper.text('`'.repeat(length));
    return length;
  }

  private escape(source: Source): number | null {
    const next = source.text[source.at + 1];
    if (next === undefined && !source.ended) return null;
    if (next === '\n') {
      // A hard line break, unless nothing follows.
      if (source.text.length === source.at + 2 && !source.ended) return null;
      if (source.text.length > source.at + 2) return 1;
    }
    if (next === undefined || !/[!-/:-@[-`{-~]/.test(next)) return this.literal('\\');
    this.wrapper.text(next);
    this.last = '.';
    return 2;
  }

  private link(source: Source, char: string): number | null {
    const { look } = this.options;
    if (char === '!') {
      const next = source.text[source.at + 1];
      if (next === undefined && !source.ended) return null;
      if (next !== '[') return this.literal('!');
    }
    const from = source.at + (char === '!' ? 1 : 0);
    const ahead = lookAhead(source, from, look);
    // The bracket is text as soon as one ends that no address follows.
    const found = bracketed(ahead ?? sightOf(source, from));
    if (found === 'unclear' && ahead === null) return null;
    if (found === null || found === 'unclear')
      return this.literal(source.text.slice(source.at, from + 1));
    const address = from + found.text.length + 2;
    const after = lookAhead(source, address, ADDRESS_LOOK);
    const begin = source.text[address];
    if (begin === undefined && !source.ended) return null;
    if (begin === '(' && after === null) return null;
    if (after === null || !isAddress(after))
      return this.literal(source.text.slice(source.at, from + 1));
    return this.beginLink(source, found.text, address + 1);
  }

  /** `address`: where it begins. */
  private beginLink(source: Source, text: string, address: number): number | null {
    let ahead = lookAhead(source, address, ADDRESS_LOOK);
    if (ahead === null) return null;
    let [blank, own, after] = addressParts(ahead.text);
    if (
      after === '' &&
      !ahead.whole &&
      (text.startsWith(own) || `mailto:${text}`.startsWith(own))
    ) {
      // It may be the text once more: as much of it as that takes has to come.
      ahead = lookAhead(source, address, text.length + ADDRESS_LOOK);
      if (ahead === null) return null;
      [blank, own, after] = addressParts(ahead.text);
    }
    if (text !== '') this.linkText(text);
    this.last = '.';
    const isShown = own !== '' && (text === '' || (own !== text && own !== `mailto:${text}`));
    if (after === ')' && !isShown) return address + blank.length + own.length + 1 - source.at;
    this.wrapper.text(text === '' ? '(' : ' (');
    this.long = { kind: 'address', depth: 0, angle: blank.endsWith('<') };
    return address + blank.length - source.at;
  }

  private linkText(text: string): void {
    const inner = new InlineText(this.wrapper, this.options, this.wrapper.style | UNDERLINE);
    inner.scan({ text, at: 0, ended: true });
    inner.end();
    this.restyle();
  }

  /** At the end of the line: closes what is open. */
  end(): void {
    if (this.long?.kind === 'address') this.endAddress(0);
  }

  private moreAddress(source: Source, long: Long & { kind: 'address' }): number | null {
    const from = source.at;
    const piece = pieceOf(source.text, from, this.options.look);
    const limit = (long.angle ? /[>\n]/ : /[\s]/).exec(piece)?.index ?? piece.length;
    const { end, depth } = long.angle
      ? { end: -1, depth: 0 }
      : endOfAddress(piece.slice(0, limit), long.depth);
    const stop = end === -1 ? limit : end;
    if (stop > 0) {
      this.wrapper.text(piece.slice(0, stop));
      long.depth = depth;
      return stop;
    }
    if (end === 0) return this.endAddress(1);
    const skip = piece[0] === '>' ? 1 : 0;
    const ahead = lookAhead(source, from + skip, this.options.look);
    if (ahead === null) return null;
    const title = titleEnd(ahead.text);
    return this.endAddress(title === null ? skip : skip + title);
  }

  private endAddress(taken: number): number {
    this.wrapper.text(')');
    this.long = null;
    this.last = '.';
    return taken;
  }

  private angle(source: Source): number | null {
    const next = source.text[source.at + 1];
    if (next === undefined && !source.ended) return null;
    if (next === undefined || !/[A-Za-z0-9]/.test(next)) return this.literal('<');
    const ahead = lookAhead(source, source.at, this.options.look);
    const sight = ahead ?? sightOf(source);
    const address = angleAddress(sight.text);
    if (address === null && ahead === null && !/^<[^>]*[\s>]/.test(sight.text)) return null;
    if (address === null) return this.literal('<');
    const { style } = this.wrapper;
    this.wrapper.style = style | UNDERLINE;
    this.wrapper.text(address);
    this.wrapper.style = style;
    this.last = '.';
    return address.length + 2;
  }

  private entity(source: Source): number | null {
    const ahead = lookAhead(source, source.at, MAX_ENTITY);
    const sight = ahead ?? sightOf(source);
    const found = entityAt(sight.text);
    if (found === null)
      return ahead === null && /^&[#A-Za-z0-9]*$/.test(sight.text) ? null : this.literal('&');
    this.literal(found.shown);
    return found.length;
  }

  /** The hashes that may end a heading. */
  private closingHashes(source: Source): number | null {
    if (!this.isHeading || !/^\s?$/.test(this.last)) return this.literal('#');
    const ahead = lookAhead(source, source.at, this.options.look);
    if (ahead === null) return null;
    return ahead.whole && /^#+[ \t]*$/.test(ahead.text) ? ahead.text.length : this.literal('#');
  }
}

/** What has come of the line, where that is less than was looked for. */
function sightOf(source: Source, from = source.at): Ahead {
  const end = source.text.indexOf('\n', from);
  return end === -1
    ? { text: source.text.slice(from), whole: source.ended }
    : { text: source.text.slice(from, end), whole: true };
}

function runLength(text: string, char: string): number {
  let length = 0;
  while (text[length] === char) length += 1;
  return length;
}

function lastCharacter(text: string): string {
  return text.slice(isLowSurrogate(text.charCodeAt(text.length - 1)) ? -2 : -1);
}

function firstCharacter(text: string): string {
  return text.slice(0, isLowSurrogate(text.charCodeAt(1)) ? 2 : 1);
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
