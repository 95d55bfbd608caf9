/** Makes one verdict of every shape that an error body has been seen in. It reads; what the verdict means is `verdict.ts`. */

import { asObject, asText, type JsonObject, oneLine, shorten } from '../base/json.ts';
import { exitOfSlugs, isFieldRefused } from './error-codes.ts';

export interface ErrorBody {
  /** The gateway's own error shape, not some proxy's page: its fields count. */
  inEnvelope: boolean;
  code: string | null;
  type: string | null;
  /** One line of at most 500 characters; never empty. */
  message: string;
  requestId: string | null;
  taskId: string | null;
  /** The field of the request that the error is about: `stream_options`, `messages.0.name`. */
  param: string | null;
  /** All that may be looked up in `error-codes.ts`, the best first: code, type, and what stands deeper. */
  slugs: readonly string[];
}

/** Errors of upstreams are wrapped again and again; deeper ones are not read. */
const MAX_DEPTH = 6;
/** Values read in all: several shapes may look at the same one. */
const MAX_READ = 2000;
/** Of a list of errors. */
const MAX_ITEMS = 50;
/** Of one error. */
const MAX_SLUGS = 20;

/** The state of one reading: the HTTP status, and how many values may still be read. */
interface Reading {
  readonly status: number | null;
  left: number;
}

/** One shape: where it stands in an object, and which of its fields may be what. */
interface Shape {
  inEnvelope: boolean;
  /** What may hold the words, the best first. */
  words: readonly unknown[];
  /** What may be the code, the best first. */
  codes: readonly unknown[];
  type?: unknown;
  param?: unknown;
  /** Slugs that no field shows. */
  more?: readonly unknown[];
  /** The error of the provider behind the gateway: its words come first, its code is not the gateway's. */
  upstream?: { raw: unknown; name: unknown } | undefined;
  requestId?: unknown;
  taskId?: unknown;
}

/**
 * The error that a JSON value holds, or null when it holds none. An error object whose fields are all empty is none
 * (LiteLLM sends one in good chunks).
 */
export function errorInJson(json: unknown, status: number | null): ErrorBody | null {
  if (typeof json !== 'object' || json === null) return null;
  if ((status === null || status < 400) && saysItIsFine(json)) return null;
  return readValue(json, { status, left: MAX_READ }, 0);
}

/** The verdict of a whole error body, text of any kind: JSON of any shape, an HTML page, plain text, nothing. */
export function readErrorBody(text: string, status: number | null): ErrorBody {
  const json = parseJson(text);
  const found = errorInJson(json, status);
  if (found) return found;
  const words = looksLikeHtml(text) ? pageTitle(text) : json === undefined ? text : asText(json);
  return {
    ...said(oneLine(withoutStack(words ?? '')) || wordsAnywhere(json) || statusText(status)),
    inEnvelope: asObject(asObject(json)?.error) !== null,
    // A gateway's 404 is JSON: this one is of a server that has no such route.
    code: status === 404 && json === undefined ? 'page_not_found' : null,
  };
}

export function looksLikeHtml(text: string): boolean {
  return /^\s*</.test(text);
}

/** What an HTML page, or the XML of a storage, says of itself, in one line. */
export function pageTitle(html: string): string {
  const head = html.slice(0, 20_000);
  const parts = [/<Code>([^<]*)/, /<Message>([^<]*)/].flatMap((part) => part.exec(head)?.[1] ?? []);
  const xml = oneLine(parts.join(': '));
  if (/<Error>/.test(head) && xml !== '') return xml;
  const title = /<title[^>]*>([^<]*)/i.exec(head)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(head)?.[1];
  return title && oneLine(title) !== ''
    ? oneLine(`an HTML page: ${oneLine(title)}`)
    : 'an HTML page';
}

