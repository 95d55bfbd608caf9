/** From a request to the route that answers it: who sent it is checked first, then what it wants. It begins no purchase itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { CorsHeaders, Guard } from './guard.ts';
import { documentOf, Refusal, refusalOf, type Shape } from './refusal.ts';
import type { Visit } from './service.ts';
import { chosen, otherMethod, type Table } from './table.ts';

/** What is behind one address: who may come in, and where they can go. */
export interface Doors {
  guard: Guard;
  table: Table;
  /** Aborted when no new calls are accepted. */
  stopping: AbortSignal;
  /** Work that goes on although its client may have left. */
  running: Set<Promise<unknown>>;
  /** Shown with -v. */
  note(event: OutputEvent): void;
  clock: Pick<Clock, 'after' | 'monotonic'>;
}

/** Never rejects. */
export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  doors: Doors,
): Promise<void> {
  // Whoever is not there any more is noticed by its close.
  response.on('error', () => {});
  request.on('error', () => {});
  const startedAt = doors.clock.monotonic();
  response.once('close', () => log(request, response, startedAt, doors));
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
    const found = doors.table.find(url.pathname);
    shape = found?.route.shape ?? shapeOf(url.pathname);
    if (found?.route.isPublic !== true) doors.guard.checkToken(request);
    const { route, id } = chosen(found, request.method, url.pathname, doors.table);
    if (doors.stopping.aborted)
      throw new Refusal(503, 'stopping', 'this server is being stopped', {
        mayRetry: true,
        headers: { connection: 'close' },
      });
    const visit: Visit = { request, response, url, path: url.pathname, id, cors, shape };
    await track(route.answer(visit), doors);
  } catch (thrown) {
    try {
      refuse(thrown, { request, response, cors, shape }, doors);
    } catch {
      // A reply that cannot be sent ends one connection, and nothing else.
      response.destroy();
    }
  }
}

/** Of an address that is not served: by whose clients look for it. */
function shapeOf(path: string): Shape {
  return /^\/(anthropic|v1\/messages)(\/|$)/.test(path) ? 'anthropic' : 'openai';
}

async function track(work: Promise<void>, { running }: Doors): Promise<void> {
  running.add(work);
  try {
    await work;
  } finally {
    running.delete(work);
  }
}

/** Free of any check: it says only that the process runs. Throws `Refusal` for what does not read it. */
function health({ method }: IncomingMessage, response: ServerResponse, { stopping }: Doors): void {
  if (method !== 'GET' && method !== 'HEAD') throw otherMethod(['GET', 'HEAD']);
  const status = stopping.aborted ? 503 : 200;
  const body = JSON.stringify({ status: status === 200 ? 'ok' : 'stopping' });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
    .end(method === 'HEAD' ? undefined : body);
}

function readTarget({ url = '/' }: IncomingMessage): URL {
  // Anything else is for a proxy that passes on to any address.
  try {
    // As text: two slashes at its begin are no host.
    if (url.startsWith('/')) return new URL(`http://localhost${url}`);
  } catch {
    // refused below
  }
  throw new Refusal(400, 'bad_target', 'the target of the request is not a path');
}

function refuse(
  thrown: unknown,
  { request, response, cors, shape }: Pick<Visit, 'request' | 'response' | 'cors' | 'shape'>,
  { note, clock }: Doors,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = thrown instanceof Refusal ? thrown : refusalOf(toCliError(thrown));
  if (!(thrown instanceof Refusal))
    note({ type: 'warning', message: `a request failed: ${refusal.message}` });
  const { status, headers, body } = documentOf(refusal, shape, null);
  const bytes = Buffer.from(body);
  const all = { ...headers, ...cors, 'content-length': bytes.length };
  if (request.complete) {
    response.writeHead(status, all).end(bytes);
    return;
  }
  response.writeHead(status, { ...all, connection: 'close' }).write(bytes);
  readRest(request, response, clock);
}

/** How long the rest of a refused body is read, ms. */
const REST_MS = 10_000;

/** Many clients look for a reply only when all is sent, and a connection that is closed before that gives them none. */
function readRest(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Pick<Clock, 'after'>,
): void {
  const end = (): void => {
    stop();
    response.end();
  };
  const stop = clock.after(REST_MS, end, 'background');
  request.once('end', end);
  response.once('close', end);
  request.resume();
}

/** Method, path without its query, and status: nothing that a client has written but the path, in printable ASCII. */
function log(
  request: IncomingMessage,
  response: ServerResponse,
  startedAt: number,
  { clock, note }: Doors,
): void {
  const [path = '/'] = (request.url ?? '/').split('?');
  const shown = path.replace(/[^\x21-\x7e]/g, '?').slice(0, 200);
  const status = response.headersSent ? String(response.statusCode) : 'no reply';
  const cut = response.headersSent && !response.writableFinished ? ' cut' : '';
  const call = response.getHeader('x-alltoken-call');
  const id = typeof call === 'string' ? ` call=${call}` : '';
  const ms = Math.round(clock.monotonic() - startedAt);
  note({
    type: 'trace',
    level: 'verbose',
    message: `${request.method} ${shown} ${status}${cut} ${ms}ms${id}`,
  });
}
