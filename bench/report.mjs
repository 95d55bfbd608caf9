/** Turns measured rows into markdown; it measures nothing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, type } from 'node:os';
import { newerNode, packageVersion } from './contestants.mjs';

/** What the numbers depend on; no names of hosts, users or directories. */
export function machineFacts({ python, curl, jq }) {
  const cpu = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores`;
  return [
    `- ${new Date().toISOString().slice(0, 10)}, alltoken ${packageVersion('')}`,
    `- ${cpu}, ${type()} ${arch()}, Node ${process.versions.node}${newerNode ? `, newer Node ${newerNode.label}` : ''}`,
    `- Python ${python?.label ?? 'n/a'}, curl ${curl?.label ?? 'n/a'}, jq ${jq?.label ?? 'n/a'}, ` +
      `openai ${packageVersion('openai')}, eventsource-parser ${packageVersion('eventsource-parser')}`,
  ].join('\n');
}

function number(value) {
  if (value === undefined) return '';
  return value === null ? 'n/a' : value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function verdict(met) {
  if (met === undefined) return '';
  return met === null ? 'n/a' : met ? 'yes' : 'NO';
}

/** One section as a table, padded as the formatter pads the README. */
export function sectionTable({ title, unit, rows }, runs) {
  const count = `${runs} ${runs === 1 ? 'run' : 'runs'}`;
  const head = [`${title}: ${count}`, `median ${unit}`, 'min', 'p90', 'ratio', 'bar', 'met?'];
  const body = rows.map((row) => {
    const numbers = [row.median, row.min, row.p90, row.ratio].map(number);
    return [row.name, ...numbers, row.bar ?? '', verdict(row.met)];
  });
  const isNumber = (column) => column > 0 && column < head.length - 1;
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((cells) => cells[column].length)),
  );
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const padded = (cells) =>
    line(
      cells.map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      ),
    );
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [padded(head), line(rule), ...body.map(padded)].join('\n');
}

/** The last line of a report: how many bars were met. */
export function summary(tables) {
  const judged = tables.flatMap(({ rows }) => rows).filter(({ met }) => typeof met === 'boolean');
  return `Bars met: ${judged.filter(({ met }) => met).length} of ${judged.length}.`;
}

/** Replaces the last table in a file; throws when the markers are not there. */
export function saveBetweenMarkers(path, text) {
  const [open, close] = ['<!-- last table -->', '<!-- /last table -->'];
  const before = readFileSync(path, 'utf8');
  const start = before.lastIndexOf(`\n${open}\n`);
  const end = before.lastIndexOf(`\n${close}\n`);
  if (start < 0 || end < start) throw new Error(`no ${open} … ${close} in the README`);
  writeFileSync(path, `${before.slice(0, start)}\n${open}\n\n${text}\n${before.slice(end)}`);
}
