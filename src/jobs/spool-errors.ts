/** Errors for a poll response that cannot be read or saved. It decides no retry. */
import { inPlainWords } from '../base/errno.ts';
import { CliError, SignalReceived, systemErrorCode } from '../base/errors.ts';
import { errorInJson } from '../transport/error-body.ts';
import { originOf, type Reply, type Request } from '../transport/request.ts';
import { detailsOf, exitForInnerError } from '../transport/verdict.ts';
import { CutJson } from './spooled-json.ts';

/** A body that was cut off, or that this machine could not save. */
export function broken(error: unknown, request: Request, reply: Reply): CliError {
  if (error instanceof CliError) return error;
  const details = { status: reply.status, requestId: reply.requestId ?? undefined, cause: error };
  if (error instanceof SignalReceived)
    return new CliError(error.exit, error.message, { ...details, billed: 'unknown' });
  const code = diskTrouble(error);
  if (code !== null)
    return new CliError('local_io', `the result cannot be saved: ${inPlainWords(error)}`, {
      ...details,
      code,
    });
  return new CliError('network', `the response of ${originOf(request.url)} broke off`, {
    ...details,
    code: 'cut_reply',
  });
}

/** The system's code where the disk of this machine is to blame, not the gateway; else null. */
export function diskTrouble(error: unknown): string | null {
  const code = systemErrorCode(error);
  return code !== undefined && diskCodes.has(code) ? code : null;
}

const diskCodes: ReadonlySet<string> = new Set([
  ...['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'],
  ...['EMFILE', 'ENFILE', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'],
]);

/** A whole response is on the disk, and cannot be read from there: it stays, to be read later. */
export function unread(error: unknown, code: string, reply: Reply): CliError {
  const details = { status: reply.status, requestId: reply.requestId ?? undefined, cause: error };
  const words = `the response was saved, and cannot be read (${code})`;
  return new CliError('local_io', words, { ...details, code, billed: 'unknown' });
}

/** A body that ends early means that the network failed; other bytes are a proxy's page. */
export function unreadable(error: unknown, request: Request, reply: Reply): CliError {
  const details = { status: reply.status, requestId: reply.requestId ?? undefined, cause: error };
  const origin = originOf(request.url);
  return error instanceof CutJson
    ? new CliError('network', `the response of ${origin} broke off`, {
        ...details,
        code: 'cut_reply',
      })
    : new CliError('protocol', `${origin} sent something that is not JSON`, {
        ...details,
        code: 'bad_json',
      });
}

/** JSON, but not a task: an error object becomes that error. */
export function notATask(json: unknown, request: Request, reply: Reply): CliError {
  const details = { status: reply.status, requestId: reply.requestId ?? undefined };
  const error = errorInJson(json, reply.status);
  return error === null
    ? new CliError('protocol', `${originOf(request.url)} sent something that is not a task`, {
        ...details,
        code: 'no_task',
      })
    : new CliError(exitForInnerError(error), error.message, detailsOf(error, details));
}
