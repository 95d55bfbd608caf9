/** The routes of image and video tasks that order nothing: how far they are, and their results. */

import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import { lossOf } from '../../base/loss.ts';
import { withoutSecret } from '../../base/redact.ts';
import { readTaskReply } from '../../client/task-reply.ts';
import { unknownCost } from '../../money/amount.ts';
import { estimateMedia } from '../../money/estimate-media.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import { type Reply, sendRequest } from '../../transport/request.ts';
import { errorWithoutKey } from '../../work/redact-key.ts';
import { requestHeaders } from '../../work/request-headers.ts';
import { untilDrained } from '../drain.ts';
import { passFree, queryOf } from '../free.ts';
import { headersToClient } from '../pass-headers.ts';
import { readBody } from '../read-body.ts';
import { Refusal } from '../refusal.ts';
import { listedPrice } from '../relayed.ts';
import type { Service, Visit } from '../service.ts';
import { piecesOf, type Storing } from './image-store.ts';

/** A reply up to this size says how far a task is; a larger one has an image in it. Bytes. */
const SMALL = 64 * 1024;
/** Of what is kept in memory to know the usage of a task. */
const MAX_READ = 4 * 1024 * 1024;

export async function answerImage(visit: Visit, service: Service): Promise<void> {
  const { connection, images } = service;
  const path = connection.gateway.routes.imageTasks;
  if (path === undefined) throw new Refusal(404, 'not_served', 'the gateway has no image tasks');
  const stored = await images.read(visit.id).catch(() => null);
  if (stored !== null) {
    await sendStored(visit, visit.id, service);
    await stored.close();
    return;
  }
  await fetchImage(visit, `${connection.gateway.baseUrl}${path}/${visit.id}`, service);
}

/** Lists, polls and cancels as the gateway does. */
export async function answerVideo(visit: Visit, service: Service): Promise<void> {
  const { gateway } = service.connection;
  const root = gateway.routes.videos;
  if (root === undefined) throw new Refusal(404, 'not_served', 'the gateway makes no videos');
  const isCancel = visit.path.endsWith('/cancel');
  const rest = visit.id === '' ? '' : `/${visit.id}${isCancel ? '/cancel' : ''}`;
  const parts: Uint8Array[] = [];
  let size = 0;
  const seen = (bytes: Uint8Array): void => {
    size += bytes.length;
    if (size <= MAX_READ) parts.push(bytes);
  };
  const body = isCancel ? '' : undefined;
  await passFree(visit, `${gateway.baseUrl}${root}${rest}${queryOf(visit)}`, true, service, {
    seen,
    body,
  });
  if (visit.id !== '') await book(visit.id, parse(parts), service);
}

/** Orders nothing: a place to upload a file to. */
export async function presign(visit: Visit, service: Service): Promise<void> {
  const { gateway } = service.connection;
  const path = gateway.routes.uploads;
  if (path === undefined) throw new Refusal(404, 'not_served', 'the gateway takes no uploads');
  const bytes = await readBody(visit.request, service.rules.maxBody);
  await passFree(visit, `${gateway.baseUrl}${path}`, true, service, {
    body: bytes.toString('utf8'),
  });
}

async function fetchImage(visit: Visit, url: string, service: Service): Promise<void> {
  const { connection, deps } = service;
  const { response, cors } = visit;
  const key = connection.key?.value ?? null;
  const headers = requestHeaders(key, false, deps.version);
  const sending = sendRequest(
    { method: 'GET', url, headers, paid: false },
    { ...connection.policy, maxTries: 1 },
    connection.fetch,
    deps,
  );
  let failed: { status: number; headers: Record<string, string> } | null = null;
  let text = '';
  try {
    for (;;) {
      const { done, value } = await sending.next();
      if (done) {
        await passImage(visit, value, service);
        return;
      }
      if (value.type === 'answered')
        failed = { status: value.status, headers: headersToClient(value.headers, key) };
      if (value.type === 'refused') text = value.body;
    }
  } catch (thrown) {
    if (thrown instanceof Refusal || response.headersSent) throw thrown;
    if (failed === null || failed.status < 400) throw errorWithoutKey(toCliError(thrown), key);
    const body = key === null ? text : withoutSecret(text, key);
    response.writeHead(failed.status, { ...failed.headers, ...cors }).end(body);
  }
}

