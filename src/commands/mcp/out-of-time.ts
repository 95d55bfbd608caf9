/** What a call is called that was stopped because its time was up: nobody sent a signal, so nobody should read of one. It stops nothing. */
import { CliError, type ExitName } from '../../errors.ts';
import { errorDocument } from '../../render/failure.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import { changeErrors, errorOf, type ResultDocument } from './result-document.ts';
import type { Tool } from './tool.ts';

/** The code of such a failure. */
export const CALL_TIMEOUT = 'call_timeout';

/** `seconds`: the time of a call. Other failures stay as they are. */
export function nameTimeout(
  document: ResultDocument,
  { paid }: Tool,
  seconds: number,
): ResultDocument {
  // What has a job was about to be sent: a stop after that says nothing about the money.
  const hasJob = paid && typeof document.job_id === 'string';
  const rename = (error: ErrorDocument): ErrorDocument =>
    error.name === 'sigint'
      ? renamed(hasJob ? { ...error, billed: 'unknown' } : error, paid, seconds)
      : error;
  const changed = changeErrors(document, rename);
  const exit = errorOf(changed)?.exit;
  return 'exit' in document && exit !== undefined ? { ...changed, exit } : changed;
}

function renamed(error: ErrorDocument, paid: boolean, seconds: number): ErrorDocument {
  const { message, billed, task_id: taskId, hint } = error;
  const words = message.replace(/^stopped by SIG\w+/, `no answer within ${seconds} s`);
  return {
    ...error,
    ...errorDocument(
      new CliError(nameOf(error, paid), words, {
        code: CALL_TIMEOUT,
        billed,
        taskId: taskId ?? undefined,
        hint: hint ?? undefined,
      }),
    ),
  };
}

/** A job that has its id goes on without us. */
function nameOf({ task_id, billed }: ErrorDocument, paid: boolean): ExitName {
  if (task_id !== null) return 'still_running';
  return !paid || billed === 'no' ? 'timeout' : 'outcome_unknown';
}
