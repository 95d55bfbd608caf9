/** Renames a call that was stopped at its deadline: no signal was sent, so none should be reported. */

import { errorDocument } from '../../base/error-document.ts';
import { CliError, type ExitName, SignalReceived } from '../../base/errors.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import { changeErrors, errorOf, type ResultDocument } from './result-document.ts';
import type { Tool } from './tool.ts';

/** Stops a call whose time is up: what is on its way ends as after a signal, in these words. No number: it then gets some seconds more. */
export function timeIsUp(): SignalReceived {
  return new SignalReceived('SIGINT', 'no answer in the time of a call');
}

/** The code of such a failure. */
export const CALL_TIMEOUT = 'call_timeout';

/** Other failures stay as they are. */
export function nameTimeout(document: ResultDocument, { paid }: Tool): ResultDocument {
  // What has a job was about to be sent: a stop after that does not settle whether it was billed.
  const hasJob = paid && typeof document.job_id === 'string';
  const rename = (error: ErrorDocument): ErrorDocument =>
    error.name === 'sigint' ? renamed(hasJob ? { ...error, billed: 'unknown' } : error) : error;
  const changed = changeErrors(document, rename);
  const exit = errorOf(changed)?.exit;
  return 'exit' in document && exit !== undefined ? { ...changed, exit } : changed;
}

function renamed(error: ErrorDocument): ErrorDocument {
  const { message, billed, task_id: taskId, hint, next } = error;
  const details = { code: CALL_TIMEOUT, billed, taskId: taskId ?? undefined };
  const named = errorDocument(new CliError(nameOf(error), message, details));
  return { ...error, ...named, hint, next };
}

/** A job that has its id goes on without us. A timeout says that nothing was bought: also a free tool can send an order again. */
function nameOf({ task_id, billed }: ErrorDocument): ExitName {
  if (task_id !== null) return 'still_running';
  return billed === 'no' ? 'timeout' : 'outcome_unknown';
}
