/** Why a request got no reply, as data that both roads fill in the same way: how far it came, and the codes. It judges nothing. */
import { systemErrorCode } from '../base/errors.ts';

export interface HowFar {
  /** Some byte of the request may have left this machine for a server that could read it. */
  readonly sent: boolean;
  /** The system's code, or one of `sendCodes`. */
  readonly code?: string | undefined;
  /** What the proxy answered to CONNECT. */
  readonly proxyStatus?: number | undefined;
}

/** Codes of our own, beside those of the system, OpenSSL (CERT_…, ERR_TLS_…) and the HTTP parser (HPE_…). */
export const sendCodes = {
  connectTimeout: 'connect_timeout',
  proxy: 'proxy',
  /** Too many informational replies. */
  informational: 'HPE_TOO_MANY_INFORMATIONAL',
  upgrade: 'HPE_UNASKED_UPGRADE',
} as const;

/** What `Send` and the reading of a body reject with; its cause is the error below, or the reason of the abort. */
export class SendError extends Error implements HowFar {
  readonly sent: boolean;
  readonly code: string | undefined;
  readonly proxyStatus: number | undefined;

  constructor(cause: unknown, { sent, code, proxyStatus }: HowFar) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'SendError';
    this.sent = sent;
    this.code = code ?? systemErrorCode(cause);
    this.proxyStatus = proxyStatus;
  }
}

/** The `SendError` in a chain of causes; null: how far it came is unknown. */
export function sendErrorIn(error: unknown): SendError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1)
    if (at instanceof SendError) return at;
  return null;
}
