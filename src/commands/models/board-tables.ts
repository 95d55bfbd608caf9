/** Tables of any JSON: the boards of gateways have no promised shape, and none may break the output. */

import { asObject, type JsonObject, shorten } from '../../base/json.ts';
import type { OutputDocumentEvent, Section, Table } from '../../schemas/events.ts';

export interface BoardView {
  /** For entries without a section of their own. */
  title: string;
  /** Rows of each table; undefined: all. */
  limit: number | undefined;
  /** Long nested values are cut for people, never for a pipe. */
  forPeople: boolean;
}

/** `left`: how many rows the limit left out. */
export function boardContent(
  data: unknown,
  view: BoardView,
): { content: OutputDocumentEvent['content']; left: number } {
  const sections = sectionsOf(data, view).filter(({ table }) => table.rows.length > 0);
  const left = sections.reduce((sum, section) => sum + section.left, 0);
  const [first, ...others] = sections;
  if (first === undefined) return { content: { text: '' }, left };
  if (others.length === 0 && first.title === '') return { content: { table: first.table }, left };
  const titled = sections.map(({ title, table }) => ({ title: title || view.title, table }));
  return { content: { sections: titled }, left };
}

type CountedSection = Section & { left: number };

function sectionsOf(data: unknown, view: BoardView): CountedSection[] {
  const whole = asObject(data);
  if (whole === null)
    return Array.isArray(data) ? [listSection('', data, view)] : scalarSection(data);
  const entries = Object.entries(whole);
  const parts = entries.filter(([, value]) => isPart(value));
  const facts = entries.filter(([, value]) => !isPart(value));
  const sections = facts.length === 0 ? [] : [factSection('', facts, view)];
  for (const [title, value] of parts)
    sections.push(
      Array.isArray(value)
        ? listSection(title, value, view)
        : factSection(title, Object.entries(value as JsonObject), view),
    );
  return sections;
}

/** Worth a table of its own: a list, or an object. */
function isPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function scalarSection(value: unknown): CountedSection[] {
  if (value === null || value === '') return [];
  return [{ title: '', table: { head: [], rows: [[String(value)]] }, left: 0 }];
}

function factSection(
  title: string,
  entries: readonly (readonly [string, unknown])[],
  view: BoardView,
): CountedSection {
  const { shown, left } = limited(entries, view);
  const rows = shown.map(([name, value]) => [name, cellOf(value, view)]);
  return { title, table: { head: [], rows }, left };
}

function listSection(title: string, items: readonly unknown[], view: BoardView): CountedSection {
  const { shown, left } = limited(items, view);
  return { title, table: listTable(shown, view), left };
}

/** A column for each field that any item has, in the order of their first coming. */
function listTable(items: readonly unknown[], view: BoardView): Table {
  const objects = items.map(asObject);
  if (objects.some((object) => object === null))
    return { head: [], rows: items.map((item) => [cellOf(item, view)]) };
  const names = [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))];
  const isNumeric = (name: string): boolean =>
    objects.every((object) => object?.[name] == null || typeof object[name] === 'number');
  return {
    head: names,
    align: names.map((name) => (isNumeric(name) ? 'right' : 'left')),
    rows: objects.map((object) => names.map((name) => cellOf(object?.[name], view))),
  };
}

function limited<T>(
  items: readonly T[],
  { limit }: BoardView,
): { shown: readonly T[]; left: number } {
  const shown = items.slice(0, limit ?? items.length);
  return { shown, left: items.length - shown.length };
}

/** One value as text; an object or a list is JSON. */
export function cellOf(value: unknown, { forPeople }: Pick<BoardView, 'forPeople'>): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  const json = JSON.stringify(value);
  return forPeople ? shorten(json, 60) : json;
}
