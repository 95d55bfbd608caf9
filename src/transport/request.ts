/** Sends one request, again where that cannot buy twice, and hands over the open body. It knows HTTP, not gateways, and never follows a redirect. */
import type { Deps, ReplyHeaders, Send, SendReply } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { MESSAGE_LIMIT, shorten, withoutFullStop } from '../base/json.ts';
import { readErrorBody } from './error-body.ts';
import { readLimitReset, readRetryAfter, retryWait } from './retry.ts';
import { detailsOf, exitForStatus, type Failure, failureOf } from './verdict.ts';
import { startWatch, TimedOut, type Timeouts, type Watch } from './watch.ts';

/** Enough for any error document; the rest is not read. */
const ERROR_BODY_LIMIT = 256 * 1024;
/** What is left of --timeout when the timer of an earlier request came a little early. */
const NO_TIME_MS = 2;

export interface Request {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Sending it may cost money. */
  paid: boolean;
}

export interface Policy {
  timeouts: Timeouts;
  /** Longest Retry-After that we sleep through, in ms. */
  maxRetryWaitMs: number;
  /** When all tries together must be over, on the monotonic clock in ms; else `timeouts.totalMs` counts from here. */
  deadlineAt?: number | null;
  /** Aborts a running request, if that is not the signal that ends the waits between tries. */
  replySignal?: AbortSignal | undefined;
  /** Tries in all; default 3. A loop with its own retries sets 1. */
  maxTries?: number | undefined;
}

