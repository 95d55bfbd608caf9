/** From a request to the route that answers it: who sent it is checked first, then what it wants. It begins no purchase itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toCliError } from '../base/error-document.ts';
import type { CorsHeaders, Guard } from './guard.ts';
import { documentOf, Refusal, refusalOf, type Shape } from './refusal.ts';
import { type Route, routes } from './routes.ts';
import type { Service, Visit } from './service.ts';

export interface Doors {
  guard: Guard;
  /** Aborted when no new calls are accepted. */
  stopping: AbortSignal;
}

/** Never rejects. */
export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  doors: Doors,
  service: Service,
): Promise<void> {
  // Whoever is not there any more is noticed by its close.
  response.on('error', () => {});
  request.on('error', () => {});
  const startedAt = service.deps.clock.monotonic();
  response.once('close', () => log(request, response, startedAt, service));
  let cors: CorsHeaders = {};
  let shape: Shape = 'openai';
  try {
    const url = readTarget(request);
    if (url.pathname === '/healthz') {
      health(request, response, doors);
      return;
    }
    cors = doors.guard.checkOrigin(request.headers);
    if (request.method === 'OPTIONS' && cors['access-control-allow-origin'] !== undefined) {
      response.writeHead(204, { ...cors, ...doors.guard.preflight(request.headers) }).end();
      return;
    }
    const found = findRoute(url.pathname);
    shape = found?.route.shape ?? 'openai';
    if (found?.route.isPublic !== true) doors.guard.checkToken(request.headers);
    const { route, id } = chosen(found, request, url.pathname);
    if (doors.stopping.aborted)
      throw new Refusal(503, 'stopping', 'this server is being stopped', {
        mayRetry: true,
        headers: { connection: 'close' },
      });
    const visit: Visit = { request, response, url, path: url.pathname, id, cors, shape };
    await track(route.answer(visit, service), service);
  } catch (thrown) {
    refuse(thrown, { request, response, cors, shape }, service);
  }
}

async function track(work: Promise<void>, { running }: Service): Promise<void> {
  running.add(work);
  try {
    await work;
  } finally {
    running.delete(work);
  }
}

/** Free of any check: it says only that the process runs. */
function health(request: IncomingMessage, response: ServerResponse, { stopping }: Doors): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const status = !isRead ? 405 : stopping.aborted ? 503 : 200;
  const body = JSON.stringify({ status: status === 200 ? 'ok' : 'stopping' });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
    .end(request.method === 'HEAD' ? undefined : body);
}

function readTarget({ url = '/' }: IncomingMessage): URL {
  // Anything else is for a proxy that passes on to any address.
  try {
    if (url.startsWith('/')) return new URL(url, 'http://localhost');
  } catch {
    // refused below
  }
  throw new Refusal(400, 'bad_target', 'the target of the request is not a path');
}

interface Found {
  route: Route;
  id: string;
  all: readonly Route[];
}

/** Those whose path is the same for all requests: nearly all of them are for one of these. */
const byPath = new Map<string, Route[]>();
for (const route of routes)
  if (!/[:*]/.test(route.path)) byPath.set(route.path, [...(byPath.get(route.path) ?? []), route]);

/** Any route of that path; which method it takes is judged later. */
function findRoute(path: string): Found | null {
  const exact = byPath.get(path);
  if (exact?.[0] !== undefined) return { route: exact[0], id: '', all: exact };
  const all = routes.filter((route) => idIn(path, route.path) !== null);
  const [route] = all;
  return route === undefined ? null : { route, id: idIn(path, route.path) ?? '', all };
}

function chosen(found: Found | null, { method }: IncomingMessage, path: string): Found {
  if (found === null)
    throw new Refusal(404, 'not_served', `this server has no route ${path.slice(0, 200)}`);
  const route = found.all.find((one) => one.method === method);
  if (route === undefined)
    throw new Refusal(405, 'method', 'this route takes another method', {
      headers: { allow: [...new Set(found.all.map((one) => one.method))].join(', ') },
    });
  return { ...found, route, id: idIn(path, route.path) ?? '' };
}

/** The part in place of `:id`, or of `*` all that is left; '' where the route has none; null when the path is another one. */
function idIn(path: string, pattern: string): string | null {
  if (pattern.endsWith('/*')) {
    const start = pattern.slice(0, -1);
    return path.startsWith(start) && path.length > start.length ? path.slice(start.length) : null;
  }
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return null;
  const at = wanted.indexOf(':id');
  const isSame = parts.every((part, index) => part === wanted[index] || index === at);
  const id = parts[at] ?? '';
  return isSame && (at < 0 || /^[\w.~-]{1,200}$/.test(id)) ? id : null;
}

function refuse(
  thrown: unknown,
  { request, response, cors, shape }: Pick<Visit, 'request' | 'response' | 'cors' | 'shape'>,
  service: Service,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = thrown instanceof Refusal ? thrown : refusalOf(toCliError(thrown));
  if (!(thrown instanceof Refusal))
    service.note({ type: 'warning', message: `a request failed: ${refusal.message}` });
  const { status, headers, body } = documentOf(refusal, shape, null);
  const bytes = Buffer.from(body);
  // The rest of a body that nobody reads would be taken for the next request.
  const isRead = request.complete;
  response
    .writeHead(status, {
      ...headers,
      ...cors,
      'content-length': bytes.length,
      ...(!isRead && { connection: 'close' }),
    })
    .end(bytes);
}

/** Method, path without its query, and status: nothing that a client has written but the path, in printable ASCII. */
function log(
  request: IncomingMessage,
  response: ServerResponse,
  startedAt: number,
  { deps, note }: Service,
): void {
  const [path = '/'] = (request.url ?? '/').split('?');
  const shown = path.replace(/[^\x21-\x7e]/g, '?').slice(0, 200);
  const status = response.headersSent ? String(response.statusCode) : 'no reply';
  const cut = response.headersSent && !response.writableFinished ? ' cut' : '';
  const call = response.getHeader('x-alltoken-call');
  const id = typeof call === 'string' ? ` call=${call}` : '';
  const ms = Math.round(deps.clock.monotonic() - startedAt);
  note({
    type: 'trace',
    level: 'verbose',
    message: `${request.method} ${shown} ${status}${cut} ${ms}ms${id}`,
  });
}
