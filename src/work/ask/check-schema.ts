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
  const { problemWith } = await import('../../schemas/from-json-schema.ts');
  try {
    const problem = problemWith(answer, schema);
    if (problem === null) return null;
    const place = problem.place === '' ? '' : ` at ${problem.place}`;
    return `the answer does not match the schema${place}: ${problem.message}`;
  } catch {
    return 'the answer is JSON, but the schema uses something that cannot be checked here';
  }
}
