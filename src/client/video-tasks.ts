/** Lists the video tasks of a gateway, and cancels one. It buys nothing. */
import type { Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { asObject } from '../base/json.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy, RequestDeps } from '../transport/request.ts';
import { requestJson } from './json-reply.ts';
import { pathSegment } from './task-id.ts';
import { readTaskReply, type TaskReply } from './task-reply.ts';

export interface VideoPlace {
  /** Of the list: `…/videos/generations`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  policy: Policy;
}

/** Newest first, as the gateway has them; entries without an id are left out. */
export async function* listVideos(
  { url, headers, policy }: VideoPlace,
  limit: number,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, TaskReply[], undefined> {
  const request = {
    method: 'GET' as const,
    url: `${url}?limit=${limit}`,
    headers,
    paid: false,
  };
  const { json } = yield* requestJson(request, policy, 'the list of videos', fetch, deps);
  const top = asObject(json);
  const items = Array.isArray(top?.items) ? top.items : Array.isArray(top?.data) ? top.data : null;
  if (items === null)
    throw new CliError('protocol', 'the gateway sent something that is not a list of videos', {
      code: 'bad_list',
      billed: 'no',
    });
  return items.flatMap((item) => {
    const task = readTaskReply(item);
    return task === null || task.id === null ? [] : [task];
  });
}

/** The state of one video task. The request is free and does not consume the result. */
export async function* readVideo(
  place: VideoPlace,
  taskId: string,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, TaskReply, undefined> {
  const request = {
    method: 'GET' as const,
    url: `${place.url}/${pathSegment(taskId)}`,
    headers: place.headers,
    paid: false,
  };
  const { json } = yield* requestJson(request, place.policy, taskId, fetch, deps);
  return asTask(json);
}

/** `late`: it had already ended, so there was nothing to cancel; the task has its status. */
export async function* cancelVideo(
  place: VideoPlace,
  taskId: string,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, { task: TaskReply; late: boolean }, undefined> {
  const request = {
    method: 'POST' as const,
    url: `${place.url}/${pathSegment(taskId)}/cancel`,
    headers: place.headers,
    paid: false,
  };
  try {
    const { json } = yield* requestJson(request, place.policy, taskId, fetch, deps);
    return { task: asTask(json), late: false };
  } catch (error) {
    if (!(error instanceof CliError) || error.details.status !== 409) throw error;
    return { task: yield* readVideo(place, taskId, fetch, deps), late: true };
  }
}

function asTask(json: unknown): TaskReply {
  const task = readTaskReply(json);
  if (task !== null) return task;
  throw new CliError('protocol', 'the gateway sent something that is not a task', {
    code: 'no_task',
    billed: 'no',
  });
}
