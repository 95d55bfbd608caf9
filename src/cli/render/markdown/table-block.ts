/**
 * A table of markdown: held until it ends, so that its columns can be aligned; one beyond a bound is aligned by what has
 * come until then. Cells wrap where the table is too wide, and where that would break words the rows are lists.
 */
import { type InlineOptions, InlineText } from './inline.ts';
import { BOLD, change, GREY, PLAIN } from './style.ts';
import { noPrefix, type Page, type Prefix, Wrapper } from './wrapper.ts';

/** What is held back at most. */
const MAX_ROWS = 500;
const MAX_CHARACTERS = 65_536;
/** A row of more cells belongs to no table. */
const MAX_CELLS = 64;
/** Between columns. */
const BAR = ' │ ';

type Align = 'left' | 'right' | 'centre';

/** A cell laid out: its lines and their widths. */
interface Laid {
  lines: string[];
  widths: readonly number[];
  longestWord: number;
}

export class TableBlock {
  /** The first line, as it came. */
  readonly header: string;
  readonly prefix: Prefix;
  private readonly page: Page;
  private readonly inline: InlineOptions;
  private readonly head: readonly string[];
  private aligns: readonly Align[] | null = null;
  private held: string[][] = [];
  private heldCharacters = 0;
  /** Cells of each column, once they are settled; null: each row is a list. */
  private widths: readonly number[] | null | undefined;
  private isFirstLine = true;
  /** The held cells on a line of their own, by style and text. */
  private readonly natural = new Map<string, Laid>();

  constructor(header: string, prefix: Prefix, page: Page, inline: InlineOptions) {
    this.header = header;
    this.prefix = prefix;
    this.page = page;
    this.inline = inline;
    this.head = cellsOf(header);
  }

  /** The second line has made a table of the first. */
  get isTable(): boolean {
    return this.aligns !== null;
  }

  /** Takes the next line; false where it does not belong to the table. */
  takes(line: string): boolean {
    const cells = cellsOf(line);
    if (this.aligns === null) {
      const isRule =
        cells.length === this.head.length && cells.every((cell) => /^:?-+:?$/.test(cell));
      if (!isRule || cells.length > MAX_CELLS) return false;
      this.aligns = cells.map(alignOf);
      return true;
    }
    this.held.push(this.head.map((_, index) => cells[index] ?? ''));
    this.heldCharacters += line.length;
    return true;
  }

  /** What is printed before the table has ended: '' while it can still be held. */
  streamed(): string {
    const isFull = this.held.length >= MAX_ROWS || this.heldCharacters >= MAX_CHARACTERS;
    return this.widths !== undefined || isFull ? this.rest() : '';
  }

  /** The rows that are held, behind the head if that is not printed yet. */
  rest(): string {
    const rows = this.held;
    this.held = [];
    if (this.widths !== undefined) return rows.map((row) => this.drawRow(row)).join('');
    this.widths = this.settle(rows);
    const { widths } = this;
    const head = widths === null ? '' : this.drawLines(this.head, widths, BOLD) + this.rule(widths);
    const text = head + rows.map((row) => this.drawRow(row)).join('');
    this.natural.clear();
    return text;
  }

  /** Widths that hold every word whole: the natural ones, or as near as there is room; null: there are none. */
  private settle(rows: readonly string[][]): readonly number[] | null {
    const room = this.page.columns() - this.prefix.width - BAR.length * (this.head.length - 1);
    const widest = this.head.map(() => 1);
    const words = this.head.map(() => 1);
    for (const [at, row] of [this.head, ...rows].entries())
      for (const [index, cell] of row.entries()) {
        const style = at === 0 ? BOLD : PLAIN;
        const laid = this.lay(cell, Number.POSITIVE_INFINITY, style);
        this.natural.set(`${style}${cell}`, laid);
        const { widths, longestWord } = laid;
        widest[index] = Math.max(widest[index] ?? 1, widths[0] ?? 0);
        words[index] = Math.max(words[index] ?? 1, longestWord);
      }
    const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
    if (sum(widest) <= room) return widest;
    if (sum(words) > room) return null;
    const widths = [...words];
    // Room is given to the narrowest first, so that as few columns as possible wrap.
    for (let left = room - sum(widths); left > 0; left -= 1) {
      let index = -1;
      for (const [column, width] of widths.entries())
        if (width < (widest[column] ?? 0) && (index === -1 || width < (widths[index] ?? 0)))
          index = column;
      if (index === -1) break;
      widths[index] = (widths[index] ?? 0) + 1;
    }
    return widths;
  }

