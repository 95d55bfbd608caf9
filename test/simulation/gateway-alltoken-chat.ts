/** AllToken's answers to a chat: streamed with a cost comment behind [DONE], or in one document without a cost. */
import { data } from './gateway-base.ts';
import { dollars, type Sale, type SoldCall } from './gateway-books.ts';
import type { Piece } from './network.ts';

export interface Talk {
  model: string;
  finish: string;
  usage: object;
  sale: Sale;
  fault: string | null;
  price: readonly [bigint, bigint];
  /** Of an agent. */
  calls?: readonly SoldCall[];
}

export function stream(talk: Talk, words: number, pause: () => number): Piece[] {
  const { model, finish, usage, sale, fault, price } = talk;
  const chunk = (choices: unknown[], more: object = {}): object => ({
    id: `chatcmpl-${sale.requestId}`,
    object: 'chat.completion.chunk',
    created: 1_778_122_410,
    model,
    choices,
    'x-gateway-request-id': sale.requestId,
    ...more,
  });
  const delta = (content: string): object =>
    chunk([{ index: 0, delta: { content }, finish_reason: null }]);
  const pieces = Array.from({ length: words }, (_, index) =>
    data(delta(`Wort ${index} – ü, `), pause()),
  );
  pieces.push(
    ...callDeltas(talk.calls ?? []).map((call) =>
      data(chunk([{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }]), pause()),
    ),
  );
  if (fault === 'comments')
    pieces.splice(1, 0, { after: 30_000, bytes: Buffer.from(': keep-alive\n\n') });
  if (fault === 'error in the stream')
    return [
      ...pieces,
      data({ error: { code: 'upstream_error', message: 'it broke', type: 'api_error' } }, 10),
    ];
  if (fault === 'no end') return pieces;
  const cost = fault === 'bad cost' ? 'NaN' : dollars(sale.cost ?? 0n);
  const comment = {
    cost,
    input_price: dollars(price[0] * 1000n),
    output_price: dollars(price[1] * 1000n),
  };
  pieces.push(
    {
      ...data(chunk([{ index: 0, delta: {}, finish_reason: finish }]), pause()),
      onRead: onEnd(sale),
    },
    data(chunk([], { usage }), 1),
    data('[DONE]', 1),
  );
  if (fault === 'no cost') return pieces;
  pieces.push({
    after: fault === 'late cost' ? 3000 : ([2, 2, 2, 900, 1700][words % 5] ?? 2),
    bytes: Buffer.from(`: ${JSON.stringify(comment)}\n\n`),
    onRead: () => {
      sale.isCostRead = fault !== 'bad cost';
    },
  });
  return pieces;
}

/** Id and name once, then the arguments in two fragments, call after call. */
function callDeltas(calls: readonly SoldCall[]): object[] {
  return calls.flatMap(({ arguments: text, id, name }, index) => [
    { index, id, type: 'function', function: { name, arguments: '' } },
    { index, function: { arguments: text.slice(0, text.length >> 1) } },
    { index, function: { arguments: text.slice(text.length >> 1) } },
  ]);
}

export function onEnd(sale: Sale): () => void {
  return () => {
    sale.isEndRead = true;
  };
}

/** In one document, without a cost. */
export function whole(sale: Sale, model: string, finish: string, usage: object): object {
  return {
    id: `chatcmpl-${sale.requestId}`,
    object: 'chat.completion',
    created: 1_778_122_410,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Ein ganzes Wort – ü.' },
        finish_reason: finish,
      },
    ],
    usage,
    'x-gateway-request-id': sale.requestId,
  };
}
