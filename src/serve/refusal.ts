/** What we answer ourselves: refusals and failures as the documents that OpenAI's and Anthropic's clients read. It decides nothing about a purchase. */
import type { Billed, CliError, ExitName } from '../base/errors.ts';
import { oneLine } from '../base/json.ts';
import { clientWords } from './client-words.ts';

/** Of the routes: `anthropic` has another envelope. */
export type Shape = 'openai' | 'anthropic';

export interface RefusalDetails {
  /** Whether the same request may be sent again at once, without buying anything twice; default: no. */
  mayRetry?: boolean;
  retryAfterSeconds?: number;
  /** What the client can do. */
  hint?: string | undefined;
  billed?: Billed;
  headers?: Readonly<Record<string, string>>;
  /** The field of the request that it is about. */
  param?: string | undefined;
  /** Facts of ours in the envelope, beside what OpenAI's has. */
  facts?: Readonly<Record<string, unknown>>;
}

/** A request that is answered by us. `message`: one line. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: RefusalDetails;

  constructor(status: number, code: string, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The status for each way to fail that no status of the gateway stands for. */
const statuses: Partial<Record<ExitName, number>> = {
  usage: 400,
  no_key: 500,
  auth: 401,
  balance: 402,
  forbidden: 403,
  not_found: 404,
  rejected: 400,
  refused: 400,
  budget: 402,
  rate_limited: 429,
  upstream: 502,
  network: 502,
  timeout: 502,
  partial: 502,
  protocol: 502,
  outcome_unknown: 504,
};

/** Codes by which a client finds the failures of the way to the gateway. */
const codes: Partial<Record<ExitName, string>> = {
  network: 'network',
  timeout: 'network',
  outcome_unknown: 'outcome_unknown',
};

/** Seconds after which calls that hold a budget have probably ended. */
const HELD_SECONDS = 5;

/** `sent`: the status of the gateway; 0 without one. `exit`: the name of an exit code. */
export function statusOf(exit: string, sent: number): number {
  const found = Object.entries(statuses).find(([name]) => name === exit);
  return sent >= 400 ? sent : (found?.[1] ?? 500);
}

/** A failure of ours, or one that the gateway reported under another status than its own. */
export function refusalOf(error: CliError): Refusal {
  const { details } = error;
  const status = statusOf(error.exit, details.status ?? 0);
  const isHeld = details.code === 'budget_reserved';
  const retryMs = details.retryAfterMs;
  const code = codes[error.exit] ?? details.code ?? error.exit;
  const { cap } = details;
  const hint = clientWords(details.next, error.billed) ?? undefined;
  return new Refusal(status, code, oneLine(error.message), {
    // A gateway that is asked too often, or cannot be reached, has bought nothing; neither has a full line of ours.
    mayRetry: error.billed === 'no' && error.retryable,
    ...(isHeld ? { retryAfterSeconds: HELD_SECONDS } : {}),
    ...(retryMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryMs / 1000) }),
    billed: error.billed,
    hint,
    param: details.status === undefined ? details.badField : undefined,
    facts: {
      exit: error.exitCode,
      reason: details.code ?? null,
      ...(cap && {
        cap: { name: cap.name, limit: cap.limit },
        spent: cap.spent,
        reserved: cap.reserved,
        bound: cap.bound,
      }),
    },
  });
}

/** OpenAI's `type`, and Anthropic's, by status. */
const types: Readonly<Record<number, readonly [openai: string, anthropic: string]>> = {
  401: ['authentication_error', 'authentication_error'],
  402: ['insufficient_quota', 'permission_error'],
  403: ['permission_error', 'permission_error'],
  404: ['invalid_request_error', 'not_found_error'],
  413: ['invalid_request_error', 'request_too_large'],
  429: ['rate_limit_error', 'rate_limit_error'],
};

export interface Document {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** `call`: its id, where one was begun. */
export function documentOf(refusal: Refusal, shape: Shape, call: string | null): Document {
  const { status, code, message, details } = refusal;
  const usual = status >= 500 ? 'api_error' : 'invalid_request_error';
  const [openai, anthropic] = types[status] ?? [usual, usual];
  const { mayRetry = false, retryAfterSeconds, hint, billed = 'no', param = null, facts } = details;
  const alltoken = { billed, call, ...facts, hint: hint ?? null };
  const error =
    shape === 'anthropic'
      ? { type: anthropic, message: `${message} [${code}]`, code, alltoken }
      : { message, type: openai, param, code, alltoken };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'x-should-retry': String(mayRetry),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(call !== null && { 'x-alltoken-call': call }),
      'x-alltoken-billed': billed,
      ...details.headers,
    },
    body: JSON.stringify(shape === 'anthropic' ? { type: 'error', error } : { error }),
  };
}
