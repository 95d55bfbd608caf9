/** Text as lines of a terminal. It draws nothing. */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Without the last character as a person counts them: a family of emoji is one. */
export function withoutLast(text: string): string {
  const last = graphemes.segment(text).containing(text.length - 1);
  return last === undefined ? '' : text.slice(0, last.index);
}

/**
 * Lines of at most so many columns, broken at spaces or beside wide characters, which take two. All but the last one stay
 * as they are when text is added, so that they can be printed while the text still grows.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  // Where the line may be broken; 0: nowhere.
  let breakAt = 0;
  const end = (whole: string, rest: string): void => {
    lines.push(whole);
    line = rest;
    width = stringWidth(rest);
    breakAt = 0;
  };
  for (const { segment } of graphemes.segment(text.replaceAll('\t', '    '))) {
    const more = stringWidth(segment);
    if (segment === '\n' || segment === '\r\n') {
      end(line, '');
      continue;
    }
    if (line !== '' && width + more > columns) {
      if (segment === ' ') {
        end(line, '');
        continue;
      }
      if (breakAt === 0) end(line, '');
      else end(line.slice(0, breakAt).trimEnd(), line.slice(breakAt));
    }
    line += segment;
    width += more;
    const isBreak = more === 2 || (segment === ' ' && line.trim() !== '');
    if (isBreak) breakAt = line.length;
  }
  return [...lines, line];
}
