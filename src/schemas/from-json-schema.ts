/** A validator made from the JSON Schema of a user. A file of its own: only `--schema` loads all of zod. */
import { fromJSONSchema } from 'zod';

export interface SchemaProblem {
  /** Dotted place in the value; '' for the value itself. */
  place: string;
  message: string;
}

/** The first problem, or null when the value is valid. Throws when the schema uses something that zod cannot check. */
export function problemWith(
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
): SchemaProblem | null {
  const result = fromJSONSchema(schema as Parameters<typeof fromJSONSchema>[0]).safeParse(value);
  if (result.success) return null;
  const [issue] = result.error.issues;
  return { place: issue?.path.map(String).join('.') ?? '', message: issue?.message ?? 'invalid' };
}
