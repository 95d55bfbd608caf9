/** Opens a file URL that a gateway gave: checked redirects, no key, errors sorted by whether a retry can help. It stores nothing. */
import type { ReplyHeaders, Send, SendReply } from '../base/deps.ts';
import { CliError, SignalReceived, systemErrorCode } from '../base/errors.ts';
import { checkFileUrl } from './address.ts';
import { deadUrl, fileError } from './file-reply.ts';
import { PRIVATE_ADDRESS } from './public-only.ts';
import { originOf } from './request.ts';
import { readRetryAfter } from './retry.ts';
import { type Failure, failureOf } from './verdict.ts';
import { TimedOut, type Watch } from './watch.ts';

const MAX_REDIRECTS = 5;
const LONGEST_RETRY_AFTER_MS = 30_000;
/** Of an error body that is looked at. */
const ERROR_BODY_BYTES = 16 * 1024;
/** Of storages, once a signature has run out or the file was removed. */
const deadStatuses = new Set([401, 403, 404, 410]);

/** This try failed; `failure` says whether a retry can help. */
export class Broken extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** A reply with status 200, 206 or 416, and who sent it. */
export interface OpenFile {
  status: number;
  headers: ReplyHeaders;
  /** For messages: the path and the query of such an address are a secret. */
  origin: string;
  /** The next bytes; null at the end. Throws `Broken`. */
  next(): Promise<Uint8Array | null>;
}

/** Throws `Broken`, or a `CliError` that ends it all: unsafe_url, dead_url, redirect, unexpected_status. `now`: ms since 1970. */
export async function openFile(
  url: string,
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  send: Send,
  watch: Watch,
  now: () => number,
): Promise<OpenFile> {
  let at = checkFileUrl(url, baseUrl).href;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await reach(at, headers, send, watch);
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || location === null)
      return opened(answer, originOf(at), watch, now());
    answer.discard();
    if (redirects === MAX_REDIRECTS)
      throw fileError(`${originOf(at)} redirects more than ${MAX_REDIRECTS} times`, 'redirect');
    if (!URL.canParse(location, at))
      throw fileError(`${originOf(at)} redirects to an unreadable address`, 'redirect');
    at = checkFileUrl(new URL(location, at).href, baseUrl).href;
  }
}

async function reach(
  url: string,
  headers: Readonly<Record<string, string>>,
  send: Send,
  watch: Watch,
): Promise<SendReply> {
  try {
    return await send({ method: 'GET', url, headers, paid: false, signal: watch.signal });
  } catch (error) {
    const origin = originOf(url);
    if (systemErrorCode(error) === PRIVATE_ADDRESS) throw privateAddress(origin);
    throw new Broken(failureOf(error, origin, false));
  }
}

function privateAddress(origin: string): CliError {
  return new CliError('protocol', `${origin} resolves to a private address`, {
    code: 'unsafe_url',
    billed: 'yes',
    // Such a proxy gives every name an address of 198.18.0.0/15.
    next: {
      do: 'say',
      words: 'if a VPN or proxy on this machine answers for all names, set HTTPS_PROXY to it',
      for: 'user',
    },
  });
}

async function opened(
  answer: SendReply,
  origin: string,
  watch: Watch,
  now: number,
): Promise<OpenFile> {
  const { status, headers } = answer;
  const next = readerOf(answer, origin, watch);
  if (status === 200 || status === 206 || status === 416) return { status, headers, origin, next };
  // Some storages say 400 where others say 403.
  if (deadStatuses.has(status) || (status === 400 && (await saysExpired(next, watch))))
    throw deadUrl(status, origin);
  const message = `${origin} answered HTTP ${status} instead of the file`;
  if (status < 500 && ![408, 425, 429].includes(status))
    throw fileError(message, 'unexpected_status', status);
  const requested = readRetryAfter(headers.get('retry-after'), now);
  const retryAfterMs = requested === null ? null : Math.min(requested, LONGEST_RETRY_AFTER_MS);
  const error = new CliError(status === 429 ? 'rate_limited' : 'upstream', message, { status });
  throw new Broken({ kind: 'status', status, inEnvelope: false, retryAfterMs, error });
}

/** By as much of the body as comes: a status stays what it is when its body breaks off. */
async function saysExpired(next: OpenFile['next'], watch: Watch): Promise<boolean> {
  let text = '';
  try {
    for (let bytes = await next(); bytes !== null && text.length < ERROR_BODY_BYTES; ) {
      text += Buffer.from(bytes).toString('latin1');
      bytes = await next();
    }
  } catch (error) {
    if (watch.signal.reason instanceof SignalReceived) throw error;
  }
  return /expired/i.test(text);
}

function readerOf(answer: SendReply, origin: string, watch: Watch): OpenFile['next'] {
  return async () => {
    watch.waiting();
    try {
      const bytes = await answer.read();
      watch.bytes();
      // The clock of comments is for streams of events; here every byte counts.
      watch.data();
      return bytes;
    } catch (error) {
      throw new Broken(lost(watch.signal.aborted ? watch.signal.reason : error, origin));
    }
  };
}

function lost(error: unknown, origin: string): Failure {
  if (error instanceof SignalReceived || error instanceof TimedOut)
    return failureOf(error, origin, false);
  const code = systemErrorCode(error) ?? 'connection_lost';
  return { kind: 'lost', error: cutError(origin, code, error) };
}

export function cutError(origin: string, code: string, cause?: unknown): CliError {
  return new CliError('network', `the connection to ${origin} broke in the middle of the file`, {
    code,
    cause,
  });
}
