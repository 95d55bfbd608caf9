/** Tables: aligned for a person, tab-separated for a pipe, stacked where the terminal is too narrow. No cell is ever cut. */
import CliTable from 'cli-table3';
import type { Table } from '../../schemas/events.ts';
import { cleanForTerminal } from './sanitize.ts';

/** One row a line, no head, so that cut and awk need no options. `first`: a word before each row. */
export function tabSeparated({ rows }: Table, first?: string): string {
  return rows
    .map((row) => (first === undefined ? row : [first, ...row]))
    .map((row) => `${row.map(inOneLine).join('\t')}\n`)
    .join('');
}

/** A line break in a name of a server would look like another row, and a tab like another column. */
function inOneLine(cell: string): string {
  return cell.replace(/[\t-\r\u0085\u2028\u2029]+/g, ' ');
}

/** Also for what stands above a table. */
export function cleanCell(cell: string): string {
  return cleanForTerminal(inOneLine(cell));
}

/**
 * The first form that fits: as it is, with less room between the columns, with the words of the head below one another,
 * without the columns that may go. Then names with values are wrapped, and rows of more are stacked. `columns`: the width of the terminal; undefined where nobody
 * knows. `bold` paints the head.
 */
export function drawTable(
  table: Table,
  columns: number | undefined,
  bold: (text: string) => string,
): string {
  const clean = {
    ...table,
    // The keys may be a gateway's own field names.
    head: table.head.map(cleanCell),
    rows: table.rows.map((row) => row.map(cleanCell)),
  };
  for (let dropped = 0; dropped <= (table.optional?.length ?? 0); dropped += 1) {
    const part = without(clean, dropped);
    for (const [form, gap] of [
      [part, 2],
      [part, 1],
      [{ ...part, head: part.head.map((name) => name.replaceAll(' ', '\n')) }, 1],
    ] as const) {
      const { text, width } = draw(form, gap, bold);
      if (columns === undefined || width <= columns) return text;
    }
  }
  return isNamesAndValues(clean) ? wrapped(clean, columns ?? 80) : stacked(clean);
}

/** Without the first `count` of the columns that may go. */
function without(table: Table, count: number): Table {
  const gone = new Set(table.optional?.slice(0, count));
  if (gone.size === 0) return table;
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => !gone.has(index));
  return {
    head: keep(table.head),
    rows: table.rows.map(keep),
    ...(table.align ? { align: keep(table.align) } : {}),
  };
}

const parts = ['top', 'bottom', 'left', 'right', 'mid', 'middle'];
const noLines = Object.fromEntries(
  [...parts, ...parts.flatMap((a) => parts.map((b) => `${a}-${b}`))].map((name) => [name, '']),
);

function draw(
  { head, align, rows }: Table,
  gap: number,
  bold: (text: string) => string,
  widths?: readonly (number | null)[],
): { text: string; width: number } {
  const table = new CliTable({
    head: [...head],
    colAligns: [...(align ?? [])],
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    ...(widths ? { colWidths: [...widths], wordWrap: true } : {}),
  });
  // A row of nothing is as long as the table is wide: counting the characters of another would count a wide one as one.
  const blank = Array.from({ length: Math.max(head.length, rows[0]?.length ?? 0) }, () => '');
  table.push(...rows.map((row) => [...row]), blank);
  const lines = table.toString().split('\n');
  const width = (lines.pop() ?? '').length - gap;
  // Painted when it is drawn: the table would count the colour of a cell in every line below it.
  const headLines = Math.max(0, ...head.map((name) => name.split('\n').length));
  const painted = lines.map((line, at) => (at < headLines ? bold(line.trimEnd()) : line.trimEnd()));
  return { text: painted.map((line) => `${line}\n`).join(''), width };
}

function isNamesAndValues({ head, rows }: Table): boolean {
  return head.length === 0 && rows.every((row) => row.length === 2);
}

/** The name, and its value in as many lines as it takes; below one another where nothing of use would be left beside it. */
function wrapped(table: Table, columns: number): string {
  const name = draw({ head: [], rows: table.rows.map((row) => row.slice(0, 1)) }, 2, String).width;
  const room = columns - name - 2;
  const longest = table.rows
    .flatMap((row) => (row[1] ?? '').split(/\s/))
    .map(({ length }) => length);
  if (room < 16 || Math.max(0, ...longest) > room)
    return table.rows.map((row) => `${folded(row.join(': '), columns)}\n`).join('');
  return draw(table, 2, String, [null, room + 2]).text;
}

function stacked({ head, rows }: Table): string {
  return rows
    .map((row) => `${row.map((cell, index) => label(head[index], cell)).join('\n')}\n`)
    .join('\n');
}

/** Broken between words, with the rest below it, a little to the right; as it is where a word would still not fit. */
function folded(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else line = longer;
  }
  lines.push(line);
  return lines.some((part) => widthOf(part) > columns) ? text : lines.join('\n');
}

function widthOf(text: string): number {
  return draw({ head: [], rows: [[text]] }, 0, String).width;
}

function label(name: string | undefined, cell: string): string {
  return name === undefined || name === '' ? cell : `${name}: ${cell}`;
}
