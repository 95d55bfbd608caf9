/** Block quotes and list items: which of the open ones a line goes on, which it begins, and what stands before its text. */
import type { LineStart } from './source.ts';
import { change, GREY, PLAIN } from './style.ts';
import { noPrefix, type Prefix } from './wrapper.ts';

export type Container =
  | { kind: 'quote' }
  /** `offset`: columns of the source that its lines are indented by. `marker`: as it is printed, with its space. */
  | { kind: 'item'; offset: number; marker: string };

/** What is nested deeper is text: no screen has room for it, and each level costs a look on each line. */
export const MAX_DEPTH = 24;

/** How many of the open containers the line goes on; their markers and indents are taken. */
export function goOn(open: readonly Container[], line: LineStart): number {
  for (const [index, container] of open.entries()) if (!goesOn(container, line)) return index;
  return open.length;
}

function goesOn(container: Container, line: LineStart): boolean {
  if (container.kind === 'quote') return takeQuote(line);
  if (line.isBlank()) return true;
  if (line.indent(container.offset) < container.offset) return false;
  line.skip(container.offset);
  return true;
}

/** As `goOn`, inside of a fence: a line of code may be indented less than its list item, as models often write it. */
export function goOnInFence(open: readonly Container[], line: LineStart): boolean {
  for (const container of open) {
    if (container.kind === 'item') line.skip(container.offset);
    else if (!takeQuote(line)) return false;
  }
  return true;
}

function takeQuote(line: LineStart): boolean {
  const indent = line.indent(4);
  const back = line.place();
  line.skip(indent);
  if (indent > 3 || line.peek() !== '>') {
    line.goBack(back);
    return false;
  }
  line.take(1);
  line.skip(1);
  return true;
}

/** The container that begins where `line` stands, behind its indent of `indent` columns; null: none. `breaksParagraph`: an empty item would be text. */
export function beginContainer(
  line: LineStart,
  indent: number,
  breaksParagraph: boolean,
): Container | null {
  if (line.peek() === '>') {
    line.take(1);
    line.skip(1);
    return { kind: 'quote' };
  }
  const marker = listMarker(line);
  if (marker === null) return null;
  const after = line.peek(marker.length);
  if (after !== ' ' && after !== '\t' && after !== '') return null;
  const isEmpty = line.isBlank(marker.length);
  if (isEmpty && breaksParagraph) return null;
  line.take(marker.length);
  const spaces = line.indent(5);
  const inside = isEmpty || spaces > 4 ? 1 : spaces;
  line.skip(inside);
  const offset = indent + marker.length + inside;
  const box = taskBox(line);
  if (box !== '') line.take(3);
  if (box !== '') line.skip(1);
  const bullet = /\d/.test(marker) ? `${marker} ` : '• ';
  return {
    kind: 'item',
    offset,
    marker: box === '' ? bullet : `${/\d/.test(marker) ? bullet : ''}${box} `,
  };
}

/** `-`, `*`, `+`, `1.` or `1)`; null: none. */
function listMarker(line: LineStart): string | null {
  const first = line.peek();
  if (first === '-' || first === '*' || first === '+') return first;
  let digits = '';
  while (digits.length < 10 && /^\d$/.test(line.peek(digits.length)))
    digits += line.peek(digits.length);
  const end = line.peek(digits.length);
  return digits !== '' && digits.length < 10 && (end === '.' || end === ')') ? digits + end : null;
}

/** The box of a task; '' where there is none. */
function taskBox(line: LineStart): string {
  if (line.peek() !== '[') return '';
  const [mark, end, space] = [line.peek(1), line.peek(2), line.peek(3)];
  return (mark === ' ' || mark === 'x' || mark === 'X') &&
    end === ']' &&
    (space === ' ' || space === '\t')
    ? `[${mark}]`
    : '';
}

/**
 * What stands before the text of a line in these containers. Those from `fresh` on begin on this line. Indents take half
 * of the line at most.
 */
export function prefixOf(
  containers: readonly Container[],
  fresh: number,
  columns: number,
  colour: boolean,
): Prefix {
  if (containers.length === 0) return noPrefix;
  let first = '';
  let rest = '';
  for (const [index, container] of containers.entries()) {
    const mark = container.kind === 'quote' ? '│ ' : container.marker;
    const indent = container.kind === 'quote' ? mark : ' '.repeat(mark.length);
    if (rest.length + indent.length <= columns / 2) {
      first += index < fresh ? indent : mark;
      rest += indent;
    } else if (index >= fresh)
      first = first.slice(0, Math.max(0, rest.length - mark.length)) + mark;
  }
  const width = Math.max(first.length, rest.length);
  return {
    first: paint(first.padEnd(width), colour),
    rest: paint(rest.padEnd(width), colour),
    width,
  };
}

/** With its bars in grey. */
function paint(prefix: string, colour: boolean): string {
  return colour && prefix.includes('│')
    ? prefix.replace(/│(?: *│)*/g, (bars) => change(PLAIN, GREY) + bars + change(GREY, PLAIN))
    : prefix;
}
