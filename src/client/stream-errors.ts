/** Errors for a response that fails after it began, by what had arrived until then. It decides no retry. */
import { CliError, SignalReceived } from '../base/errors.ts';
import type { ErrorBody } from '../transport/error-body.ts';
import { originOf, type Reply } from '../transport/request.ts';
import { SseTooLarge } from '../transport/sse.ts';
import { detailsOf, exitForInnerError } from '../transport/verdict.ts';
import { TimedOut } from '../transport/watch.ts';
import type { Answer } from './answer.ts';

/** An error object with status 200 or in the stream. */
export function innerFailure(body: ErrorBody, reply: Reply): CliError {
  const details = detailsOf(body, {
    status: reply.status,
    requestId: reply.requestId ?? undefined,
  });
  return new CliError(exitForInnerError(body), body.message, details);
}

/** A body that broke, stalled or was aborted: the error depends on whether output had begun. */
export function breakOff(error: unknown, url: string, answer: Answer, reply: Reply): CliError {
  if (error instanceof CliError) return error;
  const details = { status: reply.status, requestId: answer.requestId ?? undefined, cause: error };
  if (error instanceof SignalReceived)
    return new CliError(error.exit, error.message, { ...details, billed: 'unknown' });
  if (error instanceof SseTooLarge)
    return new CliError(answer.hasOutput ? 'partial' : 'protocol', error.message, {
      ...details,
      code: 'too_large',
    });
  if (error instanceof TimedOut) {
    const code = `${error.kind}_timeout`;
    return new CliError(
      answer.hasOutput ? 'partial' : 'outcome_unknown',
      `${originOf(url)}: ${error.message}`,
      { ...details, code },
    );
  }
  return answer.hasOutput
    ? new CliError('partial', 'the connection broke in the middle of the answer', {
        ...details,
        code: 'cut_stream',
      })
    : new CliError('protocol', 'the connection broke before the answer began', {
        ...details,
        code: 'cut_stream',
      });
}

/** The response breaks the contract and nothing usable arrived. */
export function protocolError(message: string, code: string, reply: Reply): CliError {
  return new CliError('protocol', message, {
    code,
    status: reply.status,
    requestId: reply.requestId ?? undefined,
  });
}
