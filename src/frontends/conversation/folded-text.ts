/**
 * Text that one line of input can hold: readline edits single lines, and a long one would not fit the window. A line end
 * is one character in it, and a long text a label in brackets that stands for it. It draws nothing.
 */

/** In the line; on the screen they are ↵, [ and ]. They are of the private use area, and as wide as those. */
const LINE_END = '\ue00a';
const OPENS = '\ue00b';
const CLOSES = '\ue00c';
const label = /\ue00b[^\ue00b\ue00c]*\ue00c/g;

const shown: Readonly<Record<string, string>> = { [LINE_END]: '↵', [OPENS]: '[', [CLOSES]: ']' };

/** What would move the cursor, or mean something else in a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unfit = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ue00a-\ue00c]/;

/** More of a paste is not shown in full. */
const MAX_LINES = 8;
const MAX_LENGTH = 400;

export interface Line {
  text: string;
  /** In UTF-16 units. */
  cursor: number;
}

/** Whether a text can be put on the screen as it is, in at most a few lines. */
export function fitsScreen(text: string): boolean {
  return text.length <= MAX_LENGTH && !unfit.test(text) && lineCount(text) <= MAX_LINES;
}

/** Whether a text can stand in the line as it is. A file or a model may be called anything, also what moves the cursor. */
export function fitsLine(text: string): boolean {
  return !unfit.test(text) && !/[\t\n]/.test(text);
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** What the screen gets for what the line has. */
export function onScreen(text: string): string {
  return text.replace(/[\ue00a-\ue00c]/g, (char) => shown[char] ?? char);
}

export class FoldedTexts {
  /** By their labels. */
  private readonly texts = new Map<string, string>();
  /** Of whole texts, their lines. */
  private lines = new Map<string, string>();
  private count = 0;

  /** A label for a text of any kind. `words`: what it says of it. */
  fold(text: string, words: string): string {
    this.count += 1;
    // Two pastes of the same size are two labels.
    const taken = this.texts.has(`${OPENS}${words}${CLOSES}`);
    const name = `${OPENS}${words}${taken ? ` #${this.count}` : ''}${CLOSES}`;
    this.texts.set(name, text);
    return name;
  }

  foldPaste(text: string): string {
    const lines = lineCount(text.endsWith('\n') ? text.slice(0, -1) : text);
    return this.fold(
      text,
      lines > 1
        ? `pasted ${lines.toLocaleString('en')} lines`
        : `pasted ${text.length.toLocaleString('en')} characters`,
    );
  }

  /** One line for a text of several: in full where it is short, else by its first words and its size. */
  foldWhole(text: string): string {
    const line = this.lines.get(text) ?? this.newLine(text);
    this.lines.set(text, line);
    return line;
  }

  /** Forgets all texts but these. */
  keepOnly(texts: readonly string[]): void {
    const kept = new Map(texts.map((text) => [text, this.foldWhole(text)]));
    const labels = new Set(kept.values());
    for (const name of this.texts.keys()) if (!labels.has(name)) this.texts.delete(name);
    this.lines = kept;
  }

  private newLine(text: string): string {
    if (fitsScreen(text)) return text.replaceAll('\n', LINE_END);
    const lines = lineCount(text);
    const size =
      lines > 1
        ? `${lines.toLocaleString('en')} lines`
        : `${text.length.toLocaleString('en')} characters`;
    const words = [
      ...text.slice(0, 200).replace(new RegExp(unfit, 'g'), ' ').replace(/\s+/g, ' ').trim(),
    ]
      .slice(0, 24)
      .join('');
    return this.fold(text, `${words}… ${size}`);
  }

  /** The text of a line, exactly. */
  unfold(line: string): string {
    // In one go: a text behind a label may have any character in it.
    return line.replace(/\ue00b[^\ue00b\ue00c]*\ue00c|\ue00a/g, (part) =>
      part === LINE_END ? '\n' : (this.texts.get(part) ?? onScreen(part)),
    );
  }

  /**
   * The line after an edit, with labels whole: one that lost a character is gone, and the cursor is never inside one.
   * `before`: the line before the edit.
   */
  mend(line: Line, before: Line): Line {
    if (!line.text.includes(OPENS) && !line.text.includes(CLOSES)) return line;
    const whole = this.isWhole(line.text) ? line : withoutBroken(line, before.text);
    return { text: whole.text, cursor: besideLabel(whole.text, whole.cursor, before.cursor) };
  }

  private isWhole(text: string): boolean {
    const rest = text.replace(label, (name) => (this.texts.has(name) ? '' : name));
    return !rest.includes(OPENS) && !rest.includes(CLOSES);
  }
}

/** The edit, and all of each label of which it took a part. */
function withoutBroken({ text, cursor }: Line, before: string): Line {
  let same = 0;
  const shorter = Math.min(text.length, before.length);
  while (same < shorter && text.charAt(same) === before.charAt(same)) same += 1;
  let sameEnd = 0;
  while (
    sameEnd < shorter - same &&
    text.charAt(text.length - 1 - sameEnd) === before.charAt(before.length - 1 - sameEnd)
  )
    sameEnd += 1;
  let [from, to] = [same, before.length - sameEnd];
  for (const match of before.matchAll(label)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (start < to && end > from) [from, to] = [Math.min(from, start), Math.max(to, end)];
  }
  const inserted = text.slice(same, text.length - sameEnd);
  const mended = before.slice(0, from) + inserted + before.slice(to);
  return { text: mended, cursor: Math.min(cursor, from + inserted.length) };
}

/** Out of a label, in the direction in which the cursor went. */
function besideLabel(text: string, cursor: number, before: number): number {
  for (const match of text.matchAll(label)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (cursor > start && cursor < end) return before <= start ? end : start;
  }
  return cursor;
}