/** The client may have left: what was paid for is stored all the same. */
async function passImage(visit: Visit, reply: Reply, service: Service): Promise<void> {
  const { response, cors, id } = visit;
  const parts: Uint8Array[] = [];
  let size = 0;
  let storing: Storing | null = null;
  try {
    for await (const bytes of reply.chunks()) {
      size += bytes.length;
      if (storing !== null) await storing.write(bytes);
      else parts.push(bytes);
      if (storing === null && size > SMALL) storing = await begin(parts, id, service);
    }
    const json = size <= MAX_READ && storing === null ? parse(parts) : null;
    const hasData = Array.isArray(json?.data) && json.data.length > 0;
    if (hasData) storing = await begin(parts, id, service);
    await storing?.keep();
  } catch (error) {
    await storing?.drop().catch(() => {});
    throw error instanceof CliError
      ? error
      : new CliError('protocol', 'the image did not arrive as a whole', { cause: error });
  } finally {
    reply.watch.stop();
  }
  if (storing !== null) {
    await sendStored(visit, id, service);
    await bookStored(id, service);
    return;
  }
  const all = Buffer.concat(parts);
  const key = service.connection.key?.value ?? null;
  response
    .writeHead(reply.status, {
      ...headersToClient(reply.headers, key),
      'content-length': all.length,
      ...cors,
    })
    .end(all);
  await book(id, parse(parts), service);
}

/** Throws `CliError` local_io where it cannot be stored: the only copy is not passed on then, and can be fetched again. */
async function begin(
  parts: readonly Uint8Array[],
  id: string,
  { images }: Service,
): Promise<Storing> {
  try {
    const storing = await images.store(id);
    for (const part of parts) await storing.write(part);
    return storing;
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw new CliError('local_io', 'the image cannot be stored on the disk of the server', {
      code: typeof code === 'string' ? code : 'unknown',
      cause: error,
    });
  }
}

async function sendStored({ response, cors }: Visit, id: string, service: Service): Promise<void> {
  const file = await service.images.read(id);
  if (file === null) throw new Refusal(410, 'gone', 'the image is not on the disk any more');
  try {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': file.size,
      ...cors,
    });
    for await (const piece of piecesOf(file)) {
      if (response.destroyed) return;
      if (!response.write(piece)) await untilDrained(response);
    }
    response.end();
  } finally {
    await file.close();
  }
}

/** A document with images is large, and its usage stands at its end: only that is read. */
async function bookStored(id: string, service: Service): Promise<void> {
  const file = await service.images.read(id);
  if (file === null) return;
  try {
    const tail = Buffer.from(file.read(Math.max(0, file.size - SMALL), SMALL)).toString('utf8');
    const head = Buffer.from(file.read(0, SMALL)).toString('utf8');
    const usage = usageAtEnd(tail) ?? usageAtEnd(head);
    await book(id, { status: 'completed', ...(usage !== null && { usage }) }, service);
  } finally {
    await file.close();
  }
}

/** The object behind `"usage":`; null where it cannot be read. */
function usageAtEnd(text: string): JsonObject | null {
  const at = text.lastIndexOf('"usage":');
  const start = at === -1 ? -1 : text.indexOf('{', at);
  if (start === -1) return null;
  for (let end = text.indexOf('}', start); end !== -1; end = text.indexOf('}', end + 1))
    try {
      return asObject(JSON.parse(text.slice(start, end + 1)));
    } catch {
      // a brace inside of it
    }
  return null;
}

/** The end of a task that was ordered here: its last line in the ledger. */
async function book(id: string, json: unknown, service: Service): Promise<void> {
  const reply = readTaskReply(json);
  const status = reply?.status ?? null;
  if (reply === null || status === null || !finals.has(status)) return;
  const line = service.tasks.take(id);
  if (line === null) return;
  const { deps, connection } = service;
  const { usage } = reply;
  const isMade = status === 'succeeded';
  const cost =
    isMade && usage !== null
      ? estimateMedia(await listedPrice(line.requested_model, service), usage)
      : unknownCost;
  const outcome = {
    ...line,
    at: new Date(deps.clock.now()).toISOString(),
    billed: isMade ? ('yes' as const) : ('unknown' as const),
    usage,
    cost,
  };
  service.calls.amend(line.call, outcome);
  const { places, isProxied } = connection.settings;
  if (isProxied) return;
  const key = connection.key?.value ?? null;
  const problem = await appendLedger(places.ledger, outcome, key, deps);
  if (problem !== null) service.note(lossOf('ledger', problem));
}

const finals: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

function parse(parts: readonly Uint8Array[]): JsonObject | null {
  try {
    return asObject(JSON.parse(Buffer.concat(parts).toString('utf8')));
  } catch {
    return null;
  }
}
