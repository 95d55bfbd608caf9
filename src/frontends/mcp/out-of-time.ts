/** What a call is called that was stopped because its time was up: nobody sent a signal, so nobody should read of one. It stops nothing. */

import { errorDocument } from '../../base/error-document.ts';
import { CliError, type ExitName } from '../../base/errors.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import { changeErrors, errorOf, type ResultDocument } from './result-document.ts';
import type { Tool } from './tool.ts';

/** The code of such a failure. */
export const CALL_TIMEOUT = 'call_timeout';

/** Other failures stay as they are. */
export function nameTimeout(document: ResultDocument, { paid }: Tool): ResultDocument {
  // What has a job was about to be sent: a stop after that says nothing about the money.
  const hasJob = paid && typeof document.job_id === 'string';
  const rename = (error: ErrorDocument): ErrorDocument =>
    error.name === 'sigint' ? renamed(hasJob ? { ...error, billed: 'unknown' } : error) : error;
  const changed = changeErrors(document, rename);
  const exit = errorOf(changed)?.exit;
  return 'exit' in document && exit !== undefined ? { ...changed, exit } : changed;
}

function renamed(error: ErrorDocument): ErrorDocument {
  const { message, billed, task_id: taskId, hint } = error;
  // No number: a call is stopped early, and what is on its way then gets some seconds more.
  const words = message.replace(/^stopped by SIG\w+/, 'no answer in the time of a call');
  return {
    ...error,
    ...errorDocument(
      new CliError(nameOf(error), words, {
        code: CALL_TIMEOUT,
        billed,
        taskId: taskId ?? undefined,
        hint: hint ?? undefined,
      }),
    ),
  };
}

/** A job that has its id goes on without us. A timeout says that nothing was bought: also a free tool can send an order again. */
function nameOf({ task_id, billed }: ErrorDocument): ExitName {
  if (task_id !== null) return 'still_running';
  return billed === 'no' ? 'timeout' : 'outcome_unknown';
}
