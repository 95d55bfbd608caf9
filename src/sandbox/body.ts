/** The body of a request: its bytes, up to a limit, and the JSON object in them. It keeps none. */

import { asObject, type JsonObject } from '../base/json.ts';
import { type Exchange, invalid, Rejection } from './envelope.ts';

/**
 * Throws Rejection (413) above `maxBytes`, and rejects with the socket's error when the client leaves.
 * Reads to the end even when it is too much: a client that is still sending would not see the reply.
 */
export async function readBody(
  { onBody, request }: Exchange,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes <= maxBytes) {
    const body = Buffer.concat(chunks);
    onBody?.(body);
    return body;
  }
  throw new Rejection({
    status: 413,
    code: 'payload_too_large',
    type: 'invalid_request_error',
    message: `The body is larger than ${maxBytes / 1024 / 1024} MB.`,
  });
}

/** Throws Rejection (400) for anything that is not a JSON object in UTF-8. */
export function parseJsonObject(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalid(null, 'The body is not valid JSON in UTF-8.');
  }
  const fields = asObject(value);
  if (!fields) throw invalid(null, 'The body must be a JSON object.');
  return fields;
}
