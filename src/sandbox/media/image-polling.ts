/** GET of an image task: how far it is, and its result, which comes with the image in it once only. */
import type { Call } from '../call.ts';
import { type ErrorReply, sendError, sendJson } from '../envelope.ts';
import { type DeliveryFault, deliveryFaults } from '../fault-names.ts';
import { sendHalf } from '../fault-replies.ts';
import { takeFirst } from '../faults.ts';
import { imageResult } from './image-result.ts';
import { brokenPoll, pollWait } from './polling.ts';
import { imageBytes } from './renderings.ts';
import { hasUrl } from './stored-files.ts';
import {
  endOf,
  type ImageTask,
  knownTask,
  stateOf,
  stateWord,
  type TaskStatus,
  taskFailure,
  timestamp,
} from './tasks.ts';

/** Resolves when the reply is written or on its way; rejects with Rejection for an unknown task. */
export async function pollImage(call: Call): Promise<void> {
  const { exchange, faults, id, media } = call;
  if (brokenPoll(call)) return;
  const task = knownTask(media.images, id);
  const status = stateOf(task, exchange.clock.now());
  if (status.state !== 'completed') {
    sendProgress(call, task, status);
    return;
  }
  const fault = takeFirst(faults, deliveryFaults);
  if (fault) exchange.notes.push(`fault=${fault}`);
  const refusal = fault ? refusals[fault] : refusalOf(call, task);
  if (refusal) sendError(exchange, refusal);
  else await deliver(call, task);
}

function sendProgress(call: Call, task: ImageTask, { since, state }: TaskStatus): void {
  const isUnderWay = state === 'queued' || state === 'processing';
  const wait = isUnderWay ? pollWait(call) : null;
  const body = {
    id: task.id,
    status: stateWord(task, state),
    model: task.request.model,
    ...(wait && { next_poll_after_ms: wait.milliseconds }),
    ...(state === 'failed' && { error: taskFailure }),
    created_at: timestamp(task.createdAt),
    updated_at: timestamp(since),
  };
  sendJson(call.exchange, 200, body, wait ? { 'retry-after': wait.retryAfter } : {});
}

const gone = { type: 'invalid_request_error', status: 410 };

const refusals: Record<DeliveryFault, ErrorReply> = {
  gone: {
    ...gone,
    code: 'image_already_retrieved',
    message: 'The image was fetched before, and there is no copy of it.',
  },
  'image-expired': { ...gone, code: 'image_expired', message: 'The image has expired.' },
  claimed: {
    status: 409,
    code: 'image_being_retrieved',
    type: 'invalid_request_error',
    message: 'Another request is fetching the image at this moment.',
  },
};

/** Why a completed task gives nothing any more, or nothing right now; null when it does. */
function refusalOf({ exchange, media }: Call, task: ImageTask): ErrorReply | null {
  const { lifetimes } = media;
  const age = exchange.clock.now() - endOf(task);
  if (task.delivery === 'claimed') return refusals.claimed;
  if (task.delivery === 'waiting') {
    return age > lifetimes.unreadImageMillis ? refusals['image-expired'] : null;
  }
  if (!hasUrl(task)) return refusals.gone;
  return age > lifetimes.imageUrlMillis ? refusals['image-expired'] : null;
}

/** The first reader gets the images themselves; it counts when the whole body was written. */
async function deliver(call: Call, task: ImageTask): Promise<void> {
  const { exchange, faults } = call;
  const isFirst = task.delivery === 'waiting';
  const isCut = takeFirst(faults, ['half-body']) !== null;
  if (isFirst) {
    task.delivery = isCut ? 'delivered' : 'claimed';
    exchange.response.once('finish', () => {
      task.delivery = 'delivered';
    });
    // Comes after the former, if that comes at all.
    exchange.response.once('close', () => {
      if (task.delivery === 'claimed') task.delivery = 'waiting';
    });
  }
  const images = isFirst ? await encodedImages(call, task) : [];
  const body = imageResult(call, task, images);
  if (!isCut) {
    sendJson(exchange, 200, body);
    return;
  }
  exchange.notes.push('fault=half-body');
  sendHalf(exchange, body);
}

/** In base64; none where the task shall have none. */
async function encodedImages({ exchange }: Call, task: ImageTask): Promise<string[]> {
  const { faults, request } = task;
  if (faults.has('no-b64') || faults.has('no-result')) return [];
  const images: string[] = [];
  for (let index = 0; index < request.count; index += 1) {
    // Drawing many big images must not keep other requests waiting.
    if (index > 0) await exchange.clock.sleep(0, exchange.signal);
    images.push(spoilt(task, imageBytes(task, index, 0)));
  }
  return images;
}

function spoilt({ faults }: ImageTask, image: Buffer): string {
  if (faults.has('bad-image')) return Buffer.from('This is not an image.\n').toString('base64');
  const text = image.toString('base64');
  if (!faults.has('bad-base64')) return text;
  return `${text.slice(0, 400)}!*garbage*!${text.slice(400)}`;
}
