/** Looking up a name that a person chose in a plain object, without meeting what every object inherits. */

/** `record[key]` if it is the record's own: a gateway or alias called `constructor` is not found by accident. */
export function own<T>(
  record: Readonly<Record<string, T>> | undefined,
  key: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** An object as JSON means it: no list, no null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
