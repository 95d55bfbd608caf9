/** Commands of ours that go through the proxy of their home: their requests, over the connections inside the machine. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Send, SendReply, SendRequest } from '../../src/base/deps.ts';
import { SendError } from '../../src/transport/send-error.ts';
import type { Loopback } from './loopback.ts';
import type { Process } from './process.ts';
import { OWN_GATEWAY, type OwnCommand } from './serve-plan.ts';

/** That the proxy listens on. */
export const PORT = 4141;

/** Of the config. */
export const proxyGateway = {
  [OWN_GATEWAY]: {
    kind: 'openai',
    base_url: `http://127.0.0.1:${PORT}/v1`,
    api_key_env: 'ALLTOKEN_SERVE_TOKEN',
  },
};

export function argvOf({ number, maxTokens }: OwnCommand): string[] {
  const limit = maxTokens === null ? [] : ['--max-tokens', String(maxTokens)];
  return ['chat', '-g', OWN_GATEWAY, '-m', 'gpt-5.4-nano', ...limit, `hello #${number}`];
}

/** Without faults of its own: the process, the server and the disk have theirs. */
export function insideOf(process: Process, loopback: Loopback): Send {
  return (request) =>
    new Promise((resolve, reject) => new Exchange(process, loopback, request, resolve, reject));
}

class Exchange implements SendReply {
  status = 0;
  headers: SendReply['headers'] = { get: () => null };
  readonly #process: Process;
  readonly #reject: (error: unknown) => void;
  readonly #parts: Uint8Array[] = [];
  #hasEnded = false;
  #failure: unknown = null;
  #reader: (() => void) | null = null;
  readonly #leave: () => void;

  constructor(
    process: Process,
    loopback: Loopback,
    { url, method, headers, body, signal }: SendRequest,
    resolve: (reply: SendReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#process = process;
    this.#reject = reject;
    const { pathname, search, host } = new URL(url);
    const { stream } = loopback.connect(PORT, process.random);
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest({
      ...{ method, path: `${pathname}${search}`, createConnection: () => stream },
      headers: { ...headers, host, ...length },
    });
    this.#leave = () => outgoing.destroy();
    outgoing.on('response', (incoming) => {
      this.#take(incoming);
      void this.#step('the head', () => resolve(this));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail(new SendError(error, { sent: error.code !== 'ECONNREFUSED', code: error.code })),
    );
    signal.addEventListener(
      'abort',
      () => {
        this.#leave();
        this.#fail(new SendError(signal.reason, { sent: true }));
      },
      { once: true },
    );
    void process.ended.then(this.#leave);
    outgoing.end(body);
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#parts.length === 0 && !this.#hasEnded && this.#failure === null)
      await new Promise<void>((resolve) => {
        this.#reader = resolve;
      });
    return this.#step('bytes', () => {
      const part = this.#parts.shift();
      if (part !== undefined) return part;
      if (this.#failure !== null) throw this.#failure;
      return null;
    });
  }

  discard(): void {
    this.#leave();
  }

  #take(incoming: IncomingMessage): void {
    this.status = incoming.statusCode ?? 0;
    this.headers = {
      get: (name) => {
        const value = incoming.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
    };
    incoming.on('data', (bytes: Buffer) => {
      this.#parts.push(bytes);
      this.#wake();
    });
    incoming.on('end', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    incoming.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail(new SendError(error, { sent: true, code: error.code })),
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    void this.#step('a failure', () => this.#reject(this.#failure));
    this.#wake();
  }

  #wake(): void {
    this.#reader?.();
    this.#reader = null;
  }

  /** As all that a process does: not at all when it has died, later when it is stopped. */
  #step<T>(what: string, work: () => T): Promise<T> {
    const place = 'receive from the proxy';
    return this.#process.step({ what: () => `${place}: ${what}`, place, milliseconds: 0, work });
  }
}