/** The shapes, each with a server that sends it; the first that says something wins. */
const shapes: readonly ((top: JsonObject) => Shape | null)[] = [
  // OpenAI, AllToken, Anthropic, Azure, Gemini, OpenRouter, DeepSeek, Moonshot, Zhipu, llama.cpp, LiteLLM, one-api …
  (top) => {
    const list = Array.isArray(top.error) ? top.error : null;
    const inner = asObject(top.error) ?? (list === null ? null : asObject(list[0]));
    if (inner === null) return null;
    const shape = errorObject(inner, [top.message, top.detail]);
    return list !== null && list.length > 1 ? { ...shape, words: [list, ...shape.words] } : shape;
  },
  // Azure's storage and management, AWS.
  (top) => {
    const inner = asObject(top.Error);
    return inner === null ? null : errorObject(inner);
  },
  // Volcengine's portal: status 200 is possible.
  ({ ResponseMetadata }) => {
    const inner = asObject(asObject(ResponseMetadata)?.Error);
    return inner === null
      ? null
      : { ...errorObject(inner), requestId: asObject(ResponseMetadata)?.RequestId };
  },
  // MiniMax: every reply has one, and 0 is success.
  ({ base_resp, trace_id }) => {
    const inner = asObject(base_resp);
    const code = asText(inner?.status_code);
    if (inner === null || code === null || code === '0') return null;
    const more = [`minimax:${code}`];
    return {
      inEnvelope: true,
      words: [inner.status_msg],
      codes: [code],
      more,
      requestId: trace_id,
    };
  },
  // vLLM, Mistral, Fireworks: the error object is the whole body.
  (top) => (isWord(top.object, 'error') ? errorObject(top, [top.detail]) : null),
  // pydantic, and so FastAPI: one item of a list.
  ({ loc, msg, message, type }) => {
    if (!Array.isArray(loc)) return null;
    const param = fieldPath(loc);
    const words = asText(msg) ?? asText(message);
    if (words === null) return null;
    const line = param === null ? words : `${param}: ${words}`;
    return { inEnvelope: false, words: [line], codes: [], more: [type], param };
  },
  // `error` as text: Ollama, LM Studio, xAI; a slug with its description: OAuth; a reason phrase with a message: Nest, Spring.
  (top) => {
    const error = asText(typeof top.error === 'number' ? null : top.error);
    if (error === null) return null;
    const more = asText(top.message) ?? asText(top.error_description) ?? asText(top.detail);
    const isSlug = /^[\w.:-]+$/.test(error);
    const line = more === null || more === error || isSlug ? (more ?? error) : `${error}: ${more}`;
    const codes = isSlug && more !== null ? [error, top.code] : [top.code];
    const { type, param } = top;
    return { inEnvelope: false, words: [line], codes, type, param, more: isSlug ? [error] : [] };
  },
  // Hugging Face: `error` as a list of sentences.
  ({ error }) =>
    Array.isArray(error) && error.length > 0
      ? { inEnvelope: false, words: [error], codes: [] }
      : null,
  // Cloudflare, JSON:API, GraphQL.
  ({ errors, success, request_id }) => {
    if (!Array.isArray(errors) || errors.length === 0) return null;
    const first = asObject(errors[0]);
    const code = first?.code ?? asObject(first?.extensions)?.code;
    const more = [success === false ? `cloudflare:${asText(code)}` : null];
    return {
      inEnvelope: first !== null && asText(code) !== null,
      words: [errors],
      codes: [code],
      more,
      requestId: request_id,
    };
  },
  // FastAPI, Django.
  ({ detail, title, status, type }) =>
    title === undefined && detail !== undefined && detail !== null
      ? { inEnvelope: false, words: [detail], codes: [], more: [status, type] }
      : null,
  // problem+json (RFC 9457) and items of JSON:API.
  ({ title, detail, code, type }) => {
    const name = asText(title);
    if (name === null) return null;
    const more = asText(detail);
    const line = more === null || more === name ? name : `${name}: ${more}`;
    return { inEnvelope: false, words: [line], codes: [code], type };
  },
  // AWS: `com.amazon.coral.service#ThrottlingException`.
  (top) => {
    const name = asText(top.__type)?.split('#').at(-1);
    return name === undefined ? null : { ...loose(top), inEnvelope: true, codes: [name] };
  },
  // DashScope: code, message and request_id at the top.
  (top) => {
    const isWhole = asText(top.code) !== null && asText(top.request_id ?? top.requestId) !== null;
    return isWhole && asText(top.message) !== null ? { ...loose(top), inEnvelope: true } : null;
  },
  loose,
];

