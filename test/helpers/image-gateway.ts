/** A gateway for images on loopback that plays a script: one reply for each create, poll, presign, PUT and file. It keeps what it was sent, bytes too. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  completed,
  created,
  errorReply,
  inline,
  picture,
  presigned,
  processing,
  sendFile,
} from './image-replies.ts';
import type { Received, TestServer } from './server.ts';

type Route = 'create' | 'poll' | 'presign' | 'put' | 'file' | 'other';

interface ImageRequest extends Received {
  bytes: Buffer;
  route: Route;
}

/** `count`: the how manieth request of its route it is, from 1. */
export type ImageReply = (
  response: ServerResponse,
  request: ImageRequest,
  count: number,
) => void | Promise<void>;

/** In turn; the last one serves all that follow. */
export type Script = Partial<Record<Route, ImageReply | readonly ImageReply[]>>;

export interface ImageGateway extends TestServer {
  requests: ImageRequest[];
  /** All but those of lists, which are about no job. */
  ofJobs(): ImageRequest[];
  to(route: Route): ImageRequest[];
  /** The address of a file here, as a gateway would name it. */
  fileUrl(name: string, query?: string): string;
  /** May be changed while it runs. */
  script: Script;
}

/** Without a script: a task that is processing once, then completed with one picture. */
export async function startImageGateway(script: Script = {}): Promise<ImageGateway> {
  const requests: ImageRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      const received = receivedOf(request, Buffer.concat(parts));
      requests.push(received);
      const count = requests.filter(({ route }) => route === received.route).length;
      const replies = gateway.script[received.route] ?? usual(gateway)[received.route];
      const list = typeof replies === 'function' ? [replies] : replies;
      const reply = list[count - 1] ?? list.at(-1);
      void reply?.(response, received, count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const gateway: ImageGateway = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    ofJobs: () => requests.filter(({ route }) => route !== 'other'),
    script,
    to: (route) => requests.filter((request) => request.route === route),
    fileUrl: (name, query = '') => `http://127.0.0.1:${port}/files/${name}${query}`,
  };
  return gateway;
}

function receivedOf(
  { method = '', url = '', headers }: IncomingMessage,
  bytes: Buffer,
): ImageRequest {
  const body = bytes.toString();
  const json = jsonOf(body);
  return { method, path: url, headers, body, json, bytes, route: routeOf(method, url) };
}

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function routeOf(method: string, path: string): Route {
  const call = `${method} ${path}`;
  if (/^POST \/v1\/images\/(generations\/async|edits|variations)$/.test(call)) return 'create';
  if (/^GET \/v1\/images\/generations\/[^/?]+$/.test(call)) return 'poll';
  if (call === 'POST /v1/uploads/presign') return 'presign';
  if (/^PUT \/bucket\//.test(call)) return 'put';
  if (/^GET \/files\//.test(call)) return 'file';
  return 'other';
}

function usual(gateway: ImageGateway): Record<Route, readonly ImageReply[]> {
  return {
    create: [created()],
    poll: [processing(), completed(inline(picture()))],
    presign: [presigned(gateway)],
    put: [(response) => void response.writeHead(200).end()],
    file: [sendFile(picture())],
    other: [errorReply(404, 'not_found')],
  };
}
