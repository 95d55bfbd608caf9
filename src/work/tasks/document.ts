/** The public JSON of `tasks`, from records and from the gateway's responses. */

import { errorDocument } from '../../base/error-document.ts';
import { CliError, EXIT_OK, type ExitName, exitCodes } from '../../base/errors.ts';
import type { TaskReply } from '../../client/task-reply.ts';
import { sandboxEnded, stepsAfter } from '../../jobs/endings.ts';
import { endsWithProcess } from '../../jobs/hints.ts';
import { unknownCost } from '../../money/amount.ts';
import type { TaskDocument, TasksDocument } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { jobFields } from '../media/document.ts';

/** `error` is of this run; without one the record's earlier error is used. `holder`: the process that works on it. */
export function taskDocument(
  record: TaskRecord,
  error: CliError | null,
  holder: number | null,
): TaskDocument {
  if (error === null && holder === null && endsWithProcess(record)) {
    const over: TaskRecord = { ...record, state: 'gone', status: null };
    return taskDocument(over, sandboxEnded(record), null);
  }
  return {
    ...jobFields(record),
    kind: record.kind,
    state: record.state,
    prompt: record.prompt || null,
    created_at: record.created_at,
    updated_at: record.updated_at,
    error: error === null ? storedError(record) : errorDocument(error),
    in_use: holder !== null,
  };
}

/** A task that only the gateway has. */
export function foreignTask(task: TaskReply, gateway: string): TaskDocument {
  return {
    gateway,
    model: task.model,
    requested_model: null,
    task_id: task.id,
    job_id: null,
    request_id: null,
    status: task.status ?? task.word,
    files: [],
    urls: task.results.flatMap(({ url, urlExpiresAt }) =>
      url === null ? [] : [{ url, expires_at: urlExpiresAt }],
    ),
    usage: task.usage,
    cost: unknownCost,
    kind: 'video',
    state: null,
    prompt: task.prompt,
    created_at: task.createdAt,
    updated_at: null,
    error: null,
    in_use: false,
  };
}

/** The error of a job that failed; null for one that succeeded or is still open. */
export function endOf(record: TaskRecord): CliError | null {
  const { error } = record;
  if (error === null) return null;
  const exit = Object.hasOwn(exitCodes, error.name) ? (error.name as ExitName) : 'task_failed';
  return new CliError(exit, error.message, {
    code: error.code ?? undefined,
    taskId: record.task_id ?? undefined,
    billed: 'unknown',
    next: stepsAfter({ exit, code: error.code }, record.gateway),
  });
}

function storedError(record: TaskRecord): TaskDocument['error'] {
  const error = endOf(record);
  return error === null ? null : errorDocument(error);
}

export function tasksDocument(
  command: string,
  tasks: TaskDocument[],
  warnings: readonly string[],
  error: CliError | null,
): TasksDocument {
  const fields = {
    schema: 'alltoken.tasks.v1' as const,
    command,
    tasks,
    files: tasks.flatMap(({ files }) => files),
    warnings: [...warnings],
  };
  return error === null
    ? { ...fields, ok: true, exit: EXIT_OK }
    : { ...fields, ok: false, exit: error.exitCode, error: errorDocument(error) };
}
