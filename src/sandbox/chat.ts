/** POST /v1/chat/completions of the sandbox: from the bytes of the request to the steps of the reply. It keeps nothing of what it was sent. */
import { composeAnswer } from './answer.ts';
import { type Exchange, Rejection, sendError, unknownModel } from './envelope.ts';
import { replaceReply } from './fault-replies.ts';
import { breakingFaults, type Fault, replacingFaults, takeFirst, takeShaping } from './faults.ts';
import { isServed, searchEffect } from './models.ts';
import { play } from './play.ts';
import { type ChatRequest, readChatRequest } from './request.ts';
import { bodySteps, streamSteps } from './stream.ts';

const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Answers one chat request; faults that hit it are counted down. Rejects with Rejection for what
 * the envelope must say, and with the socket's or an AbortError when the client leaves first.
 */
export async function answerChat(exchange: Exchange, faults: readonly Fault[]): Promise<void> {
  const body = await readBody(exchange);
  const replacing = takeFirst(faults, replacingFaults);
  if (replacing) {
    exchange.notes.push(`fault=${replacing}`);
    replaceReply(exchange, replacing);
    return;
  }
  const request = readChatRequest(body);
  exchange.notes.push(`model=${request.model}`);
  const refusal = refusalOf(request);
  if (refusal) {
    sendError(exchange, refusal);
    return;
  }
  const broken = takeFirst(faults, breakingFaults);
  const shaping = takeShaping(faults);
  for (const fault of [...(broken ? [broken] : []), ...shaping]) {
    exchange.notes.push(`fault=${fault}`);
  }
  const answer = composeAnswer(request, shaping);
  const reply = { request, answer, requestId: exchange.requestId, broken, shaping };
  exchange.response.writeHead(200, {
    'content-type': request.stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    'cache-control': 'no-cache',
  });
  exchange.response.flushHeaders();
  await play(exchange, request.stream ? streamSteps(reply) : bodySteps(reply), shaping);
}

/** What a request that is well formed still cannot have. */
function refusalOf(request: ChatRequest) {
  if (!isServed(request.model)) return unknownModel(request.model);
  if (!request.search || searchEffect(request.model) !== 'fails') return null;
  return {
    status: 503,
    code: 'all_providers_failed',
    type: 'api_error',
    message: 'All providers failed: this model does not take enable_search.',
  };
}

/** Reads to the end even when it is too much: a client that is still sending would not see the reply. */
async function readBody({ request }: Exchange): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes <= maxBodyBytes) return Buffer.concat(chunks);
  throw new Rejection({
    status: 413,
    code: 'payload_too_large',
    type: 'invalid_request_error',
    message: 'The body is larger than 64 MB.',
  });
}
