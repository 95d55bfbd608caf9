/** `alltoken serve` in memory, in front of a gateway of the test's own, and requests to it as clients write them. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FakeWorld } from './fake-deps.ts';

export interface ServedProxy {
  world: FakeWorld;
  url: string;
  port: number;
  token: string;
  /** Sends SIGTERM; resolves to the exit code. */
  stop(): Promise<number>;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  trailers: NodeJS.Dict<string>;
  body: string;
  /** null where it is none. */
  json: Record<string, unknown> | null;
  /** The connection broke before the end. */
  isCut: boolean;
}

/** Serves on a free port until the test ends. */
export async function startProxy(world: FakeWorld, ...argv: string[]): Promise<ServedProxy> {
  const ending = world.run('serve', '--port', '0', '--json', ...argv);
  let code: number | null = null;
  void ending.then((found) => {
    code = found;
  });
  while (world.out() === '') {
    if (code !== null) throw new Error(`it ended with ${code}: ${world.err()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const document = world.json();
  if (document.ok !== true) throw new Error(JSON.stringify(document));
  const stop = (): Promise<number> => {
    world.signal('SIGTERM');
    return ending;
  };
  onTestFinished(async () => {
    await stop();
  });
  const { url, port, token } = document as { url: string; port: number; token: string };
  return { world, url, port, token, stop };
}

export interface Wish {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | object;
  /** Leave when it aborts. */
  signal?: AbortSignal;
  /** Gets the body as it comes. */
  onData?: (text: string) => void;
}

/** With the token and as JSON, unless the headers say otherwise. */
export function send(
  { port, token }: Pick<ServedProxy, 'port' | 'token'>,
  { method, path = '/v1/chat/completions', headers = {}, body, signal, onData }: Wish,
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        port,
        host: '127.0.0.1',
        path,
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        agent: new Agent({ keepAlive: false }),
        headers: {
          authorization: `Bearer ${token}`,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...headers,
        },
        ...(signal && { signal }),
      },
      (incoming) => {
        const parts: Buffer[] = [];
        const end = (isCut: boolean): void => {
          const all = Buffer.concat(parts).toString();
          const { statusCode: status = 0, headers: got, trailers } = incoming;
          resolve({ status, headers: got, trailers, body: all, json: parse(all), isCut });
        };
        incoming.on('data', (bytes: Buffer) => {
          parts.push(bytes);
          onData?.(bytes.toString());
        });
        incoming.on('end', () => end(false));
        incoming.on('error', () => end(true));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Bytes as they are over a connection of their own; resolves to all that came back when it is closed. */
export function raw(
  port: number,
  text: string | Uint8Array,
  { end = false } = {},
): Promise<string> {
  return new Promise((resolve) => {
    let back = '';
    const socket = connect(port, '127.0.0.1', () => {
      if (end) socket.end(text);
      else socket.write(text);
    });
    socket.on('data', (bytes) => {
      back += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(back));
  });
}

/** A chat with one word. */
export const hello = (more: object = {}): object => ({
  model: 'gpt-5.4-mini',
  messages: [{ role: 'user', content: 'Hi' }],
  ...more,
});

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
