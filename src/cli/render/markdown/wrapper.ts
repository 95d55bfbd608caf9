/**
 * Lays words out on lines of a width, in order and for good: what is written is never changed. At most one word is held
 * back, and of one that is longer than a line no more than a line.
 */
import { hasIdeographs, mayBreak } from './break-rules.ts';
import { change, PLAIN } from './style.ts';
import { textWidth } from './width.ts';

export interface Page {
  /** Cells of a line; read for each line, for a window may be resized. */
  columns(): number;
  write(text: string): void;
  /** Breaks a word that is longer than the line; otherwise the terminal does, and a copied address stays whole. */
  breaksWords: boolean;
  hide?: ((word: string) => string) | undefined;
}

/** What stands before the text of a line, and before what is wrapped from it. Widths in cells. */
export interface Prefix {
  first: string;
  rest: string;
  width: number;
}

export const noPrefix: Prefix = { first: '', rest: '', width: 0 };

/** Columns between the tab stops of a terminal. */
const TAB = 8;
/** More spaces than any line has. */
const MAX_SPACES = 1000;
/** A word of more characters than these times its line is longer than the line, whatever its width: most are combining marks. */
const MAX_MARKS = 8;

const wordsOfAscii = /^[!-~]+(?: [!-~]+)*$/;

interface Piece {
  style: number;
  text: string;
}

export class Wrapper {
  /** Of the text that comes next. */
  style = PLAIN;
  /** Widths of the finished lines, in cells; only kept where asked for. */
  readonly widths: number[] | null;
  /** The widest word so far. */
  longestWord = 0;
  private readonly page: Page;
  private prefix = noPrefix;
  private columns = 0;
  private column = 0;
  private spaces = 0;
  private spaceStyle = PLAIN;
  /** Nothing but the prefix is on the line. */
  private isEmpty = true;
  private shown = PLAIN;
  private word: Piece[] = [];
  private wordLength = 0;
  private lastChar = '';
  /** The word is longer than the line, and is written as it comes. */
  private overflows = false;

  constructor(page: Page, keepWidths = false) {
    this.page = page;
    this.widths = keepWidths ? [] : null;
  }

  /** Cells of the line so far, without its prefix. */
  get lineWidth(): number {
    return this.column - this.prefix.width;
  }

  /** `firstWidth`: of `prefix.first`, where it is another. */
  begin(prefix: Prefix, firstWidth = prefix.width): void {
    this.prefix = prefix;
    this.columns = this.page.columns();
    this.column = firstWidth;
    this.isEmpty = true;
    this.page.write(prefix.first);
  }

