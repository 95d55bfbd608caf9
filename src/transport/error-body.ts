/** Makes one verdict of every shape that an error body has been seen in. It reads; what the verdict means is `verdict.ts`. */

import { type Billed, type ExitName, exitCodes } from '../base/errors.ts';
import { asObject, asText, type JsonObject, oneLine, shorten } from '../base/json.ts';
import { exitOfSlugs, isFieldRefused } from './error-codes.ts';
import { type Shape, shapes } from './error-shapes.ts';
import { looksLikeHtml, MAX_ITEMS, pageTitle, withoutStack, wordsAnywhere } from './error-words.ts';

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
  /** What a proxy of ours says of its own failure; absent: it is no such error. */
  verdict?: ProxyVerdict;
}

/** From `error.alltoken` of the documents of `serve` and `run`. */
interface ProxyVerdict {
  exit: ExitName;
  billed: Billed;
}

/** Of the exit codes of failed requests, which a proxy may hand on: those of its usage, its machine and its signals are its own. */
const FIRST = 20;
const LAST = 49;
/** From here on something may have been bought. */
const LOOK_FIRST = 40;

/** Errors of upstreams are wrapped again and again; deeper ones are not read. */
const MAX_DEPTH = 6;
/** Values read in all: several shapes may look at the same one. */
const MAX_READ = 2000;
/** Of one error. */
const MAX_SLUGS = 20;

/** The state of one reading: the HTTP status, and how many values may still be read. */
interface Reading {
  readonly status: number | null;
  left: number;
}

/**
 * The error that a JSON value holds, or null when it holds none. An error object whose fields are all empty is none
 * (LiteLLM sends one in good chunks).
 */
export function errorInJson(json: unknown, status: number | null): ErrorBody | null {
  if (typeof json !== 'object' || json === null) return null;
  if ((status === null || status < 400) && saysItIsFine(json)) return null;
  const body = readValue(json, { status, left: MAX_READ }, 0);
  const verdict = proxyVerdict(json);
  return body === null || verdict === null ? body : { ...body, verdict };
}

/** null: it does not say whether anything was bought, as a proxy of ours does. */
function proxyVerdict(json: object): ProxyVerdict | null {
  const { exit: code, billed } = asObject(asObject((json as JsonObject).error)?.alltoken) ?? {};
  if (billed !== 'yes' && billed !== 'no' && billed !== 'unknown') return null;
  const isHandedOn = typeof code === 'number' && code >= FIRST && code <= LAST;
  const name = Object.entries(exitCodes).find(([, one]) => one.code === code)?.[0];
  const exit = isHandedOn && name !== undefined ? (name as ExitName) : null;
  if (billed === 'no') return exit === null ? null : { exit, billed: mayBeUnbought(exit) };
  // Whoever may run it again would buy it twice. Or it was stopped itself: what its status says of other servers is not so of it.
  const isOpen = exit !== null && (exit === 'refused' || Number(code) >= LOOK_FIRST);
  return { exit: isOpen ? exit : 'outcome_unknown', billed };
}

/** An outcome that nobody knows is not known to be free, whoever says so. */
function mayBeUnbought(exit: ExitName): Billed {
  return exit === 'outcome_unknown' || exit === 'partial' ? 'unknown' : 'no';
}

/** The first event of a stream that has the error in it. */
const eventData = /^\s*(?:(?:event|id|retry):[^\r\n]*[\r\n]+)*data:([^\r\n]*)/;

/** The verdict of a whole error body, text of any kind: JSON of any shape, an HTML page, plain text, nothing. */
export function readErrorBody(text: string, status: number | null): ErrorBody {
  const json = parseJson(eventData.exec(text)?.[1] ?? text);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a page or plain text
  }
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
