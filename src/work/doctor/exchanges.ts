/** Records what went over the wire, for a report: requests without their headers, replies with a few of theirs and the beginning of the body. It holds no key. */
import type { Deps, Send, SendReply } from '../../base/deps.ts';
import { redact } from '../../base/redact.ts';
import { visibleBody } from '../../client/trace.ts';

export interface Exchange {
  /** Of the check that sent it. */
  check: string;
  method: string;
  url: string;
  request: unknown;
  /** null where no reply came. */
  status: number | null;
  headers: Record<string, string>;
  /** Its beginning. */
  body: string;
  duration_ms: number;
}

/** Bytes of a body that are recorded: more than any reply that these checks ask for. */
const MAX_BODY = 16_384;

/** The others may identify the user, or say nothing. */
const recorded = [
  ...['content-type', 'date', 'retry-after', 'server', 'x-request-id', 'x-gateway-request-id'],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'idempotency-replayed'],
];

export class Exchanges {
  readonly all: Exchange[] = [];
  /** The check that sends now. */
  check = '';
  readonly #key: string | null;
  readonly #clock: Pick<Deps['clock'], 'monotonic'>;

  constructor(key: string | null, clock: Pick<Deps['clock'], 'monotonic'>) {
    this.#key = key;
    this.#clock = clock;
  }

  get last(): Exchange | null {
    return this.all.at(-1) ?? null;
  }

  /** Sends as `send` does. */
  through(send: Send): Send {
    return async (request) => {
      const startedAt = this.#clock.monotonic();
      const exchange: Exchange = {
        check: this.check,
        method: request.method,
        url: redact(request.url, this.#key),
        request: typeof request.body === 'string' ? requestBody(request.body) : null,
        status: null,
        headers: {},
        body: '',
        duration_ms: 0,
      };
      this.all.push(exchange);
      try {
        return this.#recorded(await send(request), exchange, startedAt);
      } finally {
        exchange.duration_ms = Math.round(this.#clock.monotonic() - startedAt);
      }
    };
  }

  #recorded(reply: SendReply, exchange: Exchange, startedAt: number): SendReply {
    const clean = (text: string): string => redact(text, this.#key);
    exchange.status = reply.status;
    for (const name of recorded) {
      const value = reply.headers.get(name);
      if (value !== null) exchange.headers[name] = clean(value.slice(0, 200));
    }
    const decoder = new TextDecoder();
    let text = '';
    return {
      status: reply.status,
      headers: reply.headers,
      discard: () => reply.discard(),
      read: async () => {
        const bytes = await reply.read();
        if (bytes !== null && text.length < MAX_BODY) {
          text += decoder.decode(bytes, { stream: true });
          // A key could be cut by the border of two reads: the whole beginning is cleaned each time.
          exchange.body = clean(text.slice(0, MAX_BODY));
        }
        exchange.duration_ms = Math.round(this.#clock.monotonic() - startedAt);
        return bytes;
      },
    };
  }
}

function requestBody(text: string): unknown {
  return visibleBody(JSON.parse(text) as unknown);
}
