/** Finds the job with a given id. It never picks one of several. */

import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { shownId } from '../../jobs/hints.ts';
import type { Journal } from '../../jobs/journal.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

/** What is shorter is the mark that all ids begin with (`igen_`, `vgen_`, `job_`). */
const SHORTEST = 6;

/** So many candidates are named. */
const NAMED = 10;

/** Our id or the gateway's, or a prefix of one; null when the journal has none. Throws `CliError` usage for several. */
export async function findRecord(id: string, journal: Journal): Promise<TaskRecord | null> {
  const { records } = await journal.list();
  const exact = records.find((record) => record.id === id || record.task_id === id);
  if (exact !== undefined || id.length < SHORTEST) return exact ?? null;
  const near = records.filter(
    (record) => record.id.startsWith(id) || (record.task_id?.startsWith(id) ?? false),
  );
  if (near.length > 1)
    throw new CliError('usage', `${id} matches ${near.length} tasks`, {
      code: 'ambiguous_id',
      next: { do: 'did-you-mean', values: near.slice(-NAMED).map((record) => shownId(record)) },
    });
  return near[0] ?? null;
}

export function unknownTask(id: string): CliError {
  const short =
    id.length < SHORTEST ? `; a beginning needs ${SHORTEST} characters, as many as igen_1` : '';
  return new CliError('not_found', `no task ${id.slice(0, 100)} in the journal${short}`, {
    code: 'unknown_task',
    billed: 'no',
    next: runStep(['tasks']),
  });
}
