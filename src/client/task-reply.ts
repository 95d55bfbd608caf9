/** Parses the body of a task, in any of the shapes that gateways send. It guesses nothing: a missing field is null. */

import { asObject, asText, type JsonObject } from '../base/json.ts';
import { statusWords, type TaskStatus } from '../gateways/task-states.ts';
import { errorInJson } from '../transport/error-body.ts';
import { exitOfSlugs } from '../transport/error-codes.ts';

/** One result: an image or a video, in the body or at a URL. */
interface ResultEntry {
  role: 'image' | 'video' | 'last_frame';
  /** Its index in `data`, when the body contains it in base64. */
  inline: number | null;
  url: string | null;
  urlExpiresAt: string | null;
}

export interface TaskReply {
  id: string | null;
  /** null: an unknown status, or none. */
  status: TaskStatus | null;
  /** As it was sent. */
  word: string | null;
  model: string | null;
  /** The interval that the gateway requests, in ms; null when there is none, or it is invalid. */
  nextPollMs: number | null;
  /** `isRefused`: by a content policy. */
  error: { code: string | null; message: string; isRefused: boolean } | null;
  results: ResultEntry[];
  usage: Record<string, unknown> | null;
  createdAt: string | null;
  /** Only some gateways repeat it. */
  prompt: string | null;
}

/** `json` is the whole body; long strings may be objects in it, which count as non-empty text. null: not a task. */
export function readTaskReply(json: unknown): TaskReply | null {
  const top = asObject(json);
  if (top === null) return null;
  const task = unwrapped(top);
  // A token that identifies the task is the only handle if there is one.
  const id = idOf(task.altllm_status_token) ?? idOf(task.id) ?? idOf(task.task_id);
  const word = asText(task.status) ?? asText(task.task_status);
  const sure = resultsOf(task);
  // Some gateways respond with the result itself and no task id.
  if (id === null && word === null && sure.length === 0) return null;
  const results = sure.length === 0 && statusOf(word) === 'succeeded' ? likelyVideo(task) : sure;
  // A result with an unknown status is a result.
  const status = statusOf(word) ?? (results.length > 0 ? 'succeeded' : null);
  const isGone = task.is_expired === true && status === 'succeeded';
  return {
    id,
    status: isGone ? 'expired' : status,
    word,
    model: asText(task.model),
    nextPollMs: positive(task.next_poll_after_ms),
    error: readError(task),
    results,
    usage: (asObject(task.usage) as Record<string, unknown> | null) ?? null,
    createdAt: asText(task.created_at),
    prompt: asText(task.prompt),
  };
}

/** The task itself, where a gateway wraps it in `data`. */
export function unwrapped(top: JsonObject): JsonObject {
  const inner = asObject(top.data);
  return inner !== null && top.status === undefined ? { ...top, ...inner } : top;
}

/** Longer than any token that identifies a task. */
const ID_LIMIT = 8000;

function idOf(value: unknown): string | null {
  const id = asText(value);
  return id === null || id.length > ID_LIMIT ? null : id;
}

export function statusOf(word: string | null): TaskStatus | null {
  const key =
    word
      ?.trim()
      .toLowerCase()
      .replace(/[\s-]+/g, '_') ?? '';
  return Object.hasOwn(statusWords, key) ? (statusWords[key] ?? null) : null;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

function readError(task: JsonObject): TaskReply['error'] {
  const { error, message, detail, base_resp, object, code } = task;
  const found = errorInJson({ error, message, detail, base_resp, object, code }, null);
  if (found !== null) {
    const { code: slug, slugs } = found;
    const isRefused = exitOfSlugs(slugs) === 'refused';
    return { code: slug, message: found.message, isRefused };
  }
  // An empty error object says that there is one, and no more.
  return asObject(error) === null
    ? null
    : { code: null, message: 'no reason was given', isRefused: false };
}

function resultsOf(task: JsonObject): ResultEntry[] {
  const data = Array.isArray(task.data) ? task.data : [];
  const results = data.flatMap((value, index) => entryOf(value, index));
  const videoUrl = asText(task.video_url) ?? asText(asObject(task.content)?.video_url);
  // The same video under two names is one video.
  if (videoUrl !== null && results.every(({ url }) => url !== videoUrl))
    results.push({
      role: 'video',
      inline: null,
      url: videoUrl,
      urlExpiresAt: asText(task.video_url_expires_at),
    });
  const frame = asText(task.last_frame_url);
  if (frame !== null)
    results.push({ role: 'last_frame', inline: null, url: frame, urlExpiresAt: null });
  return results;
}

/** Where upstreams of video gateways put the URL once a task is done; before that it may be any URL. */
function likelyVideo(task: JsonObject): ResultEntry[] {
  const listed = [task.urls, task.unsigned_urls].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const first = asText(listed[0]);
  const output = asObject(task.output);
  const url = first ?? asText(output?.video_url) ?? asText(output?.url) ?? asText(task.url);
  return url === null ? [] : [{ role: 'video', inline: null, url, urlExpiresAt: null }];
}

function entryOf(value: unknown, index: number): ResultEntry[] {
  const item = asObject(value);
  if (item === null) return [];
  const videoUrl = asText(item.video_url);
  if (videoUrl !== null)
    return [{ role: 'video', inline: null, url: videoUrl, urlExpiresAt: null }];
  const holdsImage = item.b64_json instanceof Object || asText(item.b64_json) !== null;
  const stored = asText(item.r2_url);
  const url = stored ?? asText(item.url);
  if (!holdsImage && url === null) return [];
  return [
    {
      role: 'image',
      inline: holdsImage ? index : null,
      url,
      urlExpiresAt: stored === null ? null : asText(item.r2_url_expires_at),
    },
  ];
}