  private drawRow(row: readonly string[]): string {
    return this.widths ? this.drawLines(row, this.widths, PLAIN) : this.list(row);
  }

  private drawLines(row: readonly string[], widths: readonly number[], style: number): string {
    const cells = widths.map((width, index) => {
      const cell = row[index] ?? '';
      const natural = this.natural.get(`${style}${cell}`);
      const fits = natural !== undefined && (natural.widths[0] ?? 0) <= width;
      return fits ? natural : this.lay(cell, width, style);
    });
    const height = Math.max(...cells.map(({ lines }) => lines.length));
    const bar = this.grey(BAR);
    let text = '';
    for (let line = 0; line < height; line += 1) {
      const parts = cells.map(({ lines, widths: used }, index) => {
        const space = (widths[index] ?? 0) - (used[line] ?? 0);
        return pad(
          lines[line] ?? '',
          Math.max(0, space),
          this.aligns?.[index] ?? 'left',
          index === widths.length - 1,
        );
      });
      text += `${this.linePrefix()}${parts.join(bar)}\n`;
    }
    return text;
  }

  private rule(widths: readonly number[]): string {
    return `${this.linePrefix()}${this.grey(widths.map((width) => '─'.repeat(width)).join('─┼─'))}\n`;
  }

  /** `Name: value` a line, and an empty line between rows. */
  private list(row: readonly string[]): string {
    const between = this.isFirstLine ? '' : `${this.prefix.rest.trimEnd()}\n`;
    let text = between;
    const page: Page = {
      ...this.page,
      write: (more) => {
        text += more;
      },
    };
    const indent = '  ';
    for (const [index, cell] of row.entries()) {
      const { width, rest } = this.prefix;
      const wrapper = new Wrapper(page);
      wrapper.begin(
        { first: this.linePrefix(), rest: rest + indent, width: width + indent.length },
        width,
      );
      this.write(wrapper, this.head[index] ?? '', BOLD);
      wrapper.style = PLAIN;
      wrapper.text(': ');
      this.write(wrapper, cell, PLAIN);
      wrapper.finish();
      text += '\n';
    }
    return text;
  }

  private linePrefix(): string {
    const prefix = this.isFirstLine ? this.prefix.first : this.prefix.rest;
    this.isFirstLine = false;
    return prefix;
  }

  private lay(cell: string, width: number, style: number): Laid {
    let text = '';
    const page: Page = {
      columns: () => width,
      write: (more) => {
        text += more;
      },
      breaksWords: true,
      hide: this.page.hide,
    };
    const wrapper = new Wrapper(page, true);
    wrapper.begin(noPrefix);
    this.write(wrapper, cell, style);
    wrapper.finish();
    return {
      lines: text.split('\n'),
      widths: wrapper.widths ?? [],
      longestWord: wrapper.longestWord,
    };
  }

  private write(wrapper: Wrapper, text: string, style: number): void {
    const inline = new InlineText(wrapper, this.inline, style);
    inline.scan({ text, at: 0, ended: true });
    inline.end();
  }

  private grey(text: string): string {
    return this.inline.colour ? change(PLAIN, GREY) + text + change(GREY, PLAIN) : text;
  }
}

function pad(text: string, space: number, align: Align, isLast: boolean): string {
  if (isLast && text === '') return '';
  const before = align === 'right' ? space : align === 'centre' ? Math.floor(space / 2) : 0;
  return ' '.repeat(before) + text + (isLast ? '' : ' '.repeat(space - before));
}

/** The cells of a row; `\|` is a bar in a cell. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  const text = line.trim().replace(/^\|/, '');
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\' && text[at + 1] === '|') {
      cell += '|';
      at += 1;
    } else if (char === '\\') {
      cell += char + (text[at + 1] ?? '');
      at += 1;
    } else if (char === '|') {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  if (cell.trim() !== '') cells.push(cell.trim());
  return cells;
}

function alignOf(rule: string): Align {
  if (!rule.endsWith(':')) return 'left';
  return rule.startsWith(':') ? 'centre' : 'right';
}
