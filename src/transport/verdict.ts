/** From what came back, or did not, to the one error we report: the rules of the exit-code table, as pure functions. */
import {
  CliError,
  type ErrorDetails,
  type ExitName,
  SignalReceived,
  systemErrorCode,
} from '../base/errors.ts';
import { blockedSteps } from './blocked.ts';
import type { ErrorBody } from './error-body.ts';
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

/** `paid`: sending it may cost money, so a 5xx that is not the gateway's own word leaves the outcome unknown. */
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

/** Node's and OpenSSL's words for "no connection was ever made", and what to tell the person. */
const neverArrived: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the host cannot be resolved',
  EAI_AGAIN: 'name resolution failed for now',
  EAI_FAIL: 'name resolution failed',
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  EHOSTDOWN: 'the host is down',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'no local address to connect from',
  EPERM: 'this machine does not allow the connection',
  EACCES: 'this machine does not allow the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_PRX_TLS: 'TLS to the proxy failed',
  ETIMEDOUT: 'no connection in time',
};

/** What fetch threw before any answer: never arrived for sure, or perhaps arrived. `target` is origin only. */
export function failureOf(error: unknown, target: string, paid: boolean): Failure {
  if (error instanceof SignalReceived)
    return {
      kind: 'lost',
      error: new CliError(error.exit, error.message, { billed: paid ? 'unknown' : 'no' }),
    };
  if (error instanceof TimedOut) return timedOut(error, target, paid);
  const proxy = proxyRefusal(error);
  if (proxy)
    return {
      kind: 'never_arrived',
      error: new CliError('network', `cannot reach ${target}: ${proxy.words}`, {
        code: 'proxy',
        next: blockedSteps(error, target, { proxyStatus: proxy.status }),
        cause: error,
      }),
    };
  const code = systemErrorCode(error);
  if (code !== undefined) {
    const words = isTlsCode(code) ? `TLS failed (${code})` : connectWords(error, code);
    if (words !== null) {
      const exit =
        code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT' ? 'timeout' : 'network';
      return {
        kind: 'never_arrived',
        error: new CliError(exit, `cannot reach ${target}: ${words}`, {
          code,
          next: blockedSteps(error, target, { code, port: deepValue(error, 'port') }),
          cause: error,
        }),
      };
    }
  }
  if (deepMessage(error).includes('bad port')) {
    return {
      kind: 'never_arrived',
      error: new CliError('no_key', `cannot use ${target}: fetch blocks this port`, {
        code: 'bad_port',
        cause: error,
      }),
    };
  }
  return { kind: 'lost', error: lostError(target, paid, code, error) };
}

function lostError(
  target: string,
  paid: boolean,
  code: string | undefined,
  cause: unknown,
): CliError {
  const words = `the connection to ${target} broke before an answer came`;
  return paid
    ? new CliError('outcome_unknown', words, { code: code ?? 'connection_lost', cause })
    : new CliError('network', words, { code: code ?? 'connection_lost', cause });
}

function timedOut(error: TimedOut, target: string, paid: boolean): Failure {
  const exit: ExitName = paid ? 'outcome_unknown' : 'timeout';
  return {
    kind: 'lost',
    error: new CliError(exit, `${target}: ${error.message}`, {
      code: `${error.kind}_timeout`,
      cause: error,
    }),
  };
}

function connectWords(error: unknown, code: string): string | null {
  // A read that times out or is refused later has another syscall: then the request may have arrived.
  const syscall = deepValue(error, 'syscall');
  if (syscall !== undefined && syscall !== 'connect' && !String(syscall).startsWith('getaddrinfo'))
    return null;
  if (code === 'ECONNRESET')
    return deepMessage(error).includes('before secure TLS connection was established')
      ? 'the connection was closed during the TLS handshake'
      : null;
  return neverArrived[code] ?? null;
}

/** Node's codes for a certificate or a handshake that failed. */
export function isTlsCode(code: string): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/.test(
    code,
  );
}

function proxyRefusal(error: unknown): { status: string; words: string } | null {
  const [, status] = /Proxy response \((\d+)\)/.exec(deepMessage(error)) ?? [];
  return status === undefined ? null : { status, words: `the proxy answered ${status} to CONNECT` };
}

/** All messages of the chain of causes, for the few things that have no code. */
function deepMessage(error: unknown): string {
  const messages: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1)
    messages.push(at.message);
  return messages.join('\n');
}

function deepValue(error: unknown, key: string): unknown {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 8; depth += 1) {
    const value = (at as Record<string, unknown>)[key];
    if (value !== undefined) return value;
    at = (at as { cause?: unknown }).cause;
  }
  return undefined;
}
