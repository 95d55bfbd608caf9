/**
 * The text that has come and is not printed yet, and looks ahead in it. Every decision of the renderer is made on a look of
 * a length that the text alone determines. Where not all of it has come, the decision waits; so the same text gives the
 * same screen, however it was cut on its way.
 */
export interface Source {
  text: string;
  /** The next character to print. */
  at: number;
  /** Nothing comes after `text`. */
  ended: boolean;
}

export interface Ahead {
  /** Without a line end. */
  text: string;
  /** The line ends behind it; otherwise it was cut at the limit. */
  whole: boolean;
}

/** The rest of the line from `from`, at most `limit` characters; null: too little has come to say. */
export function lookAhead(source: Source, from: number, limit: number): Ahead | null {
  const piece = source.text.slice(from, from + limit);
  const end = piece.indexOf('\n');
  if (end !== -1) return { text: piece.slice(0, end), whole: true };
  if (piece.length === limit) return { text: piece, whole: false };
  return source.ended ? { text: piece, whole: true } : null;
}

/** So many UTF-16 units of a text, and one more where that would end within a character. */
export function pieceOf(text: string, from: number, length: number): string {
  const end = from + length;
  const isSplit = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 1, end + 1));
  return text.slice(from, isSplit ? end + 1 : end);
}

/** No look at the beginning of a line goes further, whatever stands there. */
const MAX_LOOK = 400;

/** Reads the beginning of a line and counts columns, a tab to the next multiple of four. It changes nothing in the source. */
export class LineStart {
  pos: number;
  /** A look went beyond what has come: whatever was read from it is void. */
  short = false;
  /** Columns of a tab of which only a part was taken. */
  spare = 0;
  private column = 0;
  private readonly source: Source;
  private readonly limit: number;

  constructor(source: Source) {
    this.source = source;
    this.pos = source.at;
    this.limit = source.at + MAX_LOOK;
  }

  place(): readonly [pos: number, column: number, spare: number] {
    return [this.pos, this.column, this.spare];
  }

  goBack([pos, column, spare]: readonly [number, number, number]): void {
    this.pos = pos;
    this.column = column;
    this.spare = spare;
  }

  /** '' at the end of the line. Beyond the limit of the look, a character that means nothing. */
  peek(offset = 0): string {
    const index = this.pos + offset;
    if (index >= this.limit) return 'x';
    const char = this.source.text[index];
    if (char === undefined && !this.source.ended) this.short = true;
    return char === undefined || char === '\n' ? '' : char;
  }

  take(count: number): void {
    this.pos += count;
    this.column += count;
    this.spare = 0;
  }

  /** Columns of white space that come next, `atMost` of them. */
  indent(atMost: number): number {
    let columns = this.spare;
    for (let index = 0; columns < atMost; index += 1) {
      const char = this.peek(index);
      if (char === ' ') columns += 1;
      else if (char === '\t') columns += 4 - ((this.column + columns - this.spare) % 4);
      else break;
    }
    return Math.min(columns, atMost);
  }

  /** Takes so many columns of white space, or as many as there are. */
  skip(columns: number): void {
    let left = columns;
    const spare = Math.min(left, this.spare);
    this.spare -= spare;
    left -= spare;
    while (left > 0) {
      const char = this.peek();
      const wide = char === '\t' ? 4 - (this.column % 4) : char === ' ' ? 1 : 0;
      if (wide === 0) return;
      this.pos += 1;
      this.column += wide;
      this.spare = Math.max(0, wide - left);
      left -= wide;
    }
  }

  /** Whether nothing but white space is left from `offset`. */
  isBlank(offset = 0): boolean {
    for (let index = offset; ; index += 1) {
      const char = this.peek(index);
      if (char !== ' ' && char !== '\t') return char === '';
    }
  }

  /** How often `char` stands there from `offset`. */
  run(char: string, offset = 0): number {
    let count = 0;
    while (this.peek(offset + count) === char) count += 1;
    return count;
  }
}
