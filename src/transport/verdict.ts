/** From a reply, or its absence, to the one error we report: the rules of the exit-code table, as pure functions. */
import {
  CliError,
  type ErrorDetails,
  type ExitName,
  SignalReceived,
  systemErrorCode,
} from '../base/errors.ts';
import type { NextSteps } from '../base/next-step.ts';
import { blockedSteps } from './blocked.ts';
import type { ErrorBody } from './error-body.ts';
import { exitOfSlugs, isFieldRefused } from './error-codes.ts';
import { type SendError, sendCodes, sendErrorIn } from './send-error.ts';
import { TimedOut } from './watch.ts';

/** How far a request got, which decides whether it may be sent again. */
export type Failure =
  | { kind: 'never_arrived'; error: CliError }
  | { kind: 'lost'; error: CliError }
  | {
      kind: 'status';
      status: number;
      inEnvelope: boolean;
      retryAfterMs: number | null;
      error: CliError;
    };

const byStatus: Readonly<Record<number, ExitName>> = {
  401: 'auth',
  402: 'balance',
  403: 'forbidden',
  404: 'not_found',
  410: 'expired',
  429: 'rate_limited',
};

/** Statuses that say that nobody waited for the answer, which may have been made and billed. */
const unanswered = new Set([408, 499]);

/** What a general 400 may be in particular. */
const particular: readonly (ExitName | undefined)[] = ['auth', 'forbidden', 'not_found'];

/** `paid`: sending it may cost money, so a 5xx that is not the gateway's own reply leaves the outcome unknown. */
export function exitForStatus(status: number, body: ErrorBody, paid: boolean): ExitName {
  if (body.verdict !== undefined) return body.verdict.exit;
  const known = exitOfSlugs(body.slugs);
  if (known === 'refused' || known === 'already_retrieved') return known;
  if (status >= 300 && status < 400) return 'protocol';
  if (paid && unanswered.has(status)) return 'outcome_unknown';
  if (status >= 500) return body.inEnvelope || !paid ? 'upstream' : 'outcome_unknown';
  if (known === 'balance' || known === 'budget') return known;
  if (known !== undefined && status === 400 && particular.includes(known)) return known;
  return byStatus[status] ?? (status >= 400 ? 'rejected' : (known ?? 'protocol'));
}

/** An error object that came under status 200 or inside a stream, before any output. */
export function exitForInnerError(body: ErrorBody): ExitName {
  if (body.verdict !== undefined) return body.verdict.exit;
  const status = Number(body.slugs.find((slug) => /^[45]\d\d$/.test(slug)));
  const known = exitOfSlugs(body.slugs);
  // What a proxy in between may have written does not say that nothing was bought.
  if (known === 'upstream' && !body.inEnvelope) return 'protocol';
  if (known !== undefined && (known !== 'rejected' || Number.isNaN(status))) return known;
  return Number.isNaN(status) ? 'protocol' : exitForStatus(status, body, true);
}

export function detailsOf(body: ErrorBody, more: ErrorDetails): ErrorDetails {
  return {
    ...more,
    code: body.code ?? more.code,
    type: body.type ?? undefined,
    requestId: body.requestId ?? more.requestId,
    taskId: body.taskId ?? undefined,
    ...(body.verdict !== undefined && { billed: body.verdict.billed }),
    ...fieldOf(body),
  };
}

/** Fields that are refused as such wherever an error names them: their value is ours. */
const ours: ReadonlySet<string> = new Set(['stream', 'stream_options']);

function fieldOf({ param, slugs }: ErrorBody): Pick<ErrorDetails, 'refusedField' | 'badField'> {
  if (param === null) return {};
  const isRefused = isFieldRefused(slugs) || ours.has(param.split('.')[0] ?? '');
  return isRefused ? { refusedField: param } : { badField: param };
}

/** The system's codes for "no connection was ever made", and the message for each. */
const neverArrived: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the host cannot be resolved',
  EAI_AGAIN: 'name resolution failed temporarily',
  EAI_FAIL: 'name resolution failed',
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  EHOSTDOWN: 'the host is down',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'no local address to connect from',
  EPERM: 'this machine does not allow the connection',
  EACCES: 'this machine does not allow the connection',
  ERR_ACCESS_DENIED: 'this machine does not allow the connection',
  ECONNRESET: 'the connection was closed before it was established',
  ETIMEDOUT: 'the connection timed out',
  [sendCodes.connectTimeout]: 'the connection timed out',
};

