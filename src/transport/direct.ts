/** The direct road: node:http and node:https, each with one agent that keeps connections alive. It retries nothing and follows no redirect. */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Clock, ReplyHeaders, Send, SendReply, SendRequest } from '../base/deps.ts';
import { ReplyBody } from './reply-body.ts';
import { SendError, sendCodes } from './send-error.ts';

/** What both roads are bound by. */
export interface Limits {
  /** DNS, TCP, the proxy's CONNECT and TLS together, in ms. */
  connectTimeoutMs: number;
  clock: Pick<Clock, 'after' | 'monotonic'>;
}

/** All headers of a reply together, in bytes: twice what Node allows by itself. */
export const MAX_HEADER_BYTES = 32 * 1024;
/** 1xx replies before the one that counts. */
export const MAX_INFORMATIONAL = 16;
/** How long an idle connection stays open; servers close theirs after 5 s (Node) to 75 s (nginx). */
export const IDLE_CONNECTION_MS = 30_000;
/**
 * A paid request reuses a connection only if that carried a reply less than this ago. A server that closes an idle one
 * at the very moment cannot be distinguished from one that took the request and died, and then the outcome of a purchase is unknown; no
 * server gives up that early. A free request takes any, and is sent again by our own retries if need be.
 */
export const FRESH_MS = 1000;
const MAX_CONNECTIONS = 256;
const MAX_IDLE_CONNECTIONS = 16;

interface Client {
  request(options: RequestOptions): ClientRequest;
  Agent: new (options: object) => Agent;
}

/** Where a request goes. */
type Target = Pick<RequestOptions, 'protocol' | 'hostname' | 'port' | 'path' | 'auth'>;

export function directRoad(limits: Limits & { lookup: LookupFunction | undefined }): Send {
  const agents = new Map<string, Agent>();
  const idleSince = new WeakMap<Socket, number>();
  const agentOf = (client: Client, protocol: string): Agent => {
    const known = agents.get(protocol);
    if (known !== undefined) return known;
    const agent = new client.Agent({
      keepAlive: true,
      maxSockets: MAX_CONNECTIONS,
      maxFreeSockets: MAX_IDLE_CONNECTIONS,
      timeout: IDLE_CONNECTION_MS,
    });
    agent.on('free', (socket: Socket) => idleSince.set(socket, limits.clock.monotonic()));
    agents.set(protocol, agent);
    return agent;
  };
  const dropOld = ({ freeSockets }: Agent): void => {
    const since = limits.clock.monotonic() - FRESH_MS;
    for (const sockets of Object.values(freeSockets))
      for (const socket of sockets ?? [])
        if ((idleSince.get(socket) ?? 0) < since) socket.destroy();
  };
  /** Most requests of a process go where the last one went. */
  let last: { url: string; target: Target } | null = null;
  const targetOf = (url: string): Target => {
    if (last?.url !== url) last = { url, target: urlToHttpOptions(new URL(url)) as Target };
    return last.target;
  };
  return async (request) => {
    const target = targetOf(request.url);
    const isSecure = target.protocol === 'https:';
    const client = isSecure ? await https() : await http();
    const agent = agentOf(client, target.protocol ?? '');
    if (request.paid) dropOld(agent);
    return new Promise((resolve, reject) => {
      exchange(client, agent, target, request, limits, resolve, reject);
    });
  };
}

// The default export is the module itself, whose `request` is looked up at each call: what a test puts there is seen.
const http = loadedOnce(async () => (await import('node:http')).default as unknown as Client);
const https = loadedOnce(async () => (await import('node:https')).default as unknown as Client);

function loadedOnce(load: () => Promise<Client>): () => Promise<Client> {
  let loaded: Promise<Client> | null = null;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

function exchange(
  client: Client,
  agent: Agent,
  { protocol, hostname, port, path, auth }: Target,
  request: SendRequest,
  limits: Limits & { lookup: LookupFunction | undefined },
  resolve: (reply: SendReply) => void,
  reject: (error: SendError) => void,
): void {
  const { signal } = request;
  const isSecure = protocol === 'https:';
  /** From here on bytes of the request may be with the server. */
  let sent = false;
  let body: ReplyBody | null = null;
  let message: IncomingMessage | null = null;
  let informational = 0;
  let stopClock = (): void => {};

  /** The one failure path, before the reply or in its body. */
  const fail = (cause: unknown, code?: string): void => {
    settle();
    const error = new SendError(cause, { sent, code });
    // What came before the break is still the reader's.
    if (message !== null && !signal.aborted) while (message.read() !== null);
    if (body === null) reject(error);
    else body.fail(error);
    outgoing?.destroy();
  };
  const settle = (): void => {
    stopClock();
    signal.removeEventListener('abort', onAbort);
  };
  const onAbort = (): void => {
    body?.abort(signal.reason);
    fail(signal.reason);
  };

  let outgoing: ClientRequest | undefined;
  try {
    outgoing = client.request({
      protocol,
      hostname,
      port,
      path,
      auth,
      method: request.method,
      headers: request.headers,
      agent,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      ...(limits.lookup && { lookup: limits.lookup }),
    });
  } catch (error) {
    // A header or a path with characters that may not be sent.
    fail(error);
    return;
  }
  const connection = outgoing;
  if (signal.aborted) {
    // Its errors are of no interest any more.
    connection.on('error', () => {});
    onAbort();
    return;
  }
  signal.addEventListener('abort', onAbort, { once: true });
  stopClock = limits.clock.after(limits.connectTimeoutMs, () =>
    fail(new Error('the connection timed out'), sendCodes.connectTimeout),
  );

  const onConnected = (): void => {
    sent = true;
    stopClock();
  };
  connection.once('socket', (socket) => {
    if (connection.reusedSocket) onConnected();
    else socket.once(isSecure ? 'secureConnect' : 'connect', onConnected);
  });
  connection.on('information', () => {
    informational += 1;
    if (informational > MAX_INFORMATIONAL)
      fail(new Error('too many informational replies'), sendCodes.informational);
  });
  connection.on('upgrade', (_, socket) => {
    socket.destroy();
    fail(new Error('a protocol upgrade that was not requested'), sendCodes.upgrade);
  });
  connection.on('response', (reply) => {
    message = reply;
    sent = true;
    stopClock();
    const open = bodyOf(reply, fail, settle);
    body = open;
    resolve({
      status: reply.statusCode ?? 0,
      headers: headersOf(reply),
      read: () => open.read(),
      discard: () => open.isOpen && fail(new Error('the rest is not needed')),
    });
    // Bytes after a complete reply belong to no response; the connection is closed, and the reply stays complete.
    connection.on('error', (error) => {
      if (!reply.complete) fail(error);
    });
  });
  connection.on('error', (error) => {
    if (body === null) fail(error);
  });
  // Encoded here in one go: Node would measure a text first, and then encode it again, slowly.
  const { body: bytes } = request;
  connection.end(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
}

function bodyOf(
  message: IncomingMessage,
  fail: (error: unknown) => void,
  settle: () => void,
): ReplyBody {
  const body = new ReplyBody({
    pause: () => void message.pause(),
    resume: () => void message.resume(),
  });
  message.on('data', (bytes: Uint8Array) => body.push(bytes));
  message.on('end', () => {
    settle();
    body.end();
  });
  message.on('close', () => {
    if (body.isOpen) fail(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }));
  });
  return body;
}

function headersOf({ headers }: IncomingMessage): ReplyHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return (Array.isArray(value) ? value.join(', ') : value) ?? null;
    },
  };
}
