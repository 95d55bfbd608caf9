/**
 * Markdown as a terminal shows it, written as it comes and never changed afterwards: no cursor is moved, nothing is drawn
 * again. The same text gives the same bytes, however it is cut. Only a table waits for its end. It expects text without
 * control characters, and lines that end in \n.
 */
import { endsFence, type Fence, type LineKind, lineKind } from './block-start.ts';
import { type Container, goOnInFence, prefixOf } from './containers.ts';
import { InlineText } from './inline.ts';
import { LineStart, type Source } from './source.ts';
import { BOLD, CODE, change, GREY, PLAIN, UNDERLINE } from './style.ts';
import { TableBlock } from './table-block.ts';
import { type Page, type Prefix, Wrapper } from './wrapper.ts';

export interface MarkdownOptions {
  /** Cells of a line now; undefined where unknown. */
  columns(): number | undefined;
  colour: boolean;
  /** A word as it may be shown: a key in it is found before the word is broken. */
  hide?(word: string): string;
}

const USUAL_COLUMNS = 80;
const MIN_COLUMNS = 10;
/** So much is looked ahead for the end of emphasis: a line, between these. */
const MIN_LOOK = 40;
const MAX_LOOK = 160;
/** A longer line with a bar at its beginning is text. */
const MAX_ROW = 8_192;

/** Where the next character belongs: to a new line, to text, code, a row of a table, or to what is not shown. */
type Mode = 'start' | 'inline' | 'code' | 'row' | 'skip';

export class MarkdownText {
  private readonly options: MarkdownOptions;
  private readonly source: Source = { text: '', at: 0, ended: false };
  private readonly page: Page;
  private readonly wrapper: Wrapper;
  private out = '';
  private mode: Mode = 'start';
  private containers: readonly Container[] = [];
  private isParagraph = false;
  private fence: Fence | null = null;
  private inline: InlineText | null = null;
  private table: TableBlock | null = null;
  private row = { text: '', prefix: { first: '', rest: '', width: 0 } as Prefix };
  /** Of the line of code that has begun; null before its first character. */
  private codeStyle: number | null = null;
  /** The line above is empty, or there is none. */
  private isAfterBlank = true;
  /** A fence is here that is not shown: what stands on both sides of it does not belong together. */
  private needsBlank = false;

  constructor(options: MarkdownOptions) {
    this.options = options;
    this.page = {
      columns: () => this.columns(),
      write: (text) => {
        this.out += text;
      },
      breaksWords: false,
      hide: options.hide,
    };
    this.wrapper = new Wrapper(this.page);
  }

  /** What can be written once `text` has come; it may be ''. */
  push(text: string): string {
    const { source } = this;
    source.text = source.at === 0 ? source.text + text : source.text.slice(source.at) + text;
    source.at = 0;
    while (this.step());
    return this.taken();
  }

  /** The rest; nothing comes after it. */
  end(): string {
    this.source.ended = true;
    while (this.step());
    this.finishTable();
    return this.taken();
  }

  private taken(): string {
    const { out } = this;
    this.out = '';
    return out;
  }

  private columns(): number {
    return Math.max(MIN_COLUMNS, this.options.columns() ?? USUAL_COLUMNS);
  }

  /** False where more has to come first. */
  private step(): boolean {
    switch (this.mode) {
      case 'start':
        return this.source.at < this.source.text.length && this.startLine();
      case 'inline':
        return this.moreInline();
      case 'code':
        return this.moreCode();
      case 'row':
        return this.moreRow();
      case 'skip':
        return this.skip();
    }
  }

  private startLine(): boolean {
    const line = new LineStart(this.source);
    if (this.fence !== null && goOnInFence(this.containers, line))
      return this.lineInFence(line, this.fence);
    const start = this.fence === null ? line : new LineStart(this.source);
    const kind = lineKind(start, this.containers, this.isParagraph);
    if (start.short) return false;
    this.fence = null;
    const inTable = kind.block.kind === 'row' && kind.fresh === kind.containers.length;
    const isSameTable = inTable && kind.containers.length === this.containers.length;
    if (!isSameTable) this.finishTable();
    this.source.at = start.pos;
    this.containers = kind.containers;
    this.begin(kind, ' '.repeat(start.spare));
    return true;
  }

  private lineInFence(line: LineStart, fence: Fence): boolean {
    const ends = endsFence(line, fence);
    if (!ends) line.skip(fence.indent);
    if (line.short) return false;
    this.source.at = line.pos;
    if (ends) {
      this.fence = null;
      this.needsBlank = true;
      this.mode = 'skip';
    } else this.beginCode(' '.repeat(line.spare));
    return true;
  }

  private begin({ block, fresh }: LineKind, spare: string): void {
    const wasParagraph = this.isParagraph;
    this.isParagraph = block.kind === 'text';
    const prefix = prefixOf(this.containers, fresh, this.columns(), this.options.colour);
    switch (block.kind) {
      case 'blank':
        this.blankLine(prefix, fresh);
        this.mode = 'skip';
        break;
      case 'text':
        this.beginInline(prefix, PLAIN, false);
        break;
      case 'heading':
        this.beginInline(prefix, block.level === 1 ? BOLD | UNDERLINE : BOLD, true);
        break;
      case 'rule':
        this.ruleLine(prefix, '─', this.columns() - prefix.width);
        break;
      case 'underline':
        this.ruleLine(prefix, block.char === '=' ? '═' : '─', this.wrapper.lineWidth);
        break;
      case 'fence':
        // The marker of an item that begins here has a line of its own.
        if (fresh < this.containers.length) this.openLine(`${prefix.first.trimEnd()}\n`);
        this.fence = block.fence;
        this.needsBlank = true;
        this.mode = 'skip';
        break;
      case 'code':
        if (fresh < this.containers.length) this.openLine(`${prefix.first.trimEnd()}\n`);
        this.beginCode(spare);
        break;
      case 'row':
        this.isParagraph = wasParagraph;
        this.row = { text: '', prefix };
        this.mode = 'row';
    }
  }