/**
 * Why there is no answer, from what `Send` rejected with: never arrived for sure, or perhaps arrived. How far the request came is
 * decided by the connection's state, never by a message; if unknown, it counts as sent. `target` is origin only.
 */
export function failureOf(error: unknown, target: string, paid: boolean): Failure {
  const sending = sendErrorIn(error);
  const sent = sending?.sent ?? true;
  const reason = sending === null ? error : sending.cause;
  if (reason instanceof SignalReceived)
    return {
      kind: 'lost',
      error: new CliError(reason.exit, reason.message, {
        billed: paid && sent ? 'unknown' : 'no',
      }),
    };
  if (reason instanceof TimedOut) return timedOut(reason, target, paid, sent);
  if (sending?.sent === false)
    return { kind: 'never_arrived', error: notReached(error, sending, target) };
  const code = systemErrorCode(error);
  if (code?.startsWith('HPE_')) return { kind: 'lost', error: notHttp(target, paid, code, error) };
  return { kind: 'lost', error: lostError(target, paid, code, error) };
}

function notReached(error: unknown, sending: SendError, target: string): CliError {
  const code = sending.code ?? 'no_connection';
  const { proxyStatus } = sending;
  const exit = code === sendCodes.connectTimeout || code === 'ETIMEDOUT' ? 'timeout' : 'network';
  return new CliError(exit, `cannot reach ${target}: ${connectWords(code, proxyStatus)}`, {
    code,
    next: stepsFor(error, sending, target),
    cause: error,
  });
}

function connectWords(code: string, proxyStatus: number | undefined): string {
  if (proxyStatus !== undefined) return `the proxy answered ${proxyStatus} to CONNECT`;
  if (code === sendCodes.proxy) return 'the proxy did not open a tunnel';
  if (isTlsCode(code)) return `TLS failed (${code})`;
  return neverArrived[code] ?? `no connection could be made (${code})`;
}

function stepsFor(error: unknown, sending: SendError, target: string): NextSteps | undefined {
  const { code, proxyStatus } = sending;
  if (isPrivateAuthority(code))
    return {
      do: 'say',
      words:
        'if the server is signed by a private CA, set NODE_EXTRA_CA_CERTS to its certificate file (PEM)',
      for: 'user',
    };
  return blockedSteps(error, target, {
    ...(code === undefined ? {} : { code }),
    port: deepValue(error, 'port'),
    proxyStatus: proxyStatus === undefined ? undefined : String(proxyStatus),
  });
}

/** The reply is not HTTP: a free request is not retried. */
function notHttp(target: string, paid: boolean, code: string, cause: unknown): CliError {
  return new CliError(paid ? 'outcome_unknown' : 'protocol', `the reply of ${target} is not HTTP`, {
    code,
    billed: paid ? 'unknown' : 'no',
    cause,
  });
}

function lostError(
  target: string,
  paid: boolean,
  code: string | undefined,
  cause: unknown,
): CliError {
  const words = `the connection to ${target} broke before a response arrived`;
  return new CliError(paid ? 'outcome_unknown' : 'network', words, {
    code: code ?? 'connection_lost',
    cause,
  });
}

function timedOut(error: TimedOut, target: string, paid: boolean, sent: boolean): Failure {
  const exit: ExitName = paid && sent ? 'outcome_unknown' : 'timeout';
  return {
    kind: sent ? 'lost' : 'never_arrived',
    error: new CliError(exit, `${target}: ${error.message}`, {
      code: `${error.kind}_timeout`,
      cause: error,
    }),
  };
}

/** Codes of a failed handshake: a retry would fail too. */
export function isTlsCode(code: string | undefined): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/.test(
    code ?? '',
  );
}

/** OpenSSL's codes for a certificate chain without a trusted root. */
const privateAuthorities = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);

function isPrivateAuthority(code: string | undefined): boolean {
  return code !== undefined && privateAuthorities.has(code);
}

function deepValue(error: unknown, key: string): unknown {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 8; depth += 1) {
    const value = (at as Record<string, unknown>)[key];
    if (value !== undefined) return value;
    at = (at as { cause?: unknown }).cause;
  }
  return undefined;
}
