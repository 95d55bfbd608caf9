/** What came of an edit of a host's file, and the proof that nothing else of it changed. It touches no disk. */
import { asObject } from '../../../base/json.ts';

export type Edited =
  /** The entry is there, as it should be. */
  | { is: 'same' }
  /** Another one of this name is there, and `force` is not given. */
  | { is: 'taken' }
  /** The file is not one that we can change without a risk for the rest of it. */
  | { is: 'foreign'; why: string }
  | { is: 'changed'; text: string; replaced: boolean };

export type Entry = Readonly<Record<string, unknown>>;

/** What stands at these keys; undefined: nothing. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => {
    const object = asObject(at);
    return object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
  }, root);
}

/** Whether `after` is `before` with this one entry, and no other difference: both as their parser read them. */
export function isOnly(
  before: unknown,
  after: unknown,
  keys: readonly string[],
  entry: Entry,
): boolean {
  return isAlike(withEntry(before, keys, entry), after);
}

export function isAlike(one: unknown, other: unknown): boolean {
  return inOneForm(one) === inOneForm(other);
}

function withEntry(before: unknown, [key, ...rest]: readonly string[], entry: Entry): unknown {
  if (key === undefined) return entry;
  const object = asObject(before) ?? {};
  return { ...object, [key]: withEntry(object[key], rest, entry) };
}

function inOneForm(value: unknown): string {
  return JSON.stringify(sorted(value), (_key, one: unknown) =>
    typeof one === 'bigint' ? `${one}n` : one,
  );
}

/** With the keys of each object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const object = asObject(value);
  if (object === null) return value;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sorted(object[key])]),
  );
}
