/** What a client asks of `/v1/chat/completions`: the body and the headers, read and checked. It changes nothing of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { isRecord, type JsonObject } from '../../base/json.ts';
import { isTag, MAX_TAGS } from '../../config/tags.ts';
import { type Cap, ownCap, ownCaps } from '../../money/budget/caps.ts';
import { parsePaid } from '../read-body.ts';
import { Refusal } from '../refusal.ts';

export interface Ask {
  /** As it was sent. */
  text: string;
  /** Behind the path, with its `?`; '' without one. */
  query: string;
  body: JsonObject;
  /** '' where the client leaves the choice to the gateway. */
  model: string;
  /** The client reads a stream. */
  isStream: boolean;
  /** It has requested the usage in it. */
  wantsUsage: boolean;
  /** The request goes out as it is, and the reply comes as it is. */
  isAsSent: boolean;
  terms: CallTerms;
}

/** What the headers say about the money of one call. */
export interface CallTerms {
  tags: readonly string[];
  session: string | null;
  /** On this call alone. */
  caps: readonly Cap[];
}

/** Throws `Refusal` 400. */
export function readAsk(bytes: Buffer, headers: IncomingHttpHeaders, query: string): Ask {
  const { text, body } = parsePaid(bytes);
  const options = body.stream_options;
  return {
    text,
    query,
    body,
    model: typeof body.model === 'string' ? body.model : '',
    isStream: body.stream === true,
    wantsUsage: isRecord(options) && options.include_usage === true,
    isAsSent: one(headers, 'x-alltoken-stream')?.toLowerCase() === 'as-sent',
    terms: readTerms(headers),
  };
}

/** Throws `Refusal` 400 for a header of ours that cannot be meant. */
export function readTerms(headers: IncomingHttpHeaders): CallTerms {
  const tag = one(headers, 'x-alltoken-tag');
  const tags = (tag ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if ((tag !== null && tags.length === 0) || tags.length > MAX_TAGS || !tags.every(isTag))
    throw badHeader('x-alltoken-tag', 'letters, digits, dots, dashes and underscores, at most 64');
  const session = one(headers, 'x-alltoken-session');
  if (session !== null && !/^[\x21-\x7e]{1,100}$/.test(session))
    throw badHeader('x-alltoken-session', 'at most 100 printable characters without blanks');
  const limit = one(headers, ownCaps.header);
  if (limit !== null && !/^\d{1,12}(\.\d{1,12})?$/.test(limit))
    throw badHeader(ownCaps.header, 'an amount in USD, such as 0.05');
  const caps = limit === null ? [] : [ownCap(ownCaps.header, limit)];
  return { tags, session, caps };
}

/** null: it was not sent. An empty one is refused: a variable that is not set must not lift the limit. */
function one(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : null;
}

function badHeader(name: string, hint: string): Refusal {
  return new Refusal(400, 'bad_header', `the value of ${name} is not valid`, { hint });
}