/** A 2xx reply whose body is still being received. The caller ends the watch, whatever happens. */
export interface Reply {
  status: number;
  headers: ReplyHeaders;
  requestId: string | null;
  watch: Watch;
  /** The body as it comes; throws the watch's reason when a clock ran out. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

export type RequestNote =
  | { type: 'sending'; attempt: number }
  | { type: 'answered'; status: number; headers: ReplyHeaders; requestId: string | null }
  | { type: 'refused'; body: string }
  | { type: 'retrying'; attempt: number; waitMs: number; reason: CliError };

export type RequestDeps = Pick<Deps, 'clock' | 'random' | 'signal'>;

/** Yields what happens, returns the reply. Throws one `CliError` for every way to fail. */
export async function* sendRequest(
  request: Request,
  policy: Policy,
  send: Send,
  deps: RequestDeps,
): AsyncGenerator<RequestNote, Reply, undefined> {
  const { totalMs } = policy.timeouts;
  const end = policy.deadlineAt ?? (totalMs === null ? null : deps.clock.monotonic() + totalMs);
  const left = (): number | null =>
    end === null ? null : Math.max(1, end - deps.clock.monotonic());
  for (let attempt = 1; ; attempt += 1) {
    if (end !== null && end - deps.clock.monotonic() < NO_TIME_MS)
      throw new CliError('timeout', '--timeout was over before the request was sent', {
        code: 'total_timeout',
        billed: 'no',
      });
    // What came before this try bought nothing, or it would not be tried again.
    if (deps.signal.aborted)
      throw failureOf(deps.signal.reason, originOf(request.url), false).error;
    yield { type: 'sending', attempt };
    const outcome = await tryOnce(request, policy, left(), send, deps);
    if ('answer' in outcome)
      yield {
        type: 'answered',
        status: outcome.answer.status,
        headers: outcome.answer.headers,
        requestId: requestIdOf(outcome.answer.headers),
      };
    if ('reply' in outcome) return outcome.reply;
    const { failure } = outcome;
    if ('body' in outcome) yield { type: 'refused', body: outcome.body };
    const rules = {
      paid: request.paid,
      maxWaitMs: policy.maxRetryWaitMs,
      maxTries: policy.maxTries,
    };
    const wanted = deps.signal.aborted ? null : retryWait(failure, attempt, rules, deps.random());
    // A wait that ends after the deadline only makes the same answer come later.
    const waitMs = wanted !== null && wanted < (left() ?? Number.POSITIVE_INFINITY) ? wanted : null;
    if (waitMs === null) throw attempt > 1 ? afterTries(failure.error, attempt) : failure.error;
    yield { type: 'retrying', attempt: attempt + 1, waitMs, reason: failure.error };
    await deps.clock.sleep(waitMs, deps.signal).catch((error: unknown) => {
      throw failureOf(error, originOf(request.url), false).error;
    });
  }
}

type Outcome =
  | { reply: Reply; answer: SendReply }
  | { failure: Failure; answer: SendReply; body: string }
  | { failure: Failure };

async function tryOnce(
  request: Request,
  { timeouts, replySignal }: Policy,
  leftMs: number | null,
  send: Send,
  deps: RequestDeps,
): Promise<Outcome> {
  const { clock, signal } = deps;
  const watch = startWatch(timeouts, { clock, signal: replySignal ?? signal }, leftMs);
  try {
    const answer = await send({ ...request, signal: watch.signal });
    if (answer.status >= 200 && answer.status < 300)
      return { reply: open(request.url, answer, watch), answer };
    const body = await readText(request.url, answer, watch);
    watch.stop();
    return { failure: statusFailure(request, answer, body, deps), answer, body };
  } catch (error) {
    watch.stop();
    return { failure: failureOf(error, originOf(request.url), request.paid) };
  }
}

function open(url: string, answer: SendReply, watch: Watch): Reply {
  return {
    status: answer.status,
    headers: answer.headers,
    requestId: requestIdOf(answer.headers),
    watch,
    chunks: () => readBody(url, answer, watch),
  };
}

async function* readBody(
  url: string,
  answer: SendReply,
  watch: Watch,
): AsyncGenerator<Uint8Array, void, undefined> {
  const read = async (): Promise<Uint8Array | null> => {
    watch.waiting();
    const bytes = await answer.read();
    if (bytes !== null) watch.bytes();
    return bytes;
  };
  let decoded: Awaited<ReturnType<typeof decode>> | null = null;
  try {
    const encoding = answer.headers.get('content-encoding');
    if (encoding !== null) decoded = await decode(url, encoding, read);
    const next = decoded?.next ?? read;
    for (let bytes = await next(); bytes !== null; bytes = await next()) yield bytes;
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    decoded?.close();
  }
}

/** We ask for no coding, but some proxies compress whatever they pass on, and what came was paid for. */
async function decode(url: string, encoding: string, read: () => Promise<Uint8Array | null>) {
  const { decodedReply, UnknownCoding } = await import('./decode-body.ts');
  return decodedReply(encoding, read).catch((error: unknown) => {
    if (!(error instanceof UnknownCoding)) throw error;
    const message = `${originOf(url)} sent the reply in an encoding that was not requested`;
    throw new CliError('protocol', message, { code: 'encoded' });
  });
}

function statusFailure(
  request: Request,
  answer: SendReply,
  text: string,
  deps: RequestDeps,
): Failure {
  const { status } = answer;
  const body = readErrorBody(text, status);
  const retryAfter = readRetryAfter(answer.headers.get('retry-after'), deps.clock.now());
  // Some only say when the limit is lifted.
  const reset = status === 429 ? answer.headers.get('x-ratelimit-reset') : null;
  const retryAfterMs = retryAfter ?? readLimitReset(reset, deps.clock.now());
  const details = detailsOf(body, {
    status,
    requestId: requestIdOf(answer.headers) ?? undefined,
    retryAfterMs: retryAfterMs ?? undefined,
    ...(status >= 300 && status < 400 ? { code: codeOf3xx(status) } : {}),
  });
  const message = status >= 300 && status < 400 ? wordsFor3xx(request, answer) : body.message;
  const error = new CliError(exitForStatus(status, body, request.paid), message, details);
  return { kind: 'status', status, inEnvelope: body.inEnvelope, retryAfterMs, error };
}

/** Our requests have no condition, so a 304 is not a valid reply; it is not a redirect either. */
const NOT_MODIFIED = 304;

function codeOf3xx(status: number): string {
  return status === NOT_MODIFIED ? 'not_modified' : 'redirect';
}

function wordsFor3xx({ url }: Request, answer: SendReply): string {
  const origin = originOf(url);
  return answer.status === NOT_MODIFIED
    ? `${origin} answered 304, not modified, to a request without a condition`
    : `${origin} answered with a redirect to ${redirectTarget(answer, url)}; redirects are never followed`;
}

/** The body as text, as much as arrives: a broken body does not change which error it is. */
async function readText(url: string, answer: SendReply, watch: Watch): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of readBody(url, answer, watch)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > ERROR_BODY_LIMIT) break;
    }
  } catch (error) {
    // A clock that ran out changes nothing: the status decides. A stop is a stop.
    if (watch.signal.aborted && !(error instanceof TimedOut)) throw error;
  }
  return text;
}

/** The origin only: a path or query in an error could hold a secret. */
export function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return 'the gateway';
  }
}

function redirectTarget(answer: SendReply, base: string): string {
  const location = answer.headers.get('location');
  if (location === null) return 'nowhere';
  try {
    return new URL(location, base).origin;
  } catch {
    return 'an unreadable address';
  }
}

function requestIdOf(headers: ReplyHeaders): string | null {
  return headers.get('x-request-id') ?? headers.get('x-gateway-request-id');
}

function afterTries(error: CliError, tries: number): CliError {
  const suffix = ` (after ${tries} tries)`;
  const message = shorten(withoutFullStop(error.message), MESSAGE_LIMIT - suffix.length);
  return new CliError(error.exit, message + suffix, error.details);
}
