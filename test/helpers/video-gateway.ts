/** A gateway of videos on loopback, with its storage. Each route has a good answer; a test replaces the ones that it is about. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Reply } from './ask.ts';
import { type Received, sendError, startServer, type TestServer } from './server.ts';

/** The id of the nth task, from 1. */
export function taskId(count = 1): string {
  return `vgen_${String(count).padStart(24, 'abcdef0123456789abcdef01')}`;
}

type Route = 'create' | 'poll' | 'list' | 'cancel' | 'presign' | 'put' | 'file';

/** A reply counts the requests to its own route; that of `poll`, those about its own task. */
export type Script = Partial<Record<Route, Reply>>;

export interface VideoGateway extends TestServer {
  /** What was sent to one route, in order. */
  to(route: Route): Received[];
  /** Addresses below this answer with the film. */
  storage: string;
}

const routes: readonly (readonly [Route, string, RegExp])[] = [
  ['create', 'POST', /^\/v1\/videos\/generations$/],
  ['list', 'GET', /^\/v1\/videos\/generations(\?.*)?$/],
  ['cancel', 'POST', /^\/v1\/videos\/generations\/[^/?]+\/cancel$/],
  ['poll', 'GET', /^\/v1\/videos\/generations\/[^/?]+$/],
  ['presign', 'POST', /^\/v1\/uploads\/presign$/],
  ['put', 'PUT', /^\/storage\//],
  ['file', 'GET', /^\/storage\//],
];

function routeOf({ method, path }: Received): Route | null {
  return routes.find(([, verb, shape]) => verb === method && shape.test(path))?.[0] ?? null;
}

export async function startVideoGateway(script: Script = {}): Promise<VideoGateway> {
  const answers: Record<Route, Reply> = {
    create: created(),
    poll: completed(),
    list: listed(),
    cancel: task('cancelled'),
    presign: presigned(),
    put: json(200, {}),
    file: filmReply(),
    ...script,
  };
  const counts = new Map<string, number>();
  const server = await startServer((response, request) => {
    const route = routeOf(request);
    if (route === null) return sendError(response, 404, 'no_route');
    const key = route === 'poll' ? request.path : route;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return answers[route](response, request, count);
  });
  return {
    ...server,
    to: (route) => server.requests.filter((request) => routeOf(request) === route),
    storage: `http://127.0.0.1:${server.port}/storage`,
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) => sendJson(response, status, body, headers);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': 'req-video',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** 202, with the id of the nth task. */
export function created(more: object = {}): Reply {
  return (response, request, count) =>
    sendJson(response, 202, {
      id: taskId(count),
      status: 'queued',
      model: request.json?.model,
      is_expired: false,
      created_at: '2026-11-22T12:00:00Z',
      ...more,
    });
}

/** The task that the path names, in this state. */
export function task(status: string, more: object = {}): Reply {
  return (response, request) =>
    sendJson(response, 200, {
      id: request.path.split('/')[4],
      status,
      model: 'seedance-1.5-pro',
      is_expired: false,
      created_at: '2026-11-22T12:00:00Z',
      ...more,
    });
}

/** Done, with a film at `<storage>/<name>`. */
export function completed(more: object = {}, name = 'film.mp4?signature=secret'): Reply {
  return (response, request, count) =>
    task('completed', {
      video_url: storageAddress(request, name),
      video_url_expires_at: '2026-11-23T12:00:00Z',
      video_url_ttl: 86_400,
      usage: { completion_tokens: 48_000, total_tokens: 48_000 },
      ...more,
    })(response, request, count);
}

export function storageAddress(request: Received, name: string): string {
  return `http://${request.headers.host}/storage/${name}`;
}

export function listed(...items: object[]): Reply {
  return json(200, { items, total: items.length });
}

/** The nth claim is upl_<n>. */
export function presigned(more: object = {}): Reply {
  return (response, request, count) =>
    sendJson(response, 200, {
      upload_url: storageAddress(request, `upload-${count}?signature=secret`),
      method: 'PUT',
      required_headers: {
        'Content-Type': request.json?.content_type,
        'Content-MD5': request.json?.content_md5,
      },
      upload_id: `upl_${count}`,
      expires_in: 300,
      claim_expires_at: '2026-11-22T12:05:00Z',
      max_content_length: 26_214_400,
      ...more,
    });
}

/** Bytes that begin like an MP4 file; `seed` tells one from another. */
export function film(bytes = 40_000, seed = 'film'): Buffer {
  const head = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp42', 'latin1');
  const noise = createHash('shake256', { outputLength: bytes }).update(seed).digest();
  return Buffer.concat([head, noise]).subarray(0, bytes);
}

/** A PNG of one pixel. */
export const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** How a storage sends one file. */
export interface FilmReply {
  etag?: string;
  /** Drops the connection after so many bytes of each body. */
  cutAfter?: number;
  type?: string;
}

/** The file, or what is missing of it when the request says so and its If-Range still fits. */
export function filmReply(
  bytes: Uint8Array = film(),
  { etag = '"one"', cutAfter = Number.POSITIVE_INFINITY, type = 'video/mp4' }: FilmReply = {},
): Reply {
  return (response, { headers }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
    const isPiece = from < bytes.length && headers['if-range'] === etag;
    const body = isPiece ? bytes.subarray(from) : bytes;
    response.writeHead(isPiece ? 206 : 200, {
      'content-type': type,
      'content-length': body.length,
      etag,
      ...(isPiece
        ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
        : { 'accept-ranges': 'bytes' }),
    });
    if (body.length <= cutAfter) response.end(body);
    else response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 10));
  };
}

/** Takes the request and never answers. */
export const silence: Reply = () => {};
