/** POST /v1/chat/completions of the sandbox: from the bytes of the request to the steps of the reply. It keeps nothing of what it was sent. */
import { randomBytes } from 'node:crypto';
import { composeAnswer } from './answer.ts';
import { readBody } from './body.ts';
import { type Reply, usage } from './chunks.ts';
import { type Exchange, sendError, unknownModel } from './envelope.ts';
import { breakingFaults, replacingFaults, shapingFaults } from './fault-names.ts';
import { replacedByFault } from './fault-replies.ts';
import { type Fault, takeEach, takeFirst } from './faults.ts';
import { isServed } from './models.ts';
import { play } from './play.ts';
import { costComment } from './prices.ts';
import { type ChatRequest, readChatRequest } from './request.ts';
import { failsToSearch } from './search.ts';
import { bodySteps, streamSteps } from './stream.ts';

/** How POST /v1/chat/completions is answered. */
export type ChatAnswerer = (exchange: Exchange, faults: readonly Fault[]) => Promise<void>;

const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Answers one chat request; faults that hit it are counted down. Rejects with Rejection for what
 * the envelope must say, and with the socket's or an AbortError when the client leaves first.
 */
export async function answerChat(exchange: Exchange, faults: readonly Fault[]): Promise<void> {
  const body = await readChatBody(exchange);
  if (replacedByFault(exchange, faults, replacingFaults)) return;
  const request = readChatRequest(body);
  exchange.notes.push(`model=${request.model}`);
  const refusal = refusalOf(request);
  if (refusal) {
    sendError(exchange, refusal);
    return;
  }
  const broken = takeFirst(faults, breakingFaults);
  const shaping = takeEach(faults, shapingFaults);
  for (const fault of [...(broken ? [broken] : []), ...shaping]) {
    exchange.notes.push(`fault=${fault}`);
  }
  const answer = composeAnswer(request, shaping);
  await sendReply(exchange, {
    request,
    answer,
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    usage: usage(answer.counts),
    cost: costComment(request.model, answer.counts),
    broken,
    sentWhole: false,
    shaping,
  });
}

/** Rejects as readBody does. */
export function readChatBody(exchange: Exchange): Promise<Uint8Array> {
  return readBody(exchange, maxBodyBytes);
}

/** As a stream, or as one body, whichever was requested. Rejects as play does. */
export async function sendReply(
  exchange: Exchange,
  content: Omit<Reply, 'created' | 'requestId'>,
): Promise<void> {
  const { clock, requestId } = exchange;
  const reply = { ...content, requestId, created: Math.floor(clock.now() / 1000) };
  const { shaping } = reply;
  const { stream } = reply.request;
  exchange.response.writeHead(200, {
    'content-type': stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    'cache-control': 'no-cache',
  });
  exchange.response.flushHeaders();
  await play(exchange, stream ? streamSteps(reply) : bodySteps(reply), shaping);
}

/** What a request that is well formed still cannot have. */
function refusalOf(request: ChatRequest) {
  if (!isServed(request.model)) return unknownModel(request.model);
  if (!failsToSearch(request)) return null;
  return {
    status: 503,
    code: 'all_providers_failed',
    type: 'api_error',
    message: 'All providers failed: this model does not take enable_search.',
  };
}
