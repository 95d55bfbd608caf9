/** A `CliError` as callers of the library see it. It decides nothing. */
import { errorDocument, toCliError } from '../base/error-document.ts';
import { CliError, type ErrorDetails, type ExitName } from '../base/errors.ts';
import { AllTokenError } from './errors.ts';
import type { AllTokenErrorFields } from './types.ts';

/** Without keys, as the command line would show it. */
export function fieldsOf(error: CliError): AllTokenErrorFields {
  const { exit, name, code, message, status, billed, retryable, hint, ...others } =
    errorDocument(error);
  const { request_id: requestId } = others;
  return { exit, kind: name, code, message, status, billed, requestId, retryable, hint };
}

/** Anything that was thrown, as what the caller gets. */
export function toAllTokenError(thrown: unknown): AllTokenError {
  if (thrown instanceof AllTokenError) return thrown;
  const error = toCliError(thrown);
  return new AllTokenError(fieldsOf(error), error.details.cause);
}

/** A mistake of the caller: nothing was sent. */
export function usageError(message: string, code: string, more: ErrorDetails = {}): AllTokenError {
  return failure('usage', message, { code, billed: 'no', ...more });
}

export function failure(exit: ExitName, message: string, details: ErrorDetails): AllTokenError {
  return toAllTokenError(new CliError(exit, message, details));
}
