/** The embedded gateway: a real HTTP server on loopback that speaks AllToken's wire. No key, no charge, no model, nothing stored on disk. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Call } from './call.ts';
import { answerChat, type ChatAnswerer } from './chat.ts';
import {
  type Exchange,
  newRequestId,
  Rejection,
  type SandboxClock,
  sendError,
} from './envelope.ts';
import { refusingFaults } from './fault-names.ts';
import type { FaultName } from './fault-table.ts';
import type { Fault } from './faults.ts';
import { type Lifetimes, newMediaState, type Pace } from './media/state.ts';
import { dispatch } from './routes.ts';

export interface SandboxOptions {
  /** 0: any free port. */
  port: number;
  faults: readonly Fault[];
  /** What time it is here, and how a reply waits. */
  clock: SandboxClock;
  /** For tests that cannot wait as long as a person can. */
  pace?: Partial<Pace>;
  lifetimes?: Partial<Lifetimes>;
  /** One line a request, for the `alltoken sandbox` command. */
  log?: (line: string) => void;
  /** Told of the body of each request to the gateway, before it is answered. */
  onBody?: (body: Uint8Array) => void;
  /** Answers the chat in place of the sandbox. */
  chat?: ChatAnswerer;
}

export interface Sandbox {
  /** http://127.0.0.1:<port>/v1 */
  baseUrl: string;
  port: number;
  /** The faults that have hit a request so far. `refuses`: it alone is why that was refused. */
  hits(): { name: FaultName; refuses: boolean }[];
  /** Drops whatever is still open; resolves when the port is free. Further calls wait for the same end. */
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1; rejects with the system's error (EADDRINUSE, EACCES …). */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const memory = {
    faults: options.faults.map((fault) => ({ ...fault })),
    media: newMediaState(options.pace ?? {}, options.lifetimes ?? {}),
    chat: options.chat ?? answerChat,
  };
  const server = createServer((request, response) => {
    void handle(request, response, memory, options);
  });
  // A client that reuses its connection must not find it closed between two requests.
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options.port);
  let closed: Promise<void> | undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    hits: () =>
      memory.faults
        .filter(({ hasHit }) => hasHit)
        .map(({ name }) => ({ name, refuses: refusingFaults.has(name) })),
    close: () => {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port was given'));
      else resolve(address.port);
    });
  });
}

/** One request, from its head to the log line; never rejects. */
async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  memory: Pick<Call, 'chat' | 'faults' | 'media'>,
  { clock, log, onBody }: Pick<SandboxOptions, 'clock' | 'log' | 'onBody'>,
): Promise<void> {
  const started = clock.monotonic();
  const over = new AbortController();
  const exchange: Exchange = {
    request,
    response,
    requestId: newRequestId(),
    signal: over.signal,
    clock,
    notes: [],
    ...(onBody && { onBody }),
  };
  response.once('close', () => {
    over.abort();
    log?.(logLine(exchange, Math.round(clock.monotonic() - started)));
  });
  // A write that meets a closed connection: the close says all there is to say.
  response.on('error', () => {});
  try {
    await dispatch({ exchange, ...memory });
  } catch (error) {
    if (over.signal.aborted || response.headersSent) response.destroy();
    else sendError(exchange, error instanceof Rejection ? error.reply : bugReply);
  }
}

const bugReply = {
  status: 500,
  code: 'sandbox_bug',
  type: 'api_error',
  message: 'The sandbox itself failed: this is a bug in alltoken.',
};

/** Printable ASCII only: paths and model ids come from the client. Without the query, which contains signatures. */
function logLine({ notes, request, requestId, response }: Exchange, milliseconds: number): string {
  const status = response.headersSent ? String(response.statusCode) : 'no reply';
  const left = response.headersSent && !response.writableFinished ? ' cut' : '';
  const [path] = (request.url ?? '').split('?');
  const line = [request.method, path, `${status}${left}`, ...notes].join(' ');
  const shown = line.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
  return `${shown} ${milliseconds}ms ${requestId}`;
}
