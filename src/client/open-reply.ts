/** Sends one request and yields its retries, and with --debug the request and its refusals. It does not read the body of a success. */
import type { Send } from '../base/deps.ts';
import type { OutputEvent } from '../schemas/events.ts';
import {
  type Policy,
  type Reply,
  type Request,
  type RequestDeps,
  type RequestNote,
  sendRequest,
} from '../transport/request.ts';
import { describeAnswer, describeBody, describeRequest } from './trace.ts';

interface OpenOptions {
  /** false: no trace of the request and its refusals, which is slow for a large body. */
  debug?: boolean;
  /** Receives each step before it is shown. */
  onNote?: (note: RequestNote) => void;
}

/** Yields retries and traces. `what` names the request in a retry line. Throws one `CliError` for every way to fail. */
export async function* openReply(
  request: Request,
  policy: Policy,
  what: string,
  send: Send,
  deps: RequestDeps,
  { debug = true, onNote }: OpenOptions = {},
): AsyncGenerator<OutputEvent, Reply, undefined> {
  const sending = sendRequest(request, policy, send, deps);
  for (;;) {
    const { done, value } = await sending.next();
    if (done) return value;
    onNote?.(value);
    if (value.type === 'retrying')
      yield {
        type: 'retry',
        attempt: value.attempt,
        wait_ms: Math.round(value.waitMs),
        model: what,
        reason: `${value.reason.message} [${value.reason.exit}]`,
      };
    else if (value.type === 'answered')
      yield { type: 'trace', level: 'verbose', message: describeAnswer(value) };
    else if (debug)
      yield {
        type: 'trace',
        level: 'debug',
        message: value.type === 'sending' ? describeRequest(request) : describeBody(value.body),
      };
  }
}
