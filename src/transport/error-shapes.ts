/** The shapes that error bodies have been seen in, as a table: which field may be what. It gives no verdict, and goes no deeper than one object. */
import { asObject, asText, type JsonObject } from '../base/json.ts';
import { MAX_ITEMS, wordsAnywhere } from './error-words.ts';

/** One shape: where it stands in an object, and which of its fields may be what. */
export interface Shape {
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

/** The shapes, each with a server that sends it; the first that says something wins. */
export const shapes: readonly ((top: JsonObject) => Shape | null)[] = [
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
    const { message, error_description, detail, details, errors } = top;
    const more =
      [message, error_description, detail, details, errors].map(wordsOf).find(Boolean) ?? null;
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

/** A text, or what lists and objects of a validator hold: each text under a name of words, else all that stands in a list. */
function wordsOf(value: unknown): string {
  const hasLists = Object.values(asObject(value) ?? { value }).every(Array.isArray);
  return (
    asText(value) ?? (wordsAnywhere(value) || (hasLists ? wordsAnywhere({ message: value }) : ''))
  );
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

function isWord(value: unknown, word: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === word;
}
