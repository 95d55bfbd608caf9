/** POST of images, edits and variations: from the request to a task. A repeated Idempotency-Key makes no second one. */
import { type Call, ownerOf } from '../call.ts';
import { type Exchange, sendError } from '../envelope.ts';
import { imageTaskFaults } from '../fault-names.ts';
import { type ImageOperation, readImageRequest } from './image-request.ts';
import type { MediaState } from './state.ts';
import { readCreation, sendCreated, takeTaskFaults } from './task-creation.ts';
import { type ImageTask, newTask, timestamp } from './tasks.ts';
import { bindUploads, type Upload } from './uploads.ts';

/** The route that creates tasks of one kind; it rejects as readCreation, readImageRequest and bindUploads do. */
export function imageCreator(operation: ImageOperation): (call: Call) => Promise<void> {
  return async (call) => {
    const fields = await readCreation(call);
    if (!fields) return;
    const { exchange, media } = call;
    const request = readImageRequest(operation, fields);
    exchange.notes.push(`model=${request.model}`);
    const owner = ownerOf(exchange);
    const now = exchange.clock.now();
    const idempotencyKey = idempotencyKeyOf(exchange);
    // Before the uploads are looked at: those of the first request are used by now.
    const twin = idempotencyKey && findTwin(media, owner, idempotencyKey, now);
    if (twin) {
      refuseTwin(exchange, twin);
      return;
    }
    const sources = bindUploads(media.uploads, owner, request.uploads, now);
    const faults = takeTaskFaults(call, imageTaskFaults);
    const task: ImageTask = {
      ...newTask('igen', now, media.pace.imageMillis, faults),
      kind: 'image',
      request,
      sourceDigests: sources.map(({ sha256 }: Upload) => sha256),
      owner,
      idempotencyKey,
      delivery: 'waiting',
    };
    media.images.add(task.id, task);
    exchange.notes.push(`task=${task.id}`);
    const { id, createdAt } = task;
    const { model } = request;
    sendCreated(call, { id, status: 'queued', model, created_at: timestamp(createdAt) });
  };
}

function idempotencyKeyOf({ request }: Exchange): string | null {
  const value = request.headers['idempotency-key'];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function findTwin(
  media: MediaState,
  owner: string,
  key: string,
  now: number,
): ImageTask | undefined {
  const since = now - media.lifetimes.idempotencyMillis;
  return media.images
    .newestFirst()
    .find((task) => task.idempotencyKey === key && task.owner === owner && task.createdAt > since);
}

function refuseTwin(exchange: Exchange, twin: ImageTask): void {
  sendError(exchange, {
    status: 409,
    code: 'duplicate_request',
    type: 'invalid_request_error',
    message: 'A request with this Idempotency-Key made a task a moment ago.',
    taskId: twin.id,
  });
}
