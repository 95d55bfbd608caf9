/** Ends a job without a result: failed, cancelled, expired, gone. It records the reason and returns it as an error; it sends nothing. */

import { CliError, type ExitName } from '../base/errors.ts';
import { withoutFullStop } from '../base/json.ts';
import { type NextSteps, say } from '../base/next-step.ts';
import { statusOf, type TaskReply } from '../client/task-reply.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { orderAgain } from './hints.ts';
import type { Job } from './job.ts';
import type { JobContext } from './job-context.ts';

const resultGone = say('the result is gone; a new one needs a new run, which is billed again');

/** What is left to do after a job that is over: resuming it again cannot help. Absent: it depends on the error. */
const steps: Partial<Record<ExitName, NextSteps>> = {
  already_retrieved: resultGone,
  expired: resultGone,
  refused: say('change the prompt; the same one will be refused again'),
  partial: say('the others will not come; a new run is billed again'),
};

/** For a job whose record has this error. */
export function stepsAfter(
  { exit, code }: { exit: ExitName; code?: string | null | undefined },
  gateway?: string,
): NextSteps | undefined {
  if (code === SANDBOX_ENDED) return orderAgain;
  if (exit === 'task_failed')
    return [{ do: 'check-usage', gateway }, say('a new run buys a new task')];
  return steps[exit];
}

/** The error of a task that did not succeed; the record is updated too. */
export async function ended(
  job: Job,
  reply: TaskReply,
  reported: Partial<TaskRecord>,
  context: JobContext,
): Promise<CliError> {
  const word = reply.status ?? 'failed';
  if (statusOf(reply.word) === 'succeeded') {
    const error = new CliError('expired', 'the task was completed, but its result has expired', {
      code: 'result_expired',
      billed: 'yes',
    });
    return gone(job, error, context, reported);
  }
  const why = reply.error === null ? '' : `: ${reply.error.message}`;
  const refused = reply.error?.isRefused === true;
  const error = new CliError(
    refused ? 'refused' : 'task_failed',
    `the task ${words[word] ?? word}${why}`,
    {
      code: reply.error?.code ?? word,
      taskId: job.record.task_id ?? undefined,
      billed: 'unknown',
    },
  );
  await job.update({ ...reported, state: 'ended', error: inJournal(error) });
  return error;
}

const words: Readonly<Record<string, string>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  expired: 'expired on the server',
};

/** The result is no longer available; the error names what is left of it. */
export async function gone(
  job: Job,
  error: CliError,
  { deps }: Pick<JobContext, 'deps'>,
  reported: Partial<TaskRecord> = {},
): Promise<CliError> {
  let remains: string | null = null;
  for (const ending of ['half', 'body'] as const)
    if (await deps.files.isTaken(job.file(ending))) remains = job.file(ending);
  const saved = remains === null ? '' : `; the data received is saved in ${remains}`;
  const said = new CliError(error.exit, `${withoutFullStop(error.message)}${saved}`, {
    ...error.details,
    taskId: job.record.task_id ?? undefined,
    next: stepsAfter({ exit: error.exit, code: error.details.code }) ?? resultGone,
  });
  await job.update({ ...reported, state: 'gone', error: inJournal(said), remains });
  return said;
}

const SANDBOX_ENDED = 'sandbox_ended';

/** No gateway is left that could return it. */
export function sandboxEnded(record: TaskRecord): CliError {
  return new CliError('expired', `${record.task_id ?? record.id} ended with its sandbox`, {
    code: SANDBOX_ENDED,
    billed: 'no',
    next: orderAgain,
  });
}

/** As the record has it. */
export function inJournal(error: CliError): NonNullable<TaskRecord['error']> {
  return { name: error.exit, code: error.details.code ?? null, message: error.message };
}
