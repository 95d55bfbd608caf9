/** Parses the body of a task, in any of the shapes that gateways send. It guesses nothing: a missing field is null. */

import { asObject, asText, type JsonObject, shorten } from '../base/json.ts';
import { statusWords, type TaskStatus } from '../gateways/task-states.ts';
import { errorInJson } from '../transport/error-body.ts';
import { exitOfSlugs } from '../transport/error-codes.ts';
import { isTaskId } from './task-id.ts';
import { usageOf } from './usage.ts';

/** Longer than the address of any file; a text of this length that is read from a disk stays there. */
const URL_LIMIT = 16 * 1024;
/** Of a word, a name or a time. */
const WORD_LIMIT = 300;

/** One result: an image or a video, in the body or at a URL. */
interface ResultEntry {
  role: 'image' | 'video' | 'last_frame';
  /** Its index in `data`, when the body contains it in base64; `inlineOf` finds it there. */
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
  /** Entries of `data` with neither a file nor an address. */
  blanks: number;
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
  const word = wordOf(task.status) ?? wordOf(task.task_status);
  const sure = resultsOf(task);
  // Some gateways respond with the result itself and no task id.
  if (id === null && word === null && sure.length === 0) return null;
  const results = sure.length === 0 && statusOf(word) === 'succeeded' ? likelyVideo(task) : sure;
  // A result with an unknown status is a result; an error with one is a failure.
  const failed = word !== null && hasError(task) ? 'failed' : null;
  const status = statusOf(word) ?? (results.length > 0 ? 'succeeded' : failed);
  const isGone = task.is_expired === true && status === 'succeeded';
  return {
    id,
    status: isGone ? 'expired' : status,
    word,
    model: wordOf(task.model),
    nextPollMs: positive(task.next_poll_after_ms),
    error: readError(task),
    results,
    blanks: blanksIn(task),
    usage: usageOf(task.usage),
    createdAt: wordOf(task.created_at),
    prompt: asText(task.prompt),
  };
}

/** The task itself, where a gateway wraps it in `data`. */
export function unwrapped(top: JsonObject): JsonObject {
  const inner = asObject(top.data);
  return inner !== null && top.status === undefined ? { ...top, ...inner } : top;
}

function idOf(value: unknown): string | null {
  const id = asText(value);
  return id !== null && isTaskId(id) ? id : null;
}

function wordOf(value: unknown): string | null {
  const text = asText(value);
  return text === null ? null : shorten(text, WORD_LIMIT);
}

function urlOf(value: unknown): string | null {
  const url = asText(value);
  return url === null || url.length > URL_LIMIT ? null : url;
}

export function statusOf(word: string | null): TaskStatus | null {
  const key =
    word
      ?.trim()
      .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
      .toLowerCase()
      .replace(/[\s-]+/g, '_')
      .replace(/^task_status_/, '') ?? '';
  return Object.hasOwn(statusWords, key) ? (statusWords[key] ?? null) : null;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

/** Words alone are none: many a task that runs has a message. */
function hasError({ error, errors, error_message }: JsonObject): boolean {
  return errorInJson({ error, errors, error_message }, null) !== null;
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
  const videoUrl = urlOf(task.video_url) ?? urlOf(asObject(task.content)?.video_url);
  // The same video under two names is one video.
  if (videoUrl !== null && results.every(({ url }) => url !== videoUrl))
    results.push({
      role: 'video',
      inline: null,
      url: videoUrl,
      urlExpiresAt: wordOf(task.video_url_expires_at),
    });
  const frame = urlOf(task.last_frame_url);
  if (frame !== null)
    results.push({ role: 'last_frame', inline: null, url: frame, urlExpiresAt: null });
  return results;
}

/** Where upstreams of video gateways put the URL once a task is done; before that it may be any URL. */
function likelyVideo(task: JsonObject): ResultEntry[] {
  const listed = [task.urls, task.unsigned_urls].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const first = urlOf(listed[0]);
  const output = asObject(task.output);
  const url = first ?? urlOf(output?.video_url) ?? urlOf(output?.url) ?? urlOf(task.url);
  return url === null ? [] : [{ role: 'video', inline: null, url, urlExpiresAt: null }];
}

function entryOf(value: unknown, index: number): ResultEntry[] {
  const item = asObject(value);
  if (item === null) return [];
  const videoUrl = urlOf(item.video_url);
  if (videoUrl !== null)
    return [{ role: 'video', inline: null, url: videoUrl, urlExpiresAt: null }];
  const holdsImage = inlineOf(item) !== null;
  const stored = addressOf(item.r2_url);
  const url = stored ?? addressOf(item.url);
  if (!holdsImage && url === null) return [];
  return [
    {
      role: 'image',
      inline: holdsImage ? index : null,
      url,
      urlExpiresAt: stored === null ? null : wordOf(item.r2_url_expires_at),
    },
  ];
}

/** The base64 or the `data:` URL in an entry of `data`: a text, or the object that stands for a long one; null: it has none. */
export function inlineOf(item: JsonObject): unknown {
  const { b64_json: base64 } = item;
  if (isLong(base64) || asText(base64) !== null) return base64;
  // Only a `data:` URL is too long for an address.
  return [item.r2_url, item.url].find((url) => isLong(url) || isDataUrl(url)) ?? null;
}

/** A text that stayed on the disk is an object of a class; JSON has none. */
function isLong(value: unknown): boolean {
  return value instanceof Object && !Array.isArray(value) && value.constructor !== Object;
}

function isDataUrl(value: unknown): boolean {
  return typeof value === 'string' && /^\s*data:/i.test(value);
}

function addressOf(value: unknown): string | null {
  return isDataUrl(value) ? null : urlOf(value);
}

function blanksIn({ data }: JsonObject): number {
  if (!Array.isArray(data)) return 0;
  return data.filter((value) => entryOf(value, 0).length === 0).length;
}
