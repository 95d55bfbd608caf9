/** What the head of a reply means for a file that is being fetched, perhaps from the middle. Pure: rules of HTTP ranges, no network. */
import type { ReplyHeaders } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type DocumentKind, documentKind } from './document-kind.ts';
import { errorInJson } from './error-body.ts';

/** The part of a file that is already there. */
export interface Part {
  bytes: number;
  /** The strong ETag or the Last-Modified of the file that these bytes belong to; null: whether it is still the same file is unknown. */
  validator: string | null;
  /** Size of the whole file, where known. */
  total: number | null;
}

/** The bytes that a reply brings, or what to do instead. */
export type FileReply =
  | { kind: 'bytes'; offset: number; total: number | null; validator: string | null }
  /** Nothing is missing. */
  | { kind: 'complete' }
  /** Request the file again from its beginning. */
  | { kind: 'over' }
  | { kind: 'unexpected' };

/** Empty where the file must come whole: without a validator the two halves could be of two files. */
export function rangeHeaders({ bytes, validator }: Part): Record<string, string> {
  if (bytes === 0 || validator === null) return {};
  return { range: `bytes=${bytes}-`, 'if-range': validator };
}

/** For a reply with status 200, 206 or 416 to a request with `rangeHeaders(part)`. */
export function readFileReply(status: number, headers: ReplyHeaders, part: Part): FileReply {
  const isPartial = 'range' in rangeHeaders(part);
  if (status === 200)
    return {
      kind: 'bytes',
      offset: 0,
      total: wholeNumber(headers.get('content-length')),
      validator: validatorOf(headers),
    };
  if (status === 206) return readRange(headers, part, isPartial);
  if (!isPartial) return { kind: 'unexpected' };
  const size = wholeNumber(/^bytes \*\/(\d+)$/i.exec(contentRange(headers))?.[1]);
  const isWhole = size === part.bytes && (part.total === null || part.total === size);
  return isWhole ? { kind: 'complete' } : { kind: 'over' };
}

function readRange(headers: ReplyHeaders, part: Part, isPartial: boolean): FileReply {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(contentRange(headers));
  const [first, last, total] = (match ?? []).slice(1).map(wholeNumber);
  const fits =
    first === (isPartial ? part.bytes : 0) &&
    last !== undefined &&
    last !== null &&
    last >= first &&
    (total === null || total === undefined || last < total);
  if (!isPartial)
    return fits
      ? { kind: 'bytes', offset: 0, total: total ?? null, validator: validatorOf(headers) }
      : { kind: 'unexpected' };
  const sameSize = part.total === null || total === null || total === part.total;
  if (!fits || !sameSize || isOtherFile(headers, part)) return { kind: 'over' };
  return {
    kind: 'bytes',
    offset: part.bytes,
    total: total ?? part.total,
    validator: part.validator,
  };
}

/** A server that respects If-Range never sends a part of another file; not every server does. */
function isOtherFile(headers: ReplyHeaders, { validator }: Part): boolean {
  const now = headers.get(validator?.startsWith('"') ? 'etag' : 'last-modified');
  return now !== null && now !== validator;
}

/** Only a strong ETag guarantees identical bytes; the date is the next best. */
function validatorOf(headers: ReplyHeaders): string | null {
  const tag = headers.get('etag') ?? '';
  if (/^"[^"]*"$/.test(tag)) return tag;
  const date = headers.get('last-modified');
  return date === null || Number.isNaN(Date.parse(date)) ? null : date;
}

function contentRange(headers: ReplyHeaders): string {
  return headers.get('content-range') ?? '';
}

function wholeNumber(text: string | null | undefined): number | null {
  return text && /^\d+$/.test(text) ? Number(text) : null;
}

/** Of the error documents of storages. */
const deadCodes = new Set([
  ...['AccessDenied', 'ExpiredToken', 'InvalidToken', 'RequestExpired', 'AuthenticationFailed'],
  ...['NoSuchKey', 'BlobNotFound', 'SignatureDoesNotMatch'],
]);

const documents: Readonly<Record<DocumentKind, string>> = {
  html: 'an HTML page',
  json: 'a JSON document',
  xml: 'an XML document',
  svg: 'an SVG image',
  text: 'plain text',
};

/** Why these bytes, with which a body begins, are no file; null: they may be one. The header only says what plain text may be. `origin` is for the message. */
export function notAFile(headers: ReplyHeaders, head: Uint8Array, origin: string): CliError | null {
  const kind = documentKind(head);
  const type = headers.get('content-type') ?? '';
  const isSaid = /^\s*(text\/|application\/(xhtml|xml|json|problem))/i.test(type);
  if (kind === null || kind === 'svg' || (kind === 'text' && !isSaid)) return null;
  const text = new TextDecoder().decode(head);
  const code = kind === 'xml' ? /<Code>([^<]{1,100})/.exec(text)?.[1] : codeInJson(kind, text);
  if (code !== undefined && (deadCodes.has(code) || /expired/i.test(code)))
    return deadUrl(200, origin);
  const named = code !== undefined && /^[\w.-]{1,60}$/.test(code) ? ` (${code})` : '';
  return fileError(`${origin} sent ${documents[kind]} instead of the file${named}`, 'not_a_file');
}

function codeInJson(kind: DocumentKind, text: string): string | undefined {
  if (kind !== 'json') return undefined;
  try {
    return errorInJson(JSON.parse(text), null)?.slugs[0];
  } catch {
    return undefined;
  }
}

/** The reply breaks the protocol, and a retry would not help. The file itself is paid for. */
export function fileError(message: string, code: string, status?: number): CliError {
  return new CliError('protocol', message, { code, status, billed: 'yes' });
}

export function deadUrl(status: number, origin: string): CliError {
  return new CliError(
    'expired',
    `the address of the file at ${origin} is no longer valid (HTTP ${status})`,
    {
      code: 'dead_url',
      status,
      billed: 'yes',
    },
  );
}
