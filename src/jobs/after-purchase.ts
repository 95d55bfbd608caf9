/** Corrects an error once a task may have been bought: the same message, but never "nothing was bought". It handles no error itself. */
import { diskRemedy, errnoWords } from '../base/errno.ts';
import { CliError, SignalReceived, systemErrorCode } from '../base/errors.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { resumeStep } from './hints.ts';
import type { Job } from './job.ts';

/** Turns anything thrown while a job runs into a `CliError`: a signal, a failure of the disk, or the error itself. */
export function jobError(thrown: unknown, record: TaskRecord): unknown {
  if (thrown instanceof SignalReceived)
    return new CliError(thrown.exit, thrown.message, { billed: 'unknown' });
  const code = systemErrorCode(thrown);
  if (thrown instanceof CliError || code === undefined) return thrown;
  const saved = record.body === null ? '' : `; the result is saved in ${record.body}`;
  return new CliError('local_io', `cannot save the files of the job: ${errnoWords(code)}${saved}`, {
    code,
    billed: 'unknown',
    cause: thrown,
  });
}

/** The error with the correct `billed`. Unchanged before there is a task, or a result without one. */
export function billedError(error: CliError, { task_id: taskId, state }: TaskRecord): CliError {
  const isHere = state === 'received' || state === 'done' || state === 'gone';
  const isBought = taskId !== null || isHere;
  if (!isBought || error.exit === 'task_failed' || error.exit === 'refused') return error;
  const billed = isHere || error.details.billed === 'yes' ? 'yes' : 'unknown';
  return new CliError(error.exit, error.message, { ...error.details, billed });
}

/**
 * For the command that buys: 2x and 3x would mean that it may be run again, which would buy again. So they become
 * still_running (the task goes on) or partial (the result exists, but not all of it is saved); the cause stays in
 * message and code.
 */
export function buyersError(error: CliError, record: TaskRecord): CliError {
  const corrected = billedError(error, record);
  const isBought = record.task_id !== null || record.state === 'received';
  if (!isBought || !corrected.mayRunAgain || corrected.exit === 'refused') return corrected;
  const exit = record.state === 'received' ? 'partial' : 'still_running';
  const needsKey = corrected.exit === 'auth' || corrected.exit === 'no_key';
  return new CliError(exit, corrected.message, {
    ...corrected.details,
    code: corrected.details.code ?? corrected.exit,
    ...(needsKey ? { next: { ...resumeStep(record), first: 'fix the key' } } : {}),
  });
}

/** A failure of this machine's disk after the purchase. Other errors are returned unchanged. */
export function diskError(error: unknown, job: Job, what: string): unknown {
  if (error instanceof CliError) return error;
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  const saved = job.record.body === null ? '' : `; the result is saved in ${job.record.body}`;
  return new CliError('local_io', `cannot save ${what}: ${errnoWords(code)}${saved}`, {
    code,
    billed: 'yes',
    taskId: job.record.task_id ?? undefined,
    next: full
      ? { ...resumeStep(job.record), first: diskRemedy(code) }
      : resumeStep(job.record, [], '-o <directory>'),
    cause: error,
  });
}
