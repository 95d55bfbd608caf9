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

/** Slugs whose meaning is certain whatever the status, as under 200 or in a stream. */
const byCode: Readonly<Record<string, ExitName>> = {
  upstream_content_violation: 'refused',
  content_filter: 'refused',
  content_policy_violation: 'refused',
  image_already_retrieved: 'already_retrieved',
  image_expired: 'expired',
  result_expired: 'expired',
  invalid_api_key: 'auth',
  insufficient_balance: 'balance',
  model_not_found: 'not_found',
  upstream_model_not_found: 'not_found',
  invalid_request: 'rejected',
  upstream_invalid_parameter: 'rejected',
  // Servers of OpenAI's wire that have sent status 200 before they look at the request.
  invalid_model: 'rejected',
  context_length_exceeded: 'rejected',
  rate_limit_exceeded: 'rate_limited',
  rate_limited: 'rate_limited',
  all_providers_failed: 'upstream',
  upstream_error: 'upstream',
  upstream_auth_failed: 'upstream',
  unknown_api_format: 'upstream',
};

/** Own properties only: a server may call its error `constructor`. */
function knownCode(code: string | null): ExitName | undefined {
  return code !== null && Object.hasOwn(byCode, code) ? byCode[code] : undefined;
}

/** `paid`: sending it may cost money, so a 5xx that is not the gateway's own reply leaves the outcome unknown. */
export function exitForStatus(status: number, body: ErrorBody, paid: boolean): ExitName {
  const known = knownCode(body.code);
  if (known === 'refused' || known === 'already_retrieved') return known;
  if (status >= 300 && status < 400) return 'protocol';
  if (status >= 500) return body.inEnvelope || !paid ? 'upstream' : 'outcome_unknown';
  return byStatus[status] ?? (status >= 400 ? 'rejected' : (known ?? 'protocol'));
}

/** An error object that came under status 200 or inside a stream, before any output. */
export function exitForInnerError(body: ErrorBody): ExitName {
  if (body.code !== null) {
    const known = knownCode(body.code);
    if (known) return known;
    const status = Number(body.code);
    if (Number.isInteger(status) && status >= 400 && status < 600)
      return exitForStatus(status, body, true);
  }
  return 'protocol';
}

export function detailsOf(body: ErrorBody, more: ErrorDetails): ErrorDetails {
  return {
    ...more,
    code: body.code ?? more.code,
    type: body.type ?? undefined,
    requestId: body.requestId ?? more.requestId,
    taskId: body.taskId ?? undefined,
  };
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
  if (sending !== null && !sent)
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
  return paid
    ? new CliError('outcome_unknown', words, { code: code ?? 'connection_lost', cause })
    : new CliError('network', words, { code: code ?? 'connection_lost', cause });
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
