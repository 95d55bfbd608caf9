/** Tables: drawn for a person, tab-separated for a pipe, stacked where the terminal is too narrow. Nothing is ever cut. */
import CliTable from 'cli-table3';
import type { Table } from '../events.ts';
import { cleanForTerminal } from './sanitize.ts';

/** One row a line, no head, so that cut and awk need no options. */
export function tabSeparated({ rows }: Table): string {
  return rows
    .map((row) => `${row.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`)
    .join('');
}

/** `columns`: the width of the terminal; undefined where nobody knows. */
export function drawTable({ head, rows }: Table, columns: number | undefined): string {
  const clean = rows.map((row) => row.map((cell) => cleanForTerminal(cell)));
  const table = new CliTable({ head: [...head], style: { head: [], border: [] } });
  table.push(...clean);
  const drawn = table.toString();
  const width = drawn.indexOf('\n') === -1 ? drawn.length : drawn.indexOf('\n');
  return columns !== undefined && width > columns ? stacked(head, clean) : `${drawn}\n`;
}

function stacked(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => `${row.map((cell, index) => `${head[index] ?? ''}: ${cell}`).join('\n')}\n`)
    .join('\n');
}
