/** The JSON shapes of a chat reply: chunks of a stream, the single body, token counts. It orders nothing and breaks nothing. */
import type { Answer } from './answer.ts';
import type { BreakingFault, ShapingFault } from './fault-names.ts';
import type { TokenCounts } from './prices.ts';
import type { ChatRequest } from './request.ts';

export interface Reply {
  request: ChatRequest;
  answer: Answer;
  /** Of the answer: all chunks have it. */
  id: string;
  requestId: string;
  /** As the wire has it; null where none is sent. */
  usage: object | null;
  /** The JSON of the comment; null where none is sent. */
  cost: string | null;
  /** Seconds since 1970. */
  created: number;
  broken: BreakingFault | null;
  /** All of the answer goes out before the stream breaks; else half of it. */
  sentWhole: boolean;
  shaping: ReadonlySet<ShapingFault>;
}

type Delta = Record<string, unknown>;

/** Above this, pieces are no longer words: a big answer would be mostly envelopes. */
const wordByWordLimit = 20_000;

/** The answer in pieces: thoughts, then words or the fragments of a tool call. The first one has the role. */
export function deltas(answer: Answer): Delta[] {
  const thoughts = pieces(answer.reasoning).map((text) => ({ reasoning_content: text }));
  const words = pieces(answer.text).map((text) => ({ content: text }));
  const [first = { content: '' }, ...rest] = [...thoughts, ...words, ...toolDeltas(answer)];
  return [{ role: 'assistant', ...first }, ...rest];
}

/** One call after the other: id and name once, then the arguments in fragments of a few characters. */
function toolDeltas({ text: said, toolCalls }: Answer): Delta[] {
  return toolCalls.flatMap(({ arguments: text, id, name }, index) => {
    const opening = { index, id, type: 'function', function: { name, arguments: '' } };
    const fragments = text.match(/.{1,12}/gsu) ?? [];
    return [
      { ...(index === 0 && said === '' && { content: null }), tool_calls: [opening] },
      ...fragments.map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] })),
    ];
  });
}

function pieces(text: string): string[] {
  return text.match(text.length > wordByWordLimit ? /.{1,4000}/gsu : /\s*\S+\s?|\s+/gu) ?? [];
}

/** Chunks that share one id. Without include_usage, each carries `"usage":null`. */
export function frames(reply: Reply): (delta: Delta, finishReason: string | null) => object {
  const head = heading('chat.completion.chunk', reply);
  const tail = reply.request.includeUsage ? {} : { usage: null };
  return (delta, finishReason) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...tail,
  });
}

/** The one body of a reply without `stream`; it carries the request id and no cost. */
export function completion(reply: Reply, finishReason: string | null): object {
  const { reasoning, text, toolCalls } = reply.answer;
  const isCall = toolCalls.length > 0;
  const message = {
    role: 'assistant',
    content: isCall ? text || null : text,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(isCall && {
      tool_calls: toolCalls.map(({ id, name, arguments: json }) => ({
        id,
        type: 'function',
        function: { name, arguments: json },
      })),
    }),
  };
  return {
    ...heading('chat.completion', reply),
    choices: [{ index: 0, message, finish_reason: finishReason }],
    ...(reply.usage && { usage: reply.usage }),
    'x-gateway-request-id': reply.requestId,
  };
}

function heading(object: string, { created, id, request }: Reply): object {
  return {
    id,
    object,
    created,
    model: request.model,
    service_tier: 'default',
    system_fingerprint: 'sandbox',
  };
}

/** Token counts as the wire has them. */
export function usage(counts: TokenCounts): object {
  return {
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
    total_tokens: counts.prompt + counts.completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: counts.reasoning },
  };
}
