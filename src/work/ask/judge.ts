/** Whether an answer is what was asked for: whole, not empty, and valid for `--schema`. */
import { CliError } from '../../base/errors.ts';
import { oneLine } from '../../base/json.ts';
import type { Answer } from '../../client/answer.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { BodyParts } from './body.ts';
import type { AskOptions } from './options.ts';

/** Problems of an answer that was transferred completely: warnings, or with --strict an error. */
export async function* judge(
  { strict: isStrict }: Pick<AskOptions, 'strict'>,
  { schema }: Pick<BodyParts, 'schema'>,
  answer: Answer,
): AsyncGenerator<OutputEvent, void, undefined> {
  const problems: string[] = [];
  const isCut = answer.ending === 'length';
  const reason = oneLine(answer.finishReason ?? '');
  if (isCut) problems.push(`the answer was cut at the token limit (finish_reason ${reason})`);
  else if (answer.isEmpty) problems.push('the answer is empty');
  if (answer.ending === 'unknown')
    problems.push(`the finish_reason ${reason} is not known: the answer may be incomplete`);
  if (schema !== null) {
    const problem = await checkAgainstSchema(answer.text.whole, schema);
    if (problem !== null) problems.push(problem);
  }
  const [first] = problems;
  const strict = isStrict === true && first !== undefined;
  for (const message of strict ? problems.slice(1) : problems) yield { type: 'warning', message };
  if (strict)
    throw new CliError('partial', `--strict: ${first}`, {
      code: isCut ? 'length' : 'not_as_asked',
      billed: 'yes',
      next: isCut
        ? { do: 'set-flag', flag: '--max-tokens', ...twice(answer), why: 'allow a longer answer' }
        : { do: 'leave-out', flag: '--strict', why: 'take such an answer, with a warning' },
      requestId: answer.requestId ?? undefined,
    });
}

/** A limit that allows twice as much as came, where that is known. */
function twice({ usage }: Answer): { value: string } | { fill: string } {
  const tokens = usage?.completion_tokens ?? 0;
  return tokens > 0 ? { value: String(2 * tokens) } : { fill: '<count>' };
}

/** Validates the answer against `--schema`, since gateways do not enforce it reliably. What is wrong, in one line; null when it is valid. */
async function checkAgainstSchema(
  text: string | null,
  schema: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  let answer: unknown;
  try {
    answer = JSON.parse(text ?? '');
  } catch {
    return 'the answer is not JSON, but --schema requires it';
  }
  const { problemWith } = await import('../../base/json-schema-problem.ts');
  try {
    const problem = problemWith(answer, schema);
    if (problem === null) return null;
    const place = problem.place === '' ? '' : ` at ${problem.place}`;
    return `the answer does not match the schema${place}: ${problem.message}`;
  } catch {
    return 'the answer is JSON, but the schema uses a feature that cannot be checked here';
  }
}
