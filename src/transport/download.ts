/**
 * Fetches one file to a sink, from where an earlier try stopped if it is the same file still, and again when the way breaks.
 * It never sees a key, goes only where `address.ts` lets it, and knows neither paths nor names.
 */
import type { Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import {
  BadCoding,
  type Body,
  decodedBody,
  mayBeEncoded,
  type NextBytes,
  UnknownCoding,
  withHead,
} from './decode-body.ts';
import { mayBeDocument } from './document-kind.ts';
import {
  type FileReply,
  fileError,
  notAFile,
  type Part,
  rangeHeaders,
  readFileReply,
} from './file-reply.ts';
import { Broken, cutError, type OpenFile, openFile } from './open-file.ts';
import { originOf, type RequestDeps } from './request.ts';
import { retryWait } from './retry.ts';
import { type Failure, failureOf } from './verdict.ts';
import { startWatch, type Timeouts } from './watch.ts';

/** Where the bytes go. Its errors are passed on unchanged, once the connection is closed. */
export interface Sink {
  /** All that was written is of no use: the file on the server is another one, or cannot be resumed. Comes before `head`. */
  restart(): Promise<void>;
  /** What is known of the file, before the bytes of a reply, which begin at `offset`: to be written down durably. */
  head(facts: {
    total: number | null;
    validator: string | null;
    contentType: string | null;
    offset: number;
  }): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
}

export interface DownloadRequest {
  url: string;
  /** Of the gateway that named the file. */
  baseUrl: string;
  userAgent: string;
  /** `totalMs` does not count here. */
  timeouts: Timeouts;
  maxBytes: number;
  /** What an earlier try left in the sink; null: nothing. */
  part: Part | null;
  sink: Sink;
}

export type DownloadNote =
  /** At most five a second. */
  | { type: 'progress'; bytes: number; total: number | null }
  | { type: 'retrying'; waitMs: number; reason: CliError };

/** `total` is null when the server did not report the size. */
export interface DownloadEnd {
  bytes: number;
  total: number | null;
  contentType: string | null;
}

interface State extends Part {
  contentType: string | null;
  /** How often what we had was thrown away. */
  restarts: number;
  /** Bytes that the last try brought. */
  gained: number;
  /** When progress was reported last, on the monotonic clock. */
  toldAt: number;
}

/** Tries in a row that bring nothing, the first included. */
const MAX_TRIES = 6;
/** Of a file that is empty each time. */
const EMPTY_TRIES = 3;
const MAX_RESTARTS = 5;
const PROGRESS_EVERY_MS = 200;

/**
 * Yields what happens, returns when the file is whole in the sink. A part that is as long as the file is whole without a request.
 * Throws one `CliError`: protocol (unsafe_url, not_a_file, too_large, encoded, bad_range, redirect, unexpected_status), expired
 * (dead_url), network, timeout, rate_limited or upstream after the tries, or a signal's. No message shows a path or a query.
 */
export async function* download(
  request: DownloadRequest,
  send: Send,
  deps: RequestDeps,
): AsyncGenerator<DownloadNote, DownloadEnd, undefined> {
  const state: State = {
    ...(request.part ?? { bytes: 0, validator: null, total: null }),
    contentType: null,
    restarts: 0,
    gained: 0,
    toldAt: Number.NEGATIVE_INFINITY,
  };
  if (state.bytes > 0 && state.bytes === state.total) return endOf(state);
  for (let tried = 0, overs = 0; ; ) {
    const outcome = yield* tryOnce(request, state, send, deps);
    if (outcome === 'whole') return endOf(state);
    if (outcome === 'over') {
      overs += 1;
      if (overs > MAX_RESTARTS)
        throw fileError(
          `${originOf(request.url)} does not send the part of the file that its headers announce`,
          'bad_range',
        );
      state.validator = null;
      continue;
    }
    tried = state.gained > 0 ? 1 : tried + 1;
    const isEmpty = outcome.error.details.code === EMPTY;
    const maxTries = isEmpty ? EMPTY_TRIES : MAX_TRIES;
    const rules = { paid: false, maxWaitMs: Number.POSITIVE_INFINITY, maxTries };
    const waitMs = retryWait(outcome, tried, rules, deps.random());
    if (waitMs === null) throw isEmpty ? fileError(outcome.error.message, EMPTY) : outcome.error;
    yield { type: 'retrying', waitMs, reason: outcome.error };
    await deps.clock.sleep(waitMs, deps.signal).catch((error: unknown) => {
      throw failureOf(error, originOf(request.url), false).error;
    });
  }
}

const EMPTY = 'empty_file';

function endOf({ bytes, total, contentType }: State): DownloadEnd {
  return { bytes, total, contentType };
}

/** The file is whole; the part is of no use; or the way broke. */
type Outcome = 'whole' | 'over' | Failure;

async function* tryOnce(
  request: DownloadRequest,
  state: State,
  send: Send,
  deps: RequestDeps,
): AsyncGenerator<DownloadNote, Outcome, undefined> {
  const watch = startWatch({ ...request.timeouts, totalMs: null }, deps);
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': request.userAgent,
    ...rangeHeaders(state),
  };
  state.gained = 0;
  try {
    const { url, baseUrl } = request;
    const file = await openFile(url, baseUrl, headers, send, watch, () => deps.clock.now());
    const reply = readFileReply(file.status, file.headers, state);
    if (reply.kind === 'complete') return 'whole';
    if (reply.kind === 'over') return 'over';
    if (reply.kind === 'unexpected')
      throw fileError(`${file.origin} sent a part of the file that was not requested`, 'bad_range');
    return yield* takeBytes(request, state, file, reply, deps);
  } catch (error) {
    if (error instanceof Broken) return error.failure;
    throw error;
  } finally {
    watch.stop();
  }
}

