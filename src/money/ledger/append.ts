/** Writes the ledger: one line before a paid request, one after. Append-only, a file a month; no prompt and no answer in it, no key, and no line that could not be read again. */
import { boundedJson, boundedText } from '../../base/bounded-json.ts';
import type { Deps } from '../../base/deps.ts';
import { asObject } from '../../base/json.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';

type LedgerDeps = Pick<Deps, 'files' | 'clock' | 'path'>;

const lacks = { intent: 'this call', outcome: 'the outcome of this call' };

/** A handle of a task may be long. */
const MAX_TASK_ID = 8000;

/**
 * Appends one line with one write(). `key`: is taken out of what a server sent. Returns null, or why the line is not there:
 * a ledger that cannot be written never costs the answer.
 */
export async function appendLedger(
  directory: string,
  line: IntentLine | OutcomeLine,
  key: string | null,
  deps: LedgerDeps,
): Promise<string | null> {
  const { join } = deps.path;
  const file = join(directory, `${line.at.slice(0, 7)}.jsonl`);
  const text = JSON.stringify(bounded(line, key));
  try {
    try {
      await deps.files.appendLine(file, text, 'often');
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
      await deps.files.makeDirectory(directory);
      await deps.files.appendLine(file, text, 'often');
    }
    return null;
  } catch (error) {
    const { code } = error as { code?: unknown };
    return `the ledger in ${directory} cannot be written (${typeof code === 'string' ? code : 'unknown error'}); ${lacks[line.event]} is not in it`;
  }
}

function bounded(line: IntentLine | OutcomeLine, key: string | null): IntentLine | OutcomeLine {
  if (line.event === 'intent') return { ...line, model: boundedText(line.model, key) };
  const { model, requested_model: requested, request_id: requestId, task_id: taskId } = line;
  return {
    ...line,
    model: model === null ? null : boundedText(model, key),
    requested_model: boundedText(requested, key),
    request_id: requestId === null ? null : boundedText(requestId, key),
    ...(taskId == null ? {} : { task_id: boundedText(taskId, key, MAX_TASK_ID) }),
    usage: asObject(boundedJson(line.usage, key)),
  };
}
