/** Makes any JSON of a server small enough to be written and read again, without secrets. It keeps what is usual unchanged, and judges nothing. */
import { shorten } from './json.ts';
import { redact } from './redact.ts';

/** Objects and lists within each other; what is deeper is left out. */
const MAX_DEPTH = 8;
/** Entries of all objects and lists together. */
const MAX_ENTRIES = 500;
/** Of one text, in UTF-16 units. */
const MAX_TEXT = 500;
const MAX_NAME = 100;
/** Of all texts and names together, in UTF-16 units. */
const MAX_TOTAL = 16_000;

/** What stands for the left-out. */
const leftOut = '…';

/** A shorter key would be found in the middle of words that have nothing to do with it. */
const SHORTEST_SECRET = 12;

/** The key to look for in what a server sent; null for one that is too short to be told from other text. */
export function secretOf(key: string | null): string | null {
  return key !== null && key.length >= SHORTEST_SECRET ? key : null;
}

/** One line of text of a server, without secrets. */
export function boundedText(text: string, key: string | null, limit = MAX_TEXT): string {
  return shorten(redact(text, secretOf(key)), limit);
}

interface Room {
  entries: number;
  total: number;
}

/**
 * `value` is any result of JSON.parse. What does not fit is left out, and `…` stands for it; in an object numbers go
 * first and then texts, and no object or list takes more than half of the room, so that counts survive beside anything.
 */
export function boundedJson(value: unknown, key: string | null): unknown {
  return copy(value, 0, { entries: MAX_ENTRIES, total: MAX_TOTAL }, secretOf(key));
}

function copy(value: unknown, depth: number, room: Room, secret: string | null): unknown {
  if (typeof value === 'string') return text(value, MAX_TEXT, room, secret);
  if (typeof value === 'number')
    return secret !== null && String(value).includes(secret) ? leftOut : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return leftOut;
  const half = { entries: Math.ceil(room.entries / 2), total: Math.ceil(room.total / 2) };
  const before = { ...half };
  const kept = Array.isArray(value)
    ? list(value, depth + 1, half, secret)
    : object(value as Record<string, unknown>, depth + 1, half, secret);
  room.entries -= before.entries - half.entries;
  room.total -= before.total - half.total;
  return kept;
}

function text(words: string, limit: number, room: Room, secret: string | null): string {
  const kept = shorten(redact(words, secret), Math.max(1, Math.min(limit, room.total)));
  room.total -= kept.length;
  return kept;
}

function list(
  items: readonly unknown[],
  depth: number,
  room: Room,
  secret: string | null,
): unknown[] {
  const kept: unknown[] = [];
  for (const item of items) {
    if (isFull(room)) return [...kept, leftOut];
    room.entries -= 1;
    kept.push(copy(item, depth, room, secret));
  }
  return kept;
}

function object(
  fields: Record<string, unknown>,
  depth: number,
  room: Room,
  secret: string | null,
): Record<string, unknown> {
  const names = Object.keys(fields);
  const kept = new Map<string, [string, unknown]>();
  for (const rank of [0, 1, 2])
    for (const name of names) {
      if (rankOf(fields[name]) !== rank || isFull(room)) continue;
      room.entries -= 1;
      const shown = text(name, MAX_NAME, room, secret);
      kept.set(name, [shown, copy(fields[name], depth, room, secret)]);
    }
  const inOrder = names.flatMap((name) => {
    const entry = kept.get(name);
    return entry === undefined ? [] : [entry];
  });
  const isWhole = inOrder.length === names.length;
  return Object.fromEntries(isWhole ? inOrder : [...inOrder, [leftOut, leftOut]]);
}

function rankOf(value: unknown): number {
  if (typeof value === 'string') return 1;
  return typeof value === 'object' && value !== null ? 2 : 0;
}

function isFull({ entries, total }: Room): boolean {
  return entries <= 0 || total <= 0;
}
