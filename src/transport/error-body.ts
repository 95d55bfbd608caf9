/** Makes one verdict of every shape that an error body has been seen in. It reads; what the verdict means is `verdict.ts`. */

import { asObject, asText, oneLine, shorten } from '../base/json.ts';

export interface ErrorBody {
  /** The gateway's own error shape, not some proxy's page: its fields count. */
  inEnvelope: boolean;
  code: string | null;
  type: string | null;
  /** One line of at most 500 characters; never empty. */
  message: string;
  requestId: string | null;
  taskId: string | null;
}

/** The error that a JSON value holds, or null when it holds none. Knows the eight shapes of the gateways and their neighbours. */
export function errorInJson(json: unknown, status: number | null): ErrorBody | null {
  const top = asObject(json);
  if (!top) return null;
  const metadata = asObject(top.ResponseMetadata);
  const inner = asObject(top.error) ?? asObject(metadata?.Error);
  const plain = asText(top.error);
  const loose = asText(top.message) ?? detailText(top.detail);
  const message =
    asText(inner?.message) ?? asText(inner?.Message) ?? plain ?? (inner ? null : loose);
  if (!inner && plain === null && loose === null) return null;
  const code = asText(inner?.code) ?? asText(inner?.Code) ?? (inner ? null : asText(top.code));
  const type = asText(inner?.type) ?? (inner ? null : asText(top.type));
  return {
    // A bare string is what a proxy in between writes as often as a gateway.
    inEnvelope: inner !== null,
    // Some bodies repeat the HTTP status as the code: it carries no information.
    code: code === String(status) ? null : short(code),
    type: short(type),
    message: firstWords([message, code, type, loose], status),
    requestId: short(
      asText(inner?.request_id) ??
        asText(top.request_id) ??
        asText(top['x-gateway-request-id']) ??
        asText(metadata?.RequestId),
    ),
    taskId: asText(inner?.task_id) ?? asText(top.task_id),
  };
}

/** Slugs and ids are short; longer values must not flood a terminal. */
function short(text: string | null): string | null {
  return text === null ? null : shorten(text, 200);
}

/** The verdict of a whole error body, text of any kind: JSON of any shape, an HTML page, plain text, nothing. */
export function readErrorBody(text: string, status: number | null): ErrorBody {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // not JSON: a page or plain text
  }
  const found = errorInJson(json, status);
  if (found) return found;
  const words = looksLikeHtml(text) ? pageTitle(text) : json === undefined ? text : asText(json);
  return {
    inEnvelope: false,
    code: null,
    type: null,
    message: firstWords([words], status),
    requestId: null,
    taskId: null,
  };
}

export function looksLikeHtml(text: string): boolean {
  return /^\s*</.test(text);
}

/** What an HTML page says of itself, in one line. */
export function pageTitle(html: string): string {
  const head = html.slice(0, 20_000);
  const title = /<title[^>]*>([^<]*)/i.exec(head)?.[1] ?? /<h1[^>]*>([^<]*)/i.exec(head)?.[1];
  return title && oneLine(title) !== ''
    ? oneLine(`an HTML page: ${oneLine(title)}`)
    : 'an HTML page';
}

function detailText(detail: unknown): string | null {
  if (!Array.isArray(detail)) return asText(detail) ?? asText(asObject(detail)?.message);
  const parts = detail.map((item) => asText(item) ?? asText(asObject(item)?.msg));
  return parts.filter((part) => part !== null).join('; ') || null;
}

/** The first that says something when it is one line, else the status. */
function firstWords(candidates: readonly (string | null)[], status: number | null): string {
  const lines = candidates.map((text) => oneLine(text ?? ''));
  return lines.find((line) => line !== '') ?? statusText(status);
}

function statusText(status: number | null): string {
  return status === null ? 'an error without a message' : `HTTP ${status} without a message`;
}
