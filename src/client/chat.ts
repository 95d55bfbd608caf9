/** One chat call: sends it, reads the stream past `[DONE]` to the cost, and yields what arrives. It prints nothing and writes no ledger. */

import type { Deps, Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { oneLine, shorten } from '../base/json.ts';
import { lossOf } from '../base/loss.ts';
import type { Gateway } from '../gateways/types.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { originOf, type Policy, type Reply, type RequestNote } from '../transport/request.ts';
import type { Answer } from './answer.ts';
import { MAX_ANSWER, MAX_ANSWER_WORDS } from './answer-size.ts';
import { AnswerStream, type StreamContext, type StreamTap } from './answer-stream.ts';
import { openReply } from './open-reply.ts';
import { readRateLimit } from './rate-limit.ts';
import { rehearse } from './rehearse.ts';
import { breakOff, protocolError } from './stream-errors.ts';

/** From here on an answer is long, in bytes: by its end V8 would have doubled the heap for new objects, from 57 to 80 MB. */
const LONG_ANSWER_BYTES = 1024 * 1024;

/** How long the end of a body that is passed on is waited for, when nothing in it is needed any more. */
const AFTER_COST_MS = 250;

/** How long the rest of a stream is passed on after an error in it. */
const AFTER_ERROR_MS = 2000;

export interface ChatCall {
  gateway: Gateway;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  model: string;
  policy: Policy;
  /** Show requests and responses, for --debug. */
  debug: boolean;
  /** Another program gets the answer as it was sent. */
  relay?: ChatRelay | undefined;
}

/** Takes a stream as it arrives. What it reads in chunks, and where they end, comes before their bytes. */
export interface ChatRelay extends StreamTap {
  /** The body to send, where that is not `body` as we would write it. */
  readonly requestText?: string | Uint8Array | undefined;
  /** Sent with it, beside ours. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Behind the path, with its `?`. */
  readonly query?: string | undefined;
  /** Each step of the request, before anything of the reply is read. */
  onNote(note: RequestNote): void;
  /** The next bytes of a stream; resolves when there is room for more, and never rejects. */
  take(bytes: Uint8Array): Promise<void> | undefined;
  /** A reply in one piece, although a stream was requested. */
  takeWhole(bytes: Uint8Array): void;
}

export type ChatDeps = Pick<Deps, 'clock' | 'random' | 'signal' | 'keepMemoryFlat'>;

/** Yields deltas, retries and traces, fills `answer`; throws one `CliError` when the call fails. The terminal signal is checked here. */
export async function* streamChat(
  call: ChatCall,
  answer: Answer,
  send: Send,
  deps: ChatDeps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const reply = yield* openAnswer(call, answer, send, deps);
  try {
    yield* readReply(call, reply, answer, deps);
    for (const event of finish(answer, call, reply.status)) yield event;
  } finally {
    reply.watch.stop();
  }
}

/** The open response; records the attempts and the last request id in `answer`, also on failure. */
async function* openAnswer(
  call: ChatCall,
  answer: Answer,
  send: Send,
  deps: ChatDeps,
): AsyncGenerator<OutputEvent, Reply, undefined> {
  const { url, headers, policy, model, debug } = call;
  const body = call.relay?.requestText ?? JSON.stringify(call.body);
  const request = { method: 'POST' as const, url, headers, body, paid: true };
  const onNote = (note: RequestNote): void => {
    call.relay?.onNote(note);
    if (note.type === 'sending') answer.attempts += 1;
    if (note.type !== 'answered') return;
    if (note.requestId !== null) answer.requestId = note.requestId;
    answer.rateLimit = readRateLimit(note.headers) ?? answer.rateLimit;
  };
  const stop =
    call.relay === undefined
      ? rehearse({ ...contextOf(call, deps), debug: false }, deps.clock)
      : (): void => {};
  try {
    const reply = yield* openReply(request, policy, model, send, deps, { debug, onNote });
    answer.requestId = reply.requestId;
    return reply;
  } finally {
    stop();
  }
}

function contextOf({ url, gateway, debug, relay }: ChatCall, { clock }: ChatDeps): StreamContext {
  return { url, costWaitMillis: gateway.costWaitMillis, debug, clock, tap: relay };
}

/** Distinguishes the three kinds of body by their first byte, whatever the Content-Type says. */
async function* readReply(
  call: ChatCall,
  reply: Reply,
  answer: Answer,
  deps: ChatDeps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { relay } = call;
  const stream = new AnswerStream(contextOf(call, deps), reply, answer);
  let whole: Uint8Array[] | null = null;
  let size = 0;
  let first = true;
  try {
    for await (const chunk of reply.chunks()) {
      size += chunk.length;
      if (size > LONG_ANSWER_BYTES && size - chunk.length <= LONG_ANSWER_BYTES)
        deps.keepMemoryFlat();
      if (first) {
        const start = firstByte(chunk);
        if (start === undefined) {
          // White space or part of a byte order mark: the reader needs it, but it decides nothing.
          stream.push(chunk);
          await relay?.take(chunk);
          continue;
        }
        first = false;
        if (start === '<' || start === '{' || start === '[') whole = [];
      }
      if (whole) {
        if (size > MAX_ANSWER)
          throw protocolError(
            `the response is larger than ${MAX_ANSWER_WORDS}`,
            'too_large',
            reply,
          );
        whole.push(chunk);
        continue;
      }
      stream.push(chunk);
      const taking = relay?.take(chunk);
      if (taking !== undefined) await taking;
      if (relay !== undefined && stream.hasFailed) {
        relay.onError?.();
        // What the server says after an error is passed on, too.
        reply.watch.tail(AFTER_ERROR_MS);
        continue;
      }
      for (const event of stream.take()) yield event;
      stream.check();
      if (!stream.isComplete) continue;
      if (relay === undefined) break;
      // The last bytes are passed on, too, and after its end a connection can be used again.
      reply.watch.tail(AFTER_COST_MS);
    }
  } catch (error) {
    for (const event of stream.rest()) yield event;
    if (!stream.mayEndHere(error)) throw breakOff(error, call.url, answer, reply);
  }
  if (whole) {
    const bytes = Buffer.concat(whole);
    relay?.takeWhole(bytes);
    yield* stream.readWhole(new TextDecoder().decode(bytes));
  } else {
    stream.end();
    for (const event of stream.rest()) yield event;
  }
}

function firstByte(chunk: Uint8Array): string | undefined {
  for (const byte of chunk) {
    // White space, or a byte of the UTF-8 byte order mark.
    if (byte === 32 || (byte >= 9 && byte <= 13) || byte === 0xef || byte === 0xbb || byte === 0xbf)
      continue;
    return String.fromCharCode(byte);
  }
  return undefined;
}

/** The checks at the end: a stream that just stops is not a complete answer. */
function* finish(
  answer: Answer,
  call: ChatCall,
  status: number,
): Generator<OutputEvent, void, undefined> {
  const details = { status, requestId: answer.requestId ?? undefined };
  const { calls, cut } = answer.toolCalls.whole(answer.hasTerminalSignal);
  for (const tool_call of calls) yield { type: 'tool_call', tool_call };
  if (cut.length > 0) {
    const which = cut.length > 1 ? `${cut.length} tool calls were` : 'a tool call was';
    yield { type: 'warning', message: `${which} cut off and dropped` };
  }
  const unread = answer.unread.warning(answer.isEmpty);
  if (unread !== null) yield lossOf('result', unread);
  const words = answer.strangeWords === '' ? '' : `: ${answer.strangeWords}`;
  // `[DONE]` after nothing but words of the server ends no answer.
  const isAnswered = answer.hasOutput || answer.finishReason !== null || calls.length > 0;
  if (!isAnswered && words !== '')
    throw new CliError('protocol', `${originOf(call.url)} sent no answer${words}`, {
      ...details,
      code: 'no_answer',
    });
  if (!answer.hasTerminalSignal) {
    if (answer.hasOutput)
      throw new CliError('partial', `the answer ended without a terminal signal${words}`, {
        ...details,
        code: 'cut_stream',
      });
    throw cut.length > 0
      ? new CliError('protocol', 'the stream was cut in a tool call', {
          ...details,
          code: 'cut_stream',
        })
      : new CliError('protocol', `${originOf(call.url)} sent no answer`, {
          ...details,
          code: 'empty_reply',
        });
  }
  const { ending } = answer;
  const reason = oneLine(answer.finishReason ?? '');
  if (ending === 'refused')
    throw new CliError('refused', 'the answer was stopped by content policy', {
      ...details,
      code: reason,
      billed: 'unknown',
    });
  if (ending === 'trouble')
    throw new CliError('partial', `the server ended the answer with finish_reason ${reason}`, {
      ...details,
      code: reason,
      billed: 'unknown',
    });
  // A call that the token limit cut is part of an answer that is known to be cut.
  if (cut.length > 0 && ending !== 'length')
    throw new CliError(
      answer.hasOutput || calls.length > 0 ? 'partial' : 'protocol',
      `the arguments of a tool call are not complete JSON: ${shorten(cut.join(', '), 200)}`,
      { ...details, code: 'broken_tool_call', billed: 'unknown' },
    );
}