  /** Begins a line of the screen that is not empty. */
  private openLine(text: string): void {
    if (this.needsBlank && !this.isAfterBlank) this.out += '\n';
    this.needsBlank = false;
    this.isAfterBlank = false;
    this.out += text;
  }

  /** A quote shows its bar also there. */
  private blankLine(prefix: Prefix, fresh: number): void {
    const isEmpty = !prefix.first.includes('│') && fresh === this.containers.length;
    if (isEmpty) this.needsBlank = false;
    else this.openLine('');
    this.isAfterBlank = isEmpty;
    this.out += `${isEmpty ? '' : prefix.first.trimEnd()}\n`;
  }

  private ruleLine(prefix: Prefix, char: string, width: number): void {
    const grey = this.options.colour ? GREY : PLAIN;
    const line = char.repeat(
      Math.max(3, Math.min(width, USUAL_COLUMNS, this.columns() - prefix.width)),
    );
    this.openLine(`${prefix.first}${change(PLAIN, grey)}${line}${change(grey, PLAIN)}\n`);
    this.mode = 'skip';
  }

  private beginInline(prefix: Prefix, base: number, isHeading: boolean): void {
    this.openLine('');
    this.wrapper.begin(prefix);
    this.inline = new InlineText(this.wrapper, this.inlineOptions(), base, isHeading);
    this.mode = 'inline';
  }

  private inlineOptions(): { look: number; colour: boolean } {
    const look = Math.min(MAX_LOOK, Math.max(MIN_LOOK, this.columns()));
    return { look, colour: this.options.colour };
  }

  private moreInline(): boolean {
    if (this.inline === null || !this.inline.scan(this.source)) return false;
    this.inline.end();
    this.inline = null;
    this.wrapper.finish();
    this.endLine();
    return true;
  }

  /** Behind the text of a line: its end, where there is one. */
  private endLine(): void {
    if (this.source.at < this.source.text.length) {
      this.source.at += 1;
      this.out += '\n';
    }
    this.mode = 'start';
  }

  private beginCode(spare: string): void {
    this.codeStyle = null;
    this.mode = 'code';
    if (spare !== '') this.codeText(spare);
  }

  private codeText(text: string): void {
    if (this.codeStyle === null) {
      this.openLine('');
      this.codeStyle = this.options.colour ? CODE : PLAIN;
      this.out += change(PLAIN, this.codeStyle);
    }
    this.out += text;
  }

  private moreCode(): boolean {
    const { source } = this;
    const end = source.text.indexOf('\n', source.at);
    const text = source.text.slice(source.at, end === -1 ? undefined : end);
    if (text !== '') this.codeText(text);
    source.at += text.length;
    if (end === -1 && !source.ended) return false;
    if (this.codeStyle === null) {
      this.openLine('');
      this.isAfterBlank = true;
    } else this.out += change(this.codeStyle, PLAIN);
    this.endLine();
    return true;
  }

  private skip(): boolean {
    const { source } = this;
    const end = source.text.indexOf('\n', source.at);
    source.at = end === -1 ? source.text.length : end + 1;
    if (end !== -1) this.mode = 'start';
    return end !== -1;
  }

  private moreRow(): boolean {
    const { source, row } = this;
    const end = source.text.indexOf('\n', source.at);
    const room = MAX_ROW - row.text.length;
    const piece = source.text.slice(source.at, end === -1 ? undefined : end);
    if (piece.length > room) return this.longRow();
    row.text += piece;
    source.at += piece.length;
    if (end === -1 && !source.ended) return false;
    source.at += end === -1 ? 0 : 1;
    this.mode = 'start';
    this.tableRow(row.text, row.prefix);
    return true;
  }

  /** No row is so long: the line is text. */
  private longRow(): boolean {
    const { source, row } = this;
    this.finishTable();
    source.text = row.text + source.text.slice(source.at);
    source.at = 0;
    this.isParagraph = true;
    this.beginInline(row.prefix, PLAIN, false);
    return true;
  }

  private tableRow(text: string, prefix: Prefix): void {
    if (this.table?.takes(text)) {
      const streamed = this.table.streamed();
      if (streamed !== '') this.openLine(streamed);
      return;
    }
    this.finishTable();
    this.table = new TableBlock(text, prefix, this.page, this.inlineOptions());
  }

  /** Prints the table that ends here, or the one line of what has turned out to be none. */
  private finishTable(): void {
    const { table } = this;
    this.table = null;
    if (table === null) return;
    this.openLine('');
    if (table.isTable) {
      this.out += table.rest();
      return;
    }
    this.isParagraph = true;
    this.wrapper.begin(table.prefix);
    const inline = new InlineText(this.wrapper, this.inlineOptions());
    inline.scan({ text: table.header, at: 0, ended: true });
    inline.end();
    this.wrapper.finish();
    this.out += '\n';
  }
}
