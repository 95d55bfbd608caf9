/** A real HTTP server on loopback whose replies a test writes byte by byte; it keeps what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { builtInGateways } from '../../src/gateways/index.ts';

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** The body as JSON; null when it is none. */
  json: Record<string, unknown> | null;
}

export interface TestServer {
  /** With /v1 at the end. */
  baseUrl: string;
  port: number;
  requests: Received[];
}

/** `answer` is called with the number of the request, from 1. The server ends with the test. */
export async function startServer(
  answer: (response: ServerResponse, request: Received, count: number) => void | Promise<void>,
): Promise<TestServer> {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (chunk: Buffer) => parts.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const received: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
        json: parse(body),
      };
      requests.push(received);
      void answer(response, received, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, port, requests };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The bytes of a short good answer: two deltas, finish, usage, `[DONE]`, the cost. */
export function goodStream(text = 'Hello wörld', cost = '0.0000188000'): string {
  const half = Math.ceil(text.length / 2);
  return [
    chunk({ role: 'assistant', content: text.slice(0, half) }),
    chunk({ content: text.slice(half) }),
    chunk({}, 'stop'),
    `data: {"id":"chatcmpl-1","model":"gpt-5.4-mini","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":12,"total_tokens":31}}\n\n`,
    'data: [DONE]\n\n',
    `: {"cost":"${cost}","input_price":"0.0002000000","output_price":"0.0012500000","prompt_tokens":19,"completion_tokens":12}\n\n`,
  ].join('');
}

/** One chat chunk as it stands on the wire. */
export function chunk(delta: Record<string, unknown>, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.4-mini', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** Sends a stream and ends it. */
export function sendStream(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' });
  response.end(body);
}

/** The gateway's own error envelope. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(
    JSON.stringify({
      error: {
        code,
        message: `it is ${code}`,
        param: null,
        type: 'api_error',
        request_id: 'req-err',
      },
    }),
  );
}

/** The environment that sends every gateway with a variable for it to this server; only the default one has a key. */
export function pointedAt(server: TestServer): Record<string, string> {
  return {
    ...Object.fromEntries(
      [...builtInGateways.values()].flatMap(({ baseUrlEnv }) =>
        baseUrlEnv === null ? [] : [[baseUrlEnv, server.baseUrl]],
      ),
    ),
    ALLTOKEN_API_KEY: 'sk-at-test-0123456789abcdef',
  };
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
