/** Creating, polling, listing and cancelling videos. A create request is never recognised as a repeated one, as on the real gateway. */
import { type Call, ownerOf } from '../call.ts';
import { invalid, Rejection, sendJson } from '../envelope.ts';
import { videoTaskFaults } from '../fault-names.ts';
import { sendHalf } from '../fault-replies.ts';
import { takeFirst } from '../faults.ts';
import { absurdWait, brokenPoll } from './polling.ts';
import { readCreation, sendCreated, takeTaskFaults } from './task-creation.ts';
import { knownTask, newTask, stateOf, taskStates, type VideoTask } from './tasks.ts';
import { bindUploads } from './uploads.ts';
import { readVideoRequest } from './video-request.ts';
import { videoBody } from './video-result.ts';

const usualLimit = 20;
const mostItems = 100;

/** Rejects as readCreation, readVideoRequest and bindUploads do. */
export async function createVideo(call: Call): Promise<void> {
  const fields = await readCreation(call);
  if (!fields) return;
  const { exchange, media } = call;
  const request = readVideoRequest(fields);
  exchange.notes.push(`model=${request.model}`);
  const now = exchange.clock.now();
  bindUploads(media.uploads, ownerOf(exchange), request.uploads, now);
  const task: VideoTask = {
    ...newTask('vgen', now, media.pace.videoMillis, takeTaskFaults(call, videoTaskFaults)),
    kind: 'video',
    request,
    cancelledAt: null,
  };
  media.videos.add(task.id, task);
  exchange.notes.push(`task=${task.id}`);
  sendCreated(call, videoBody(call, task, { state: 'queued', since: task.createdAt }));
}

/** Rejects with Rejection (404) for an unknown task. */
export function pollVideo(call: Call): void {
  const { exchange, faults, id, media } = call;
  if (brokenPoll(call)) return;
  const task = knownTask(media.videos, id);
  const status = stateOf(task, exchange.clock.now());
  const { state } = status;
  const body = videoBody(call, task, status);
  if (state === 'queued' || state === 'processing') {
    const wait = absurdWait(call);
    const headers: Record<string, string> = wait ? { 'retry-after': wait.retryAfter } : {};
    const next = wait ? { next_poll_after_ms: wait.milliseconds } : {};
    sendJson(exchange, 200, { ...body, ...next }, headers);
  } else if (state === 'completed' && takeFirst(faults, ['half-body'])) {
    exchange.notes.push('fault=half-body');
    sendHalf(exchange, body);
  } else sendJson(exchange, 200, body);
}

/**
 * The newest first. The items hold the prompts too, which the real ones are not known to do, so that a task whose
 * reply was lost can be found. Throws Rejection (400) for a bad limit or an unknown status.
 */
export function listVideos(call: Call): void {
  const { exchange, faults, media, query } = call;
  const limit = readLimit(query.get('limit'));
  const status = query.get('status');
  if (status !== null && !taskStates.some((state) => state === status)) {
    throw invalid('status', `status must be one of ${taskStates.join(', ')}.`);
  }
  const now = exchange.clock.now();
  const all = media.videos
    .newestFirst()
    .filter((task) => status === null || stateOf(task, now).state === status);
  const hidesPrompts = takeFirst(faults, ['list-no-prompt']) !== null;
  if (hidesPrompts) exchange.notes.push('fault=list-no-prompt');
  const items = all.slice(0, limit).map((task) => ({
    ...videoBody(call, task, stateOf(task, now)),
    ...(!hidesPrompts && { prompt: task.request.prompt }),
  }));
  sendJson(exchange, 200, { items, total: all.length });
}

/** Throws Rejection: 404 for an unknown task, 409 for one that has ended. */
export function cancelVideo(call: Call): void {
  const { exchange, id, media } = call;
  const task = knownTask(media.videos, id);
  const { state } = stateOf(task, exchange.clock.now());
  if (state !== 'queued' && state !== 'processing') {
    throw new Rejection({
      status: 409,
      code: 'task_not_cancellable',
      type: 'invalid_request_error',
      message: `The task is ${state}: it cannot be cancelled.`,
    });
  }
  task.cancelledAt = exchange.clock.now();
  sendJson(exchange, 200, videoBody(call, task, stateOf(task, task.cancelledAt)));
}

function readLimit(text: string | null): number {
  if (text === null) return usualLimit;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= mostItems) return limit;
  throw invalid('limit', `limit must be a whole number from 1 to ${mostItems}.`);
}
