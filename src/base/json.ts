/** Reads values of unknown JSON: never a guess, null for what is not there. And one line of any text. */
import { sequences } from './terminal-sequences.ts';

/** Longest message that is ever shown, in UTF-16 units. */
export const MESSAGE_LIMIT = 500;

export type JsonObject = Readonly<Record<string, unknown>>;

/** JSON as servers write it: `NaN` and `Infinity`, numbers of Python's `json` and of no standard, are null. Throws `SyntaxError`. */
export function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    // A text that does not end is one token, too: from each of its quotes the rest would be read again.
    const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?(?:NaN|Infinity)/gs;
    return JSON.parse(text.replace(tokens, (token) => (token.startsWith('"') ? token : 'null')));
  }
}

/** An object as JSON means it: no list, no null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject | null {
  return isRecord(value) ? value : null;
}

/** `record[key]` if it is the record's own: a gateway or alias called `constructor` is not found by accident. */
export function own<T>(
  record: Readonly<Record<string, T>> | undefined,
  key: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The objects of a list; empty when it is none. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== null) : [];
}

export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** The texts of an array; null when it is none. */
export function asTexts(value: unknown): string[] | null {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
}

/** A whole number of JSON text that JavaScript cannot hold, and that would be sent as another one; null: there is none. `value`: of the text. */
export function lostNumber(text: string, value: unknown): string | null {
  if (!hasLarge(value)) return null;
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [number] of outside.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    const read = Number(number);
    if (!Number.isFinite(read) || (/^-?\d+$/.test(number) && BigInt(number) !== BigInt(read)))
      return number.slice(0, 40);
  }
  return null;
}

function hasLarge(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLarge);
}

/** The value as JSON text; null where it is nested too deeply, or cannot be JSON. */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

/** What a thrown value says. It may be anything, and may throw itself when it is read. */
export function thrownWords(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something that cannot be read was thrown';
  }
}

/** A copy of lists and plain objects; anything else in them is shared. */
export function plainCopy<T>(value: T): T;
export function plainCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => plainCopy(item));
  if (!isRecord(value)) return value;
  const kind: unknown = Object.getPrototypeOf(value);
  if (kind !== Object.prototype && kind !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainCopy(item)]));
}

/** Any JSON with other texts and names; what stays as it was is the same object. `place`: dotted, '' at the top. */
export function withTexts(
  value: unknown,
  textOf: (text: string, place: string) => string,
  nameOf: (name: string) => string,
  place = '',
): unknown {
  if (typeof value === 'string') return textOf(value, place);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const below = (item: unknown, name: string | number): unknown =>
    withTexts(item, textOf, nameOf, `${place}.${name}`);
  if (Array.isArray(value)) {
    const items = value.map(below);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const before: [string, unknown][] = Object.entries(value);
  const after = before.map(([name, item]): [string, unknown] => [nameOf(name), below(item, name)]);
  const isSame = before.every(([name, one], at) => after[at]?.[0] === name && after[at][1] === one);
  return isSame ? value : Object.fromEntries(after);
}

/** What nobody sees, with the sequences that a terminal takes out. White space that is one of these too, but a line end and a tab, is among it. */
const controls = new RegExp(
  `${sequences}|[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ufeff]`,
  'g',
);

/**
 * One line, control characters out, at most 500 characters. Nothing stands in the place of a control character: a key with one in it
 * would be two halves that no search finds.
 */
export function oneLine(text: string): string {
  return shorten(text.replace(controls, '').replace(/\s+/g, ' ').trim(), MESSAGE_LIMIT);
}

/** A sentence as a part of a longer one: without its full stop. */
export function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** At most `limit` UTF-16 units, the last one `…` when something was left out; never half a character. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
