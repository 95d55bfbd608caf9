/** Dotted paths into the config, where a key may itself contain dots (model ids, names of gateways). It changes no value in place. */
import { isRecord } from '../base/json.ts';

/** The keys of an existing path, the longest existing key first; null when the path does not exist. */
export function findKeys(value: unknown, path: string): string[] | null {
  return follow(value, path.split('.'));
}

function follow(value: unknown, parts: readonly string[]): string[] | null {
  if (parts.length === 0) return [];
  if (!isRecord(value)) return null;
  for (let length = parts.length; length > 0; length -= 1) {
    const key = parts.slice(0, length).join('.');
    if (!Object.hasOwn(value, key)) continue;
    const rest = follow(value[key], parts.slice(length));
    if (rest !== null) return [key, ...rest];
  }
  return null;
}

/** The value at a path. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
}

/** A copy with another value at a path; missing objects on the way are created. */
export function withValue(value: unknown, keys: readonly string[], leaf: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return leaf;
  const record = isRecord(value) ? value : {};
  const below = Object.hasOwn(record, key) ? record[key] : undefined;
  return { ...record, [key]: withValue(below, rest, leaf) };
}

/** A copy without a path, and without the objects that this leaves empty. */
export function withoutValue(value: unknown, keys: readonly string[]): unknown {
  const [key, ...rest] = keys;
  if (key === undefined || !isRecord(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: below, ...others } = value;
  if (rest.length === 0) return others;
  const left = withoutValue(below, rest);
  return isRecord(left) && Object.keys(left).length === 0 ? others : { ...value, [key]: left };
}
