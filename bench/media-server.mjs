/**
 * The server's part for images and videos: tasks that take as long as their address says, and files
 * of prepared bytes. It never asks for a shorter or longer pause between polls, and knows no Range.
 *
 * `/<image|video>-<bytes of the file>-<milliseconds of the task>/v1/…` are a gateway's own routes;
 * `/…/file.mp4` is the video alone. The last reply of an image and a video send `{ firstWrite, lastWrite }`
 * to the parent; when a task led to it, also `created` (its request was here), `ready` (its time was
 * over) and `told` (just before the reply that says so).
 */
import { once } from 'node:events';
import { encodedPiecesOf, piecesOf } from './media.mjs';

const address =
  /^\/(image|video)-(\d+)-(\d+)\/(?:v1\/(?:images|videos)\/generations(?:\/(async|[iv]gen_\w+))?|file\.mp4(?:\?task=(\w+))?)$/;
const json = { 'content-type': 'application/json' };

/** Task id → its times so far, in hrtime nanoseconds. */
const tasks = new Map();

function createTask(kind, milliseconds) {
  const id = `${kind === 'image' ? 'igen' : 'vgen'}_${String(tasks.size).padStart(24, '0')}`;
  const created = process.hrtime.bigint();
  tasks.set(id, { created, ready: created + BigInt(milliseconds) * 1_000_000n });
  return { id, status: 'queued', model: 'bench', created_at: new Date().toISOString() };
}

async function sendPieces(response, pieces) {
  for (const piece of pieces) {
    if (!response.write(piece)) await once(response, 'drain');
  }
}

function report(times) {
  process.send(Object.fromEntries(Object.entries(times).map(([name, at]) => [name, String(at)])));
}

async function sendPicture(response, bytes, id) {
  const firstWrite = process.hrtime.bigint();
  const head = { id, status: 'completed', model: 'bench', created: 1_778_122_410 };
  const [before, after] = JSON.stringify({
    ...{ ...head, data: [{ b64_json: '|', mime_type: 'image/png' }] },
    usage: { input_tokens: 9, output_tokens: 272, total_tokens: 281 },
  }).split('|');
  response.writeHead(200, json).write(before);
  await sendPieces(response, encodedPiecesOf('image', bytes));
  response.end(after);
  report({ ...tasks.get(id), told: firstWrite, firstWrite, lastWrite: process.hrtime.bigint() });
}

async function sendFilm(response, bytes, id) {
  const firstWrite = process.hrtime.bigint();
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes, etag: '"film"' });
  await sendPieces(response, piecesOf('video', bytes));
  response.end();
  report({ ...tasks.get(id), firstWrite, lastWrite: process.hrtime.bigint() });
}

async function tell(response, { kind, bytes, root }, id) {
  const task = tasks.get(id);
  const head = { id, model: 'bench', is_expired: false };
  if (process.hrtime.bigint() < task.ready) {
    response.writeHead(200, json).end(JSON.stringify({ ...head, status: 'processing' }));
    return;
  }
  if (kind === 'image') return sendPicture(response, bytes, id);
  task.told = process.hrtime.bigint();
  const film = { status: 'completed', video_url: `${root}/file.mp4?task=${id}` };
  response.writeHead(200, json).end(JSON.stringify({ ...head, ...film }));
}

/** Answers one request whose body has been read. Resolves to false when it is for somebody else. */
export async function answerMedia(request, response) {
  const [, kind, size, milliseconds, word, filmOf] = address.exec(request.url) ?? [];
  if (kind === undefined) return false;
  const bytes = Number(size);
  if (request.method === 'POST') {
    response.writeHead(202, json).end(JSON.stringify(createTask(kind, milliseconds)));
  } else if (word === undefined) await sendFilm(response, bytes, filmOf);
  else if (tasks.has(word)) {
    const root = `http://${request.headers.host}/${kind}-${size}-${milliseconds}`;
    await tell(response, { kind, bytes, root }, word);
  } else response.writeHead(404).end();
  return true;
}