/** An error object with the fields of OpenAI's, Google's, Azure's or Volcengine's. */
function errorObject(error: JsonObject, outer: readonly unknown[] = []): Shape {
  const metadata = asObject(error.metadata);
  const { message, Message, msg, code, Code, status, type } = error;
  return {
    inEnvelope: true,
    words: [
      message,
      Message,
      msg,
      error.detail,
      error.details,
      error.error,
      error.errors,
      ...outer,
    ],
    // Google repeats the HTTP status as the code, and says what it is in `status`; the reason is the most exact.
    codes: [code, Code, reasonIn(error.details), typeof status === 'string' ? status : null],
    type,
    param: error.param,
    more: [
      ...innerCodes(error.innererror ?? error.inner_error),
      // OpenRouter's moderation: what was flagged, and why.
      metadata?.flagged_input === undefined && metadata?.reasons === undefined
        ? null
        : 'flagged_input',
      metadata?.error_type,
      // Zhipu's numbers are text, and stand in an object of two fields; Mistral's and others' have a type.
      typeof code === 'string' && Object.keys(error).length === 2 ? `zhipu:${code}` : null,
    ],
    upstream: metadata === null ? undefined : { raw: metadata.raw, name: metadata.provider_name },
    requestId: error.request_id,
    taskId: error.task_id,
  };
}

/** Fields at the top, under any name: Baidu `error_msg`, hermes `error_message`, gin `msg`, AWS `Message`. */
function loose(top: JsonObject): Shape {
  return {
    inEnvelope: false,
    words: [
      top.message,
      top.Message,
      top.msg,
      top.error_message,
      top.errorMessage,
      top.error_msg,
      top.errmsg,
      top.status_msg,
      top.error_description,
      top.reason,
      top.err,
      top.exception,
    ],
    codes: [top.code, top.Code, top.error_code, top.errcode],
    type: top.type ?? top.error_type ?? top.errorType,
    param: top.param,
  };
}

/** Azure: `innererror.code`, which may have an inner one. */
function innerCodes(value: unknown): unknown[] {
  const inner = asObject(value);
  return inner === null ? [] : [inner.code, asObject(inner.innererror)?.code];
}

/** Google's `details[].reason`. */
function reasonIn(details: unknown): unknown {
  if (!Array.isArray(details)) return null;
  return details
    .slice(0, MAX_ITEMS)
    .map((item) => asText(asObject(item)?.reason))
    .find((reason) => reason !== null);
}

/** `["body", "messages", 0, "name"]` as `messages.0.name`; null for the body as a whole. */
function fieldPath(loc: readonly unknown[]): string | null {
  const names = loc.slice(0, MAX_ITEMS).flatMap((part) => asText(part) ?? []);
  const path = names[0] !== undefined && places.has(names[0]) ? names.slice(1) : names;
  return path.length === 0 ? null : path.join('.');
}

const places: ReadonlySet<string> = new Set(['body', 'query', 'path', 'header', 'cookie']);

function readValue(value: unknown, reading: Reading, depth: number): ErrorBody | null {
  reading.left -= 1;
  if (depth > MAX_DEPTH || reading.left < 0) return null;
  if (Array.isArray(value)) return readList(value, reading, depth);
  const object = asObject(value);
  if (object === null) return readText(asText(value) ?? '', reading, depth);
  for (const shape of shapes) {
    const found = shape(object);
    const body = found === null ? null : readShape(found, object, reading, depth);
    if (body !== null) return body;
  }
  return null;
}

