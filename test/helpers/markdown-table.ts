/** The rows of a Markdown table as cells. It knows no markup within them. */
import type { Page } from './documents.ts';

/** The table under this head, whose blanks do not count; no rows where there is none. */
export function rowsUnder({ text }: Page, head: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.replace(/\s+/g, ' ') === head);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  if (start === -1) return [];
  return lines
    .slice(start + 2, end === -1 ? undefined : end)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}
