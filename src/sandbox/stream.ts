/** A reply as a row of steps: the events of AllToken's stream, or one JSON body, whole or broken on purpose. It writes nothing itself. */
import { completion, deltas, frames, type Reply } from './chunks.ts';
import { errorBody } from './envelope.ts';
import type { BreakingFault } from './fault-names.ts';
import { upstreamError } from './fault-replies.ts';

export type Step =
  | { do: 'write'; text: string }
  | { do: 'wait'; milliseconds: number }
  /** end: properly; drop: the connection goes; stall: it stays, and nothing more comes. */
  | { do: 'end' | 'drop' | 'stall' };

const keepAliveMillis = 100;
const lateCostMillis = 300;

/** The whole stream for `stream: true`. The cost comment comes after `[DONE]`, as on the real wire. */
export function* streamSteps(reply: Reply): Generator<Step> {
  const { answer, broken, cost, request, shaping, usage } = reply;
  const frame = frames(reply);
  if (broken === 'empty') return yield { do: 'end' };
  if (broken === 'comments-only') return yield* keepAlive(': keep-alive\n\n');
  if (broken === 'error-first') {
    yield data(errorBody(upstreamError, reply.requestId));
    return yield { do: 'end' };
  }
  const all = deltas(answer);
  const sent = broken && !reply.sentWhole ? all.slice(0, Math.ceil(all.length / 2)) : all;
  for (const delta of sent) yield data(frame(delta, null));
  if (broken) return yield* breakOff(reply, broken);

  yield data(frame({}, answer.finishReason));
  if (request.includeUsage && usage) yield data({ ...frame({}, null), choices: [], usage });
  yield write('data: [DONE]\n\n');
  if (shaping.has('late-cost')) yield { do: 'wait', milliseconds: lateCostMillis };
  if (cost !== null && !shaping.has('no-cost')) {
    const bad = cost.replace(/"cost":"[^"]*"/, '"cost":"NaN"');
    yield write(`: ${shaping.has('bad-cost') ? bad : cost}\n\n`);
  }
  yield { do: 'end' };
}

/** The body without `stream`: no cost in it, and broken bodies where a stream would break. */
export function* bodySteps(reply: Reply): Generator<Step> {
  const { answer, broken } = reply;
  const finishReason = broken === 'no-done' ? null : answer.finishReason;
  const text = JSON.stringify(completion(reply, finishReason));
  const half = Array.from(text)
    .slice(0, Math.floor(text.length / 2))
    .join('');
  switch (broken) {
    case 'empty':
      break;
    case 'comments-only':
      return yield* keepAlive(' ');
    case 'error-first':
    case 'stream-error':
      yield write(JSON.stringify(errorBody(upstreamError, reply.requestId)));
      break;
    case 'cut-stream':
      yield write(half);
      return yield { do: 'drop' };
    case 'stall':
      yield write(half);
      return yield { do: 'stall' };
    case 'bad-json':
      yield write(half);
      break;
    default:
      yield write(text);
  }
  yield { do: 'end' };
}

function* breakOff(reply: Reply, broken: BreakingFault): Generator<Step> {
  if (broken === 'stream-error') yield data(errorBody(upstreamError, reply.requestId));
  if (broken === 'bad-json')
    yield write('data: {"id":"chatcmpl-broken","choices":[{"index":0,\n\n');
  if (broken === 'cut-stream') return yield { do: 'drop' };
  if (broken === 'stall') return yield { do: 'stall' };
  yield { do: 'end' };
}

function* keepAlive(text: string): Generator<Step> {
  while (true) {
    yield write(text);
    yield { do: 'wait', milliseconds: keepAliveMillis };
  }
}

function data(value: unknown): Step {
  return write(`data: ${JSON.stringify(value)}\n\n`);
}

function write(text: string): Step {
  return { do: 'write', text };
}
