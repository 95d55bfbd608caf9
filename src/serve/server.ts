/** The HTTP server: its address, its bounds, and how it stops. What is in a request is for its handler. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../base/deps.ts';
import { documentOf, Refusal } from './refusal.ts';

export interface ListenOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** PEM; null: plain HTTP. */
  tls: { cert: Uint8Array; key: Uint8Array } | null;
  clock: Pick<Clock, 'after'>;
  bounds?: Partial<Bounds>;
}

interface Bounds {
  /** Of all headers of a request, bytes. */
  headerBytes: number;
  /** For a request to have sent its headers, ms. */
  headersMs: number;
  /** For a whole request, ms. */
  requestMs: number;
  connections: number;
}

const usual: Bounds = {
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 300_000,
  connections: 256,
};

/** How long a connection without a request stays open: longer than clients keep theirs. */
const IDLE_MS = 75_000;

export interface Listening {
  port: number;
  /** Takes no more connections, and closes those that are idle; the others when their reply is over. */
  refuseNew(): void;
  /** Resolves when all connections are closed; those that are left after `graceMs` are dropped. */
  close(graceMs: number): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Rejects with the system's error where it cannot listen. */
export async function listen(handler: Handler, options: ListenOptions): Promise<Listening> {
  const bounds = { ...usual, ...options.bounds };
  const server = createServer(handler, options.tls, bounds);
  server.maxConnections = bounds.connections;
  const running = runningOn(server);
  const refused = new WeakSet<Socket>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else if (!refused.has(socket)) {
      refused.add(socket);
      // Replies come in the order of the requests: what was bought is delivered first.
      running.ended(socket, () => answerBadRequest(error, socket, options.clock));
    } else if (running.isIdle(socket)) socket.destroy();
  });
  const port = await bind(server, options);
  // What goes wrong with one connection ends that one.
  server.on('error', () => {});
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    server.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  let isClosing = false;
  const refuseNew = (): void => {
    if (isClosing) return;
    isClosing = true;
    server.close();
    server.closeIdleConnections();
  };
  return {
    port,
    refuseNew,
    async close(graceMs) {
      refuseNew();
      const stop = options.clock.after(graceMs, () => server.closeAllConnections());
      if (!isClosed) await closed;
      stop();
    },
  };
}

function createServer(handler: Handler, tls: ListenOptions['tls'], bounds: Bounds): Server {
  const options: ServerOptions = {
    maxHeaderSize: bounds.headerBytes,
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    connectionsCheckingInterval: Math.min(1000, bounds.headersMs),
    keepAliveTimeout: IDLE_MS,
    // Pieces of a stream are small, and each is wanted at once.
    noDelay: true,
    requireHostHeader: true,
  };
  return tls === null
    ? createHttpServer(options, handler)
    : createHttpsServer(
        { ...options, cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) },
        handler,
      );
}

/** The replies that each connection waits for. */
function runningOn(server: Server): {
  isIdle(socket: Socket): boolean;
  /** Calls `then` when there are none, also at once. */
  ended(socket: Socket, then: () => void): void;
} {
  const all = new WeakMap<Socket, Set<ServerResponse>>();
  server.prependListener('request', ({ socket }, response) => {
    const running = all.get(socket) ?? new Set<ServerResponse>();
    all.set(socket, running.add(response));
    response.once('close', () => running.delete(response));
  });
  const isIdle = (socket: Socket): boolean => (all.get(socket)?.size ?? 0) === 0;
  const ended = (socket: Socket, then: () => void): void => {
    const [first] = all.get(socket) ?? [];
    if (first === undefined) then();
    else first.once('close', () => ended(socket, then));
  };
  return { isIdle, ended };
}

function bind(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port was given'));
      else resolve(address.port);
    });
  });
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Of a request that is none: no handler has seen it. */
/** How long a client that was refused may take to close its side, ms. */
const LINGER_MS = 1000;

function answerBadRequest(
  error: NodeJS.ErrnoException,
  socket: Socket,
  clock: Pick<Clock, 'after'>,
): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Refusal(431, 'headers_too_large', 'the headers of the request are larger than 16 KB')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Refusal(408, 'request_timeout', 'the request took too long to arrive')
        : new Refusal(400, 'bad_request', 'this is not a valid HTTP request');
  const { status, headers, body } = documentOf(refusal, 'openai', null);
  const all = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\n${lines.join('')}\r\n${body}`);
  // One that never closes its side would keep its place; at once it might not get the reply.
  const cancel = clock.after(LINGER_MS, () => socket.destroy(), 'background');
  socket.once('close', cancel);
}