/** Several errors are one: their words in a row, the facts of the first. */
function readList(list: readonly unknown[], reading: Reading, depth: number): ErrorBody | null {
  const items = depth === 0 ? list.filter((item) => typeof item === 'object') : list;
  const found = items
    .slice(0, MAX_ITEMS)
    .flatMap((item) => readValue(item, reading, depth + 1) ?? []);
  const [first] = found;
  if (first === undefined) return null;
  const lines = found.map(({ message }) => message);
  return {
    ...first,
    message: oneLine(lines.join('; ')),
    param: found.find(({ param }) => param !== null)?.param ?? null,
    slugs: found.flatMap(({ slugs }) => slugs).slice(0, MAX_SLUGS),
  };
}

function readShape(
  shape: Shape,
  top: JsonObject,
  reading: Reading,
  depth: number,
): ErrorBody | null {
  const inner = firstSaid(shape.words, reading, depth + 1);
  const upstream = readUpstream(shape.upstream, reading, depth + 1);
  const codes = shape.codes.flatMap((code) => {
    const text = asText(code);
    // 0 is what a field holds that was never set.
    return text === null || text === '0' ? [] : shortText(text);
  });
  const [type = null] = shortText(asText(shape.type));
  if (inner === null && upstream === null && codes.length === 0 && type === null) return null;
  // Some bodies repeat the HTTP status as the code: it carries no information.
  const code = codes.find((one) => one !== String(reading.status)) ?? inner?.code ?? null;
  const kind = type ?? inner?.type ?? null;
  const more = (shape.more ?? []).flatMap((slug) => shortText(asText(slug)));
  const slugs = [...codes, ...(type === null ? [] : [type]), ...more, ...(inner?.slugs ?? [])];
  return {
    inEnvelope: shape.inEnvelope,
    code: code ?? upstream?.code ?? null,
    type: kind,
    message: upstream?.message ?? inner?.message ?? code ?? kind ?? statusText(reading.status),
    requestId: firstText([
      shape.requestId,
      top.request_id,
      top['x-gateway-request-id'],
      asObject(top.ResponseMetadata)?.RequestId,
      top.requestId,
      inner?.requestId,
    ]),
    taskId: asText(shape.taskId) ?? asText(top.task_id) ?? inner?.taskId ?? null,
    param: asText(shape.param) ?? inner?.param ?? upstream?.param ?? null,
    slugs: [...slugs, ...(upstream?.slugs ?? [])].slice(0, MAX_SLUGS),
  };
}

/** OpenRouter's `metadata.raw`: the body of the provider, whose money and keys are not ours: what counts is a refusal, of a text or of a field. */
function readUpstream(
  upstream: Shape['upstream'],
  reading: Reading,
  depth: number,
): ErrorBody | null {
  const body = upstream === undefined ? null : firstSaid([upstream.raw], reading, depth);
  if (body === null) return null;
  const name = asText(upstream?.name);
  const refusals = body.slugs.filter((slug) => exitOfSlugs([slug]) === 'refused');
  return {
    ...body,
    code: refusals[0] ?? null,
    message: name === null ? body.message : oneLine(`${name}: ${body.message}`),
    slugs: [...refusals, ...body.slugs.filter((slug) => isFieldRefused([slug]))],
  };
}

function firstSaid(words: readonly unknown[], reading: Reading, depth: number): ErrorBody | null {
  for (const value of words) {
    if (value === undefined || value === null || typeof value === 'boolean') continue;
    const found = readValue(value, reading, depth);
    if (found !== null) return found;
    const line = typeof value === 'object' ? wordsAnywhere(value) : '';
    if (line !== '') return said(line);
  }
  return null;
}

