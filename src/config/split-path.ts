/** Splits a dotted path into keys, also for a path that does not exist yet. It uses the shape of the config and changes nothing. */

import { isRecord } from '../base/json.ts';
import { type Shape, shapeBelow } from './config-shape.ts';

export type Split =
  | { keys: string[] }
  /** There is no key `key` below `at`. */
  | { at: string[]; key: string };

/**
 * The keys of a path that may not exist yet, found along the shape of the config. Where the user chooses the keys, a
 * map of plain values takes the whole rest as one key. In a map of objects an existing key counts first (the longest),
 * then a split whose rest is a known path; the whole rest is a new key only when its value is an object.
 */
export function splitPath(
  shape: Shape | undefined,
  value: unknown,
  parts: readonly string[],
  isObject: boolean,
): Split {
  const [first, ...others] = parts;
  if (first === undefined) return { keys: [] };
  if (shape?.kind !== 'record') {
    const next = shapeBelow(shape, first);
    if (next === undefined) return { at: [], key: first };
    const below = isRecord(value) && Object.hasOwn(value, first) ? value[first] : undefined;
    return prepend(first, splitPath(next, below, others, isObject));
  }
  const whole: Split = { keys: [parts.join('.')] };
  if (shape.value.kind === 'leaf') return whole;
  let failure: Split | null = null;
  for (const key of candidates(value, parts)) {
    const rest = parts.slice(key.split('.').length);
    const below = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    const split = prepend(key, splitPath(shape.value, below, rest, isObject));
    if ('keys' in split && (rest.length > 0 || below !== undefined)) return split;
    failure ??= 'key' in split ? split : null;
  }
  return isObject || failure === null ? whole : failure;
}

/** Every beginning of the path as a key: those that exist first, each group from long to short. */
function candidates(value: unknown, parts: readonly string[]): string[] {
  const all = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'));
  const exists = (key: string) => isRecord(value) && Object.hasOwn(value, key);
  return [...all.filter(exists), ...all.filter((key) => !exists(key))];
}

function prepend(key: string, split: Split): Split {
  return 'keys' in split
    ? { keys: [key, ...split.keys] }
    : { at: [key, ...split.at], key: split.key };
}
