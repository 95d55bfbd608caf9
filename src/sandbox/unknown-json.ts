/** Narrowing of JSON that a client sent. It takes nothing for granted and never throws. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value when it is an object, and not an array; else null. */
export function asObject(value: unknown): JsonObject | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return value as JsonObject;
}
