/** Markdown as a terminal of some width gets it. */
import { MarkdownText } from '../../src/cli/render/markdown/markdown.ts';

export interface MarkdownLook {
  columns?: number;
  colour?: boolean;
}

/** What is printed of an answer that comes in these pieces. */
export function printed(pieces: readonly string[], look: MarkdownLook = {}): string {
  const { columns = 80, colour = true } = look;
  const text = new MarkdownText({ columns: () => columns, colour });
  return pieces.map((piece) => text.push(piece)).join('') + text.end();
}

/** Without styles. */
export function unstyled(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles begin with one
  return text.replace(/\u001b\[[\d;]*m/g, '');
}

/** Text of one piece, without styles. */
export function layout(text: string, columns = 80): string {
  return unstyled(printed([text], { columns }));
}