  /** Text of one line. */
  text(text: string): void {
    let at = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (this.wordLength === 0 && !this.overflows && code !== 0x20) {
        const run = this.wholeWords(text, at);
        if (run > 0) {
          at += run;
          continue;
        }
      }
      if (code === 0x20 || code === 0x09) {
        this.endWord();
        this.spaceStyle = this.style;
        this.spaces = Math.min(this.spaces + (code === 0x09 ? this.toTabStop() : 1), MAX_SPACES);
        at += 1;
        continue;
      }
      let end = at + 1;
      let isPlain = code < 0x2e80;
      while (end < text.length) {
        const next = text.charCodeAt(end);
        if (next === 0x20 || next === 0x09) break;
        isPlain &&= next < 0x2e80;
        end += 1;
      }
      const part = text.slice(at, end);
      if (isPlain && (this.lastChar === '' || !hasIdeographs(this.lastChar))) this.addToWord(part);
      else this.addCharacters(part);
      at = end;
    }
  }

  /** Writes what is held back, and closes the styles. The line stays open. */
  finish(): void {
    this.endWord();
    this.spaces = 0;
    this.restyle(PLAIN);
    this.widths?.push(this.lineWidth);
  }

  /** Writes at once what is words of ASCII that all fit on the line, as most text is. Returns its length; 0: it is not so. */
  private wholeWords(text: string, from: number): number {
    if (this.page.breaksWords) return 0;
    const room = this.columns - this.column - (this.isEmpty ? 0 : this.spaces);
    const end = text.lastIndexOf(' ', from + room);
    if (end <= from) return 0;
    const words = text.slice(from, end);
    if (!wordsOfAscii.test(words)) return 0;
    this.makeRoom(words.length);
    this.restyle(this.style);
    this.page.write(words);
    this.column += words.length;
    return words.length;
  }

  private toTabStop(): number {
    return TAB - ((this.column + this.spaces) % TAB);
  }

  private addCharacters(part: string): void {
    for (const char of part) {
      if (this.lastChar !== '' && mayBreak(this.lastChar, char)) this.endWord();
      this.addToWord(char);
    }
  }

  private addToWord(part: string): void {
    this.lastChar = part.at(-1) ?? '';
    // Half of a surrogate pair is no character to decide a break by.
    if (/[\udc00-\udfff]/.test(this.lastChar)) this.lastChar = part.slice(-2);
    let rest = part;
    while (!this.page.breaksWords && !this.overflows) {
      const line = this.columns - this.prefix.width;
      const room = (this.wordLength > line ? line * MAX_MARKS : line + 1) - this.wordLength;
      if (rest.length < room) break;
      const cut = room + (/[\udc00-\udfff]/.test(rest[room] ?? '') ? 1 : 0);
      this.append(rest.slice(0, cut));
      rest = rest.slice(cut);
      if (this.wordLength >= line * MAX_MARKS || this.wordWidth() > line) this.startOverflow();
    }
    if (this.overflows) this.overflow(rest);
    else this.append(rest);
  }

  private append(text: string): void {
    if (text === '') return;
    const last = this.word.at(-1);
    if (last?.style === this.style) last.text += text;
    else this.word.push({ style: this.style, text });
    this.wordLength += text.length;
  }

  private endWord(): void {
    this.lastChar = '';
    if (this.overflows) this.overflows = false;
    else if (this.wordLength > 0) {
      this.hideInWord();
      this.place(this.wordWidth());
    }
    this.word = [];
    this.wordLength = 0;
  }

  private hideInWord(): void {
    const { hide } = this.page;
    const [first] = this.word;
    if (hide === undefined || first === undefined) return;
    const whole = this.word.map(({ text }) => text).join('');
    const shown = hide(whole);
    if (shown !== whole) this.word = [{ style: first.style, text: shown }];
  }

  private wordWidth(): number {
    const [first, ...more] = this.word;
    return textWidth(
      more.length === 0 ? (first?.text ?? '') : this.word.map(({ text }) => text).join(''),
    );
  }

  private place(width: number): void {
    this.longestWord = Math.max(this.longestWord, width);
    this.makeRoom(width);
    for (const { style, text } of this.word) {
      this.restyle(style);
      if (this.page.breaksWords && width > this.columns - this.prefix.width) this.split(text);
      else this.page.write(text);
    }
    if (!this.page.breaksWords || width <= this.columns - this.prefix.width) this.column += width;
    if (this.column > this.columns) this.column = ((this.column - 1) % this.columns) + 1;
  }

  /** The spaces before a word, or a new line for it. */
  private makeRoom(width: number): void {
    if (this.isEmpty) this.spaces = 0;
    else if (this.column + this.spaces + width > this.columns) this.newLine();
    this.isEmpty = false;
    if (this.spaces === 0) return;
    this.restyle(this.shown & this.spaceStyle);
    this.page.write(' '.repeat(this.spaces));
    this.column += this.spaces;
    this.spaces = 0;
  }

  private split(text: string): void {
    for (const char of text) {
      const width = textWidth(char);
      if (this.column + width > this.columns && !this.isEmpty) {
        const { shown } = this;
        this.newLine();
        this.restyle(shown);
      }
      this.page.write(char);
      this.isEmpty = false;
      this.column += width;
    }
  }

  private startOverflow(): void {
    this.place(this.wordWidth());
    this.word = [];
    this.wordLength = 0;
    this.overflows = true;
  }

  private overflow(text: string): void {
    this.restyle(this.style);
    this.page.write(text);
    // Characters one by one, not graphemes: a piece may end inside of one, and widths must not depend on that.
    for (const char of text) this.column += textWidth(char);
    if (this.column > this.columns) this.column = ((this.column - 1) % this.columns) + 1;
  }

  private newLine(): void {
    this.restyle(PLAIN);
    this.widths?.push(this.lineWidth);
    this.columns = this.page.columns();
    this.page.write(`\n${this.prefix.rest}`);
    this.column = this.prefix.width;
    this.isEmpty = true;
    this.spaces = 0;
  }

  private restyle(style: number): void {
    if (style === this.shown) return;
    this.page.write(change(this.shown, style));
    this.shown = style;
  }
}