async function* takeBytes(
  request: DownloadRequest,
  state: State,
  file: OpenFile,
  reply: Extract<FileReply, { kind: 'bytes' }>,
  { clock }: RequestDeps,
): AsyncGenerator<DownloadNote, Outcome, undefined> {
  if (reply.total !== null && reply.total > request.maxBytes) throw tooLarge(request, file.origin);
  // Looked at before anything is thrown away for it.
  const isEncoded = mayBeEncoded(file.headers.get('content-encoding'));
  let body = await withHead(file.next, isEncoded ? () => true : mayBeDocument);
  const decoded = isEncoded ? decode(file, body) : null;
  if (decoded !== null && reply.offset > 0) return 'over';
  const facts = decoded === null ? reply : { ...reply, total: null, validator: null };
  try {
    if (decoded !== null)
      body = await withHead(decodedNext(decoded.next, file.origin), mayBeDocument);
    const problem = reply.offset > 0 ? null : notAFile(file.headers, body.head, file.origin);
    if (problem) throw problem;
    await begin(request.sink, state, file, facts);
    return yield* writeAll(request, state, file.origin, body, clock);
  } finally {
    decoded?.close();
  }
}

async function* writeAll(
  request: DownloadRequest,
  state: State,
  origin: string,
  { head, next }: Body,
  clock: RequestDeps['clock'],
): AsyncGenerator<DownloadNote, Outcome, undefined> {
  for (let bytes: Uint8Array | null = head; bytes !== null; bytes = await next()) {
    const after = state.bytes + bytes.length;
    if (bytes.length === 0) continue;
    if (after > request.maxBytes) throw tooLarge(request, origin);
    if (state.total !== null && after > state.total) return 'over';
    await request.sink.write(bytes);
    state.bytes = after;
    state.gained += bytes.length;
    const now = clock.monotonic();
    if (now - state.toldAt < PROGRESS_EVERY_MS) continue;
    state.toldAt = now;
    yield { type: 'progress', bytes: after, total: state.total };
  }
  if (state.total !== null && state.bytes !== state.total)
    return { kind: 'lost', error: cutError(origin, 'cut_file') };
  if (state.bytes > 0) return 'whole';
  return {
    kind: 'lost',
    error: new CliError('network', `${origin} sent an empty file`, { code: EMPTY }),
  };
}

/** null: it is not encoded. Its size and its validator are those of the encoded file then. */
function decode(
  { headers, origin }: OpenFile,
  { head, next }: Body,
): ReturnType<typeof decodedBody> {
  try {
    return decodedBody(headers.get('content-encoding'), head, next);
  } catch (error) {
    if (!(error instanceof UnknownCoding)) throw error;
    throw fileError(`${origin} sent the file in an encoding that was not requested`, 'encoded');
  }
}

/** A body that cannot be decoded to its end was cut off, for all that is known. */
function decodedNext(next: NextBytes, origin: string): NextBytes {
  return async () => {
    try {
      return await next();
    } catch (error) {
      if (!(error instanceof BadCoding)) throw error;
      throw new Broken({ kind: 'lost', error: cutError(origin, 'cut_file', error) });
    }
  };
}

/** Makes the sink ready for the bytes of a reply. */
async function begin(
  sink: Sink,
  state: State,
  file: OpenFile,
  { offset, total, validator }: Extract<FileReply, { kind: 'bytes' }>,
): Promise<void> {
  if (offset < state.bytes) {
    if (state.restarts === MAX_RESTARTS)
      throw new CliError('network', `${file.origin} breaks off repeatedly and cannot resume`, {
        code: 'cannot_resume',
      });
    state.restarts += 1;
    await sink.restart();
    state.bytes = 0;
  }
  const contentType = file.headers.get('content-type');
  Object.assign(state, { total, validator, contentType });
  await sink.head({ total, validator, contentType, offset });
}

function tooLarge({ maxBytes }: DownloadRequest, origin: string): CliError {
  return fileError(`the file at ${origin} is larger than ${maxBytes} bytes`, 'too_large');
}
