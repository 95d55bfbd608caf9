/** One error, in the two forms in which it is shown: the JSON object and the lines on stderr. */

import type { ErrorDocument } from '../schemas/common.ts';
import { errnoWords } from './errno.ts';
import { CliError, SignalReceived, systemErrorCode } from './errors.ts';
import { asText, oneLine, thrownWords } from './json.ts';
import { mapWords, type NextStep } from './next-step.ts';
import { nextWords } from './next-words.ts';
import { redact } from './redact.ts';

/** Codes of a disk or a system that fails: never our bug, wherever it happens. */
const machineCodes: ReadonlySet<string> = new Set([
  'EACCES',
  'EBUSY',
  'EDQUOT',
  'EFBIG',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'EPERM',
  'EROFS',
]);

/** Any thrown thing as the failure that it is; what we did not expect is a bug, exit 1. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof SignalReceived)
    return new CliError(error.exit, error.message, { billed: 'no' });
  const code = systemErrorCode(error);
  if (code !== undefined && machineCodes.has(code))
    return new CliError('local_io', `a file of alltoken cannot be used: ${errnoWords(code)}`, {
      code,
      cause: error,
    });
  const words =
    error instanceof Error ? thrownWords(error) : (asText(error) ?? 'a non-error value was thrown');
  return new CliError('internal', `unexpected: ${words}`, {
    cause: error,
    next: { do: 'set-flag', flag: '--debug', why: 'report what it prints' },
  });
}

/** Removes keys by their shape; a caller that knows the key has removed it already. */
function clean(text: string | undefined): string | null {
  return text === undefined ? null : redact(text, null);
}

export function errorDocument(error: CliError): ErrorDocument {
  const { details } = error;
  return {
    exit: error.exitCode,
    name: error.exit,
    code: clean(details.code),
    type: clean(details.type),
    message: oneLine(redact(error.message, null)),
    status: details.status ?? null,
    request_id: clean(details.requestId),
    retryable: error.retryable,
    billed: error.billed,
    task_id: clean(details.taskId),
    hint: clean(nextWords(details.next, error.billed) ?? undefined),
    ...(details.cap !== undefined && { cap: details.cap }),
    next: mapWords(details.next, (text) => redact(text, null)).map(stepDocument),
  };
}

/** The step with its fields in snake_case, without undefined ones. */
function stepDocument(step: NextStep): ErrorDocument['next'][number] {
  const fields = Object.entries(step).flatMap(([name, value]: [string, unknown]) =>
    value === undefined ? [] : [[snakeCase(name), value]],
  );
  return Object.fromEntries(fields) as ErrorDocument['next'][number];
}

/** The steps of a document, as they were before it was made. */
export function errorSteps({ next }: ErrorDocument): NextStep[] {
  return next.map((step) => {
    const fields = Object.entries(step).map(([name, value]: [string, unknown]) => [
      name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
      value,
    ]);
    return Object.fromEntries(fields) as NextStep;
  });
}

/** The same failure with these steps, and with the hint that they make. */
export function withSteps(error: ErrorDocument, steps: readonly NextStep[]): ErrorDocument {
  const hint = clean(nextWords(steps, error.billed) ?? undefined);
  return { ...error, hint, next: mapWords(steps, (text) => redact(text, null)).map(stepDocument) };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `alltoken: <message> [name code=… request_id=…]` */
export function errorLine(error: ErrorDocument): string {
  const facts = [
    error.name,
    error.code === null ? null : `code=${error.code}`,
    error.request_id === null ? null : `request_id=${error.request_id}`,
  ];
  return `alltoken: ${error.message} [${facts.filter((fact) => fact !== null).join(' ')}]`;
}
