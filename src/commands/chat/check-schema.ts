/** Holds an answer against the JSON Schema that was asked for. It is the last word on `--schema`: gateways promise, models forget. */

/** What is wrong, in one line; null when the answer is valid. */
export async function checkAgainstSchema(
  text: string | null,
  schema: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  let answer: unknown;
  try {
    answer = JSON.parse(text ?? '');
  } catch {
    return 'the answer is not JSON, though --schema asked for it';
  }
  const z = await import('zod');
  let validator: ReturnType<typeof z.fromJSONSchema>;
  try {
    validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return 'the answer is JSON, but the schema uses something that cannot be checked here';
  }
  const result = validator.safeParse(answer);
  if (result.success) return null;
  const [issue] = result.error.issues;
  const place = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  return `the answer does not match the schema${place}: ${issue?.message ?? 'invalid'}`;
}
