/** POST /v1/chat/completions of the sandbox: from the bytes of the request to the steps of the reply. It keeps nothing of what it was sent. */
import { composeAnswer } from './answer.ts';
import { readBody } from './body.ts';
import { type Exchange, sendError, unknownModel } from './envelope.ts';
import { breakingFaults, replacingFaults, shapingFaults } from './fault-names.ts';
import { replacedByFault } from './fault-replies.ts';
import { type Fault, takeEach, takeFirst } from './faults.ts';
import { isServed } from './models.ts';
import { play } from './play.ts';
import { type ChatRequest, readChatRequest } from './request.ts';
import { failsToSearch } from './search.ts';
import { bodySteps, streamSteps } from './stream.ts';

const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Answers one chat request; faults that hit it are counted down. Rejects with Rejection for what
 * the envelope must say, and with the socket's or an AbortError when the client leaves first.
 */
export async function answerChat(exchange: Exchange, faults: readonly Fault[]): Promise<void> {
  const body = await readBody(exchange, maxBodyBytes);
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
  const { clock, requestId } = exchange;
  const created = Math.floor(clock.now() / 1000);
  const reply = { request, answer, requestId, created, broken, shaping };
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
  if (!failsToSearch(request)) return null;
  return {
    status: 503,
    code: 'all_providers_failed',
    type: 'api_error',
    message: 'All providers failed: this model does not take enable_search.',
  };
}
