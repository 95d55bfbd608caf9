/** Gets the code that reads a stream ready while we wait for one. It touches no call and no network. */
import type { Reply } from '../transport/request.ts';
import { Answer } from './answer.ts';
import { AnswerStream } from './answer-stream.ts';

const sample = [
  'data: {"id":"","model":"","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}',
  'data: {"id":"","model":"","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":null}]}',
  'data: {"id":"","model":"","choices":[{"index":0,"delta":{"content":"c"},"finish_reason":null}]}',
  '',
].join('\n\n');

/** Reads a few events into nothing, so that the first real ones find the code compiled. For idle moments only. */
export function warmUpStream(): void {
  const nothing = (): void => {};
  const watch = {
    signal: new AbortController().signal,
    waiting: nothing,
    bytes: nothing,
    data: nothing,
    tail: nothing,
    stop: nothing,
  };
  const reply: Reply = {
    status: 200,
    headers: { get: () => null },
    requestId: null,
    watch,
    async *chunks() {},
  };
  const context = { url: '', costWaitMillis: 0, debug: false, clock: { monotonic: () => 0 } };
  const stream = new AnswerStream(context, reply, new Answer(0));
  stream.push(new TextEncoder().encode(sample));
  for (const _event of stream.take());
}
