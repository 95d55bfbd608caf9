/** Text as lines of a terminal. It draws nothing. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Without the last character, as a person counts: a family of emoji is one. */
export function withoutLast(text: string): string {
  const last = [...graphemes.segment(text)].at(-1);
  return last === undefined ? text : text.slice(0, last.index);
}

/**
 * Lines of at most so many columns, broken at words, where wide characters take two. All but the last one stay as they
 * are when text is added.
 */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(columns, 2);
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => {
      const lines = wrapAnsi(line, width, { hard: true, trim: false }).split('\n');
      // A space at which a line was broken belongs to no line.
      return lines.map((part, at) => (at === 0 ? part : part.replace(/^ /, '')));
    });
}

/** Takes the lines that are complete from the front of a text that grows. */
export function takeLines(text: string, columns: number): { lines: string[]; rest: string } {
  const lines: string[] = [];
  const paragraphs = text.split('\n');
  const open = paragraphs.pop() ?? '';
  for (const paragraph of paragraphs) lines.push(...wrap(paragraph, columns));
  const parts = wrap(open, columns);
  // The open word may still grow into the next line.
  const whole = stringWidth(open) > columns * 2 ? parts.slice(0, -2) : [];
  lines.push(...whole);
  return { lines, rest: parts.slice(whole.length).join(' ') };
}
