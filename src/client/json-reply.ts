/** Sends one request whose response is a JSON document that fits into memory. It knows no gateway and no task. */
import type { Send } from '../base/deps.ts';
import { CliError, SignalReceived } from '../base/errors.ts';
import { parseLoosely } from '../base/json.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { errorInJson } from '../transport/error-body.ts';
import { looksLikeHtml, pageTitle } from '../transport/error-words.ts';
import {
  originOf,
  type Policy,
  type Reply,
  type Request,
  type RequestDeps,
} from '../transport/request.ts';
import { detailsOf, exitForInnerError } from '../transport/verdict.ts';
import { openReply } from './open-reply.ts';
import { describeBody } from './trace.ts';

const MAX_BYTES = 32 * 1024 * 1024;

export interface JsonReply {
  json: unknown;
  status: number;
  requestId: string | null;
  /** What the proxy of `alltoken run` calls it in the ledger; null from a gateway. */
  call: string | null;
}

/** As `openReply`, and the whole body as JSON. An error object with status 200 is thrown as that error. */
export async function* requestJson(
  request: Request,
  policy: Policy,
  what: string,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, JsonReply, undefined> {
  const reply = yield* openReply(request, policy, what, fetch, deps);
  try {
    const text = await readText(reply, request);
    yield { type: 'trace', level: 'debug', message: describeBody(text) };
    const json = parse(text, request, reply);
    const error = errorInJson(json, reply.status);
    // A failed task has an error too, and is still a complete response.
    if (error !== null && (json as { id?: unknown }).id === undefined && !hasStatus(json))
      throw new CliError(
        exitForInnerError(error),
        error.message,
        detailsOf(error, {
          status: reply.status,
          requestId: reply.requestId ?? undefined,
          ...(request.paid ? {} : { billed: 'no' }),
        }),
      );
    const { status, requestId, headers } = reply;
    return { json, status, requestId, call: headers.get('x-alltoken-call') };
  } finally {
    reply.watch.stop();
  }
}

function hasStatus(json: unknown): boolean {
  return typeof (json as { status?: unknown }).status === 'string';
}

async function readText(reply: Reply, request: Request): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of reply.chunks()) {
      size += chunk.length;
      if (size > MAX_BYTES) throw nonsense(request, reply, 'sent more than 32 MB', 'too_large');
      parts.push(chunk);
    }
  } catch (error) {
    throw brokenReply(error, request, reply);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** A body that was cut off: the outcome of a paid request is then unknown. */
export function brokenReply(error: unknown, request: Request, reply: Reply): CliError {
  if (error instanceof CliError) return error;
  const details = {
    status: reply.status,
    requestId: reply.requestId ?? undefined,
    cause: error,
  };
  if (error instanceof SignalReceived)
    return new CliError(error.exit, error.message, {
      ...details,
      billed: request.paid ? 'unknown' : 'no',
    });
  return new CliError(
    request.paid ? 'outcome_unknown' : 'network',
    `the response of ${originOf(request.url)} broke off`,
    { ...details, code: 'cut_reply' },
  );
}

function parse(text: string, request: Request, reply: Reply): unknown {
  if (looksLikeHtml(text)) throw nonsense(request, reply, `sent ${pageTitle(text)}`, 'html');
  try {
    return parseLoosely(text);
  } catch {
    throw nonsense(request, reply, 'sent something that is not JSON', 'bad_json');
  }
}

function nonsense(request: Request, reply: Reply, words: string, code: string): CliError {
  return new CliError('protocol', `${originOf(request.url)} ${words}`, {
    code,
    status: reply.status,
    requestId: reply.requestId ?? undefined,
    billed: request.paid ? 'unknown' : 'no',
  });
}
