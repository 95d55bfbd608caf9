/** Reads the body of a request into memory, up to a limit. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { asObject, type JsonObject } from '../base/json.ts';
import { doubledName } from './chat/edit-json.ts';
import { Refusal } from './refusal.ts';

/** Throws `Refusal` 413, 415; rejects where the client left. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkType(request);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const parts: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (bytes: Buffer) => {
      size += bytes.length;
      if (size <= maxBytes) parts.push(bytes);
      else reject(tooLarge(maxBytes));
    });
    request.on('end', () =>
      resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)),
    );
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client left')));
  });
}

/** As `fetch` and curl send a POST without one. A form names a type also where it is empty. */
export function hasNoBody({ headers }: IncomingMessage): boolean {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = headers;
  return type === undefined && coding === undefined && Number(length ?? 0) === 0;
}

/** A form of a web page cannot send this type without being asked first. */
function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Refusal(415, 'content_type', 'the Content-Type has to be application/json');
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    throw new Refusal(415, 'content_encoding', 'the body must not be compressed');
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, 'too_large', `the body is larger than ${maxBytes} bytes`, {
    hint: 'alltoken serve --max-body takes a larger one',
    headers: { connection: 'close' },
  });
}

/**
 * A paid request. What is judged here has to be what the gateway reads: bytes that are no text, and a field that is there
 * twice, of which each reader takes another one, are refused. Throws `Refusal` 400.
 */
export function parsePaid(bytes: Buffer): { text: string; body: JsonObject } {
  if (!isUtf8(bytes)) throw new Refusal(400, 'bad_json', 'the body is not valid UTF-8');
  const text = bytes.toString('utf8');
  const body = parseBody(text);
  const doubled = doubledName(text);
  if (doubled === null) return { text, body };
  const shown = JSON.stringify(doubled.slice(0, 80));
  throw new Refusal(400, 'bad_json', `the body has the field ${shown} twice`);
}

/** Throws `Refusal` 400 for what is not a JSON object. */
export function parseBody(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'bad_json', 'the body is not valid JSON');
  }
  const body = asObject(json);
  if (body === null) throw new Refusal(400, 'bad_json', 'the body is not a JSON object');
  return body;
}
