/** Formats requests and responses for -v and --debug. It never shows the key or base64. */
import type { ReplyHeaders } from '../base/deps.ts';
import { rateLimitWords, readRateLimit } from './rate-limit.ts';

/** The parts of a request that are shown. */
interface VisibleRequest {
  /** POST by default. */
  method?: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  /** As an object or as the JSON that is sent; absent without a body. */
  body?: Readonly<Record<string, unknown>> | string | Uint8Array;
}

const SECRET_HEADERS = new Set(['authorization', 'x-api-key', 'cookie', 'set-cookie']);

/** A request as `--debug` and `--dry-run` show it. */
export function describeRequest(call: VisibleRequest): string {
  const lines = Object.entries(visibleHeaders(call.headers)).map(
    ([name, value]) => `> ${name}: ${value}`,
  );
  return [
    `> ${call.method ?? 'POST'} ${withoutQueries(call.url)}`,
    ...lines,
    ...bodyLines(call.body),
  ].join('\n');
}

function bodyLines(body: VisibleRequest['body']): string[] {
  if (body === undefined) return [];
  if (body instanceof Uint8Array) return [`> (${body.length} bytes)`];
  const value: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  return [`> ${JSON.stringify(visibleBody(value))}`];
}

/** The signature of a presigned URL is as good as a key. */
function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s"'?]+)\?[^\s"'\\]+/g, '$1?…');
}

/** Headers with the key hidden. */
export function visibleHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SECRET_HEADERS.has(name.toLowerCase())
        ? name.toLowerCase() === 'authorization'
          ? 'Bearer ***'
          : '***'
        : value,
    ]),
  );
}

/** The body with inline files shortened to their type and size. */
export function visibleBody<T>(body: T): T {
  return JSON.parse(
    JSON.stringify(body, (_key, value: unknown) => {
      if (typeof value !== 'string') return value;
      const match = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(value.slice(0, 100));
      return match
        ? `data:${match[1]};base64,… (${value.length - match[0].length} characters)`
        : value;
    }),
  ) as T;
}

/** Long base64 in any text, shortened to its size: images, signatures. */
export function withoutBase64(text: string): string {
  const urls = text.includes(';base64,')
    ? text.replace(/;base64,[A-Za-z0-9+/_\\=-]+/g, (found) => `;base64,${sizeOf(found, 8)}`)
    : text;
  if (urls.length < BASE64_LENGTH) return urls;
  // One class and `+`: alternatives or `{256,}` overflow V8's stack in a long image. The backslash is that of `\/` and `\n`.
  return urls.replace(/[A-Za-z0-9+/_\\=-]+/g, (found) =>
    found.length < BASE64_LENGTH ? found : sizeOf(found, 0),
  );
}

function sizeOf(found: string, before: number): string {
  return `… (${found.length - before} characters)`;
}

/** Shorter runs of its letters may be words or ids. */
const BASE64_LENGTH = 256;

/** The body received, each line marked. */
export function describeBody(body: string): string {
  return withoutBase64(withoutQueries(body))
    .split('\n')
    .map((line) => `< ${line}`)
    .join('\n');
}

/** Status, request id and rate limits, one line. */
export function describeAnswer(answer: {
  status: number;
  headers: ReplyHeaders;
  requestId: string | null;
}): string {
  const id = answer.requestId === null ? '' : `request_id=${answer.requestId}`;
  const limits = rateLimitWords(readRateLimit(answer.headers));
  return [`answered ${answer.status}`, id, limits].filter((part) => part !== '').join(' ');
}