/** Text may be JSON again, or hold it behind the name of the library that failed (LiteLLM, new-api). */
function readText(text: string, reading: Reading, depth: number): ErrorBody | null {
  const line = oneLine(withoutStack(text));
  if (line === '') return null;
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  const json = start === -1 ? undefined : parseJson(text.slice(start, end));
  const inner = typeof json === 'object' ? readValue(json, reading, depth + 1) : null;
  if (inner !== null) {
    const around = [
      oneLine(text.slice(0, start)).replace(/[ :,-]{1,9}$/, ''),
      oneLine(text.slice(end)),
    ];
    const [before = '', after = ''] = around;
    const message = `${before === '' ? '' : `${before}: `}${inner.message} ${after}`;
    return { ...inner, inEnvelope: false, message: oneLine(message) };
  }
  return said(/^\s*<(!doctype|html|head)\b/i.test(text) ? pageTitle(text) : line);
}

function said(message: string): ErrorBody {
  return {
    inEnvelope: false,
    code: null,
    type: null,
    message,
    requestId: null,
    taskId: null,
    param: null,
    slugs: [],
  };
}

/** Names under which a shape that nobody knows has its words. */
const wordKeys = /^(error|err|message|msg|detail|title|reason|description)s?$|_(message|msg)$/i;
/** Values looked at, and how deep. */
const MAX_VALUES = 500;
const MAX_WORDS_DEPTH = 12;

/** What a JSON value of no known shape says in any field with the name of a message; '' when nothing. */
export function wordsAnywhere(json: unknown): string {
  const lines = new Set<string>();
  let left = MAX_VALUES;
  const look = (value: unknown, isWords: boolean, depth: number): void => {
    left -= 1;
    if (left < 0 || depth > MAX_WORDS_DEPTH) return;
    if (typeof value === 'string') {
      const line = isWords ? oneLine(withoutStack(value)) : '';
      if (line !== '') lines.add(line);
    } else if (Array.isArray(value)) {
      for (const item of value.slice(0, MAX_ITEMS)) look(item, isWords, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        look(item, isWords || wordKeys.test(key), depth + 1);
    }
  };
  look(json, false, 0);
  return oneLine([...lines].join('; '));
}

/** A body of success that has the fields of a loose error: `{"code":0,"message":"success","data":…}`. */
function saysItIsFine(json: object): boolean {
  const { success, code, error_code, error } = json as JsonObject;
  const inner = asObject(error);
  // Some repeat the HTTP status as the code of a real error.
  if (inner !== null)
    return isFine(inner.code) && (asText(inner.message) === null || isFine(inner.message));
  if (typeof error === 'string') return false;
  return success === true || isFine(code) || isFine(error_code);
}

function isFine(code: unknown): boolean {
  return fineCodes.has(asText(code)?.trim().toLowerCase() ?? '');
}

const fineCodes: ReadonlySet<string> = new Set(['0', '200', 'ok', 'success']);

/** Frames of a program that failed are no use to the reader; Python puts the words behind them. */
function withoutStack(text: string): string {
  const python = text.indexOf('Traceback (most recent call last):');
  if (python !== -1) {
    const last = text.trimEnd().split('\n').at(-1) ?? '';
    return `${text.slice(0, python)} ${last}`;
  }
  const frame = text.search(
    /\n[ \t]{0,40}at [^\n]{1,300}(:\d+\)?|\(native\)|\(<anonymous>\))[ \t\r]{0,40}(\n|$)/,
  );
  return frame === -1 ? text : text.slice(0, frame);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a page or plain text
  }
}

function isWord(value: unknown, word: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === word;
}

function firstText(values: readonly unknown[]): string | null {
  return values.flatMap((value) => shortText(asText(value)))[0] ?? null;
}

/** Slugs and ids are short and of one line; longer values must not flood a terminal. [] for nothing. */
function shortText(text: string | null): string[] {
  const line = shorten(oneLine(text ?? ''), 200);
  return line === '' ? [] : [line];
}

function statusText(status: number | null): string {
  return status === null ? 'an error without a message' : `HTTP ${status} without a message`;
}
