/** POST /v1/uploads/presign, and the PUT that it leads to. It checks every promise, and keeps no file. */
import { createHash } from 'node:crypto';
import { parseJsonObject, readBody } from '../body.ts';
import { type Call, originOf, ownerOf } from '../call.ts';
import { type Exchange, invalid, Rejection, send, sendJson } from '../envelope.ts';
import { takeFirst } from '../faults.ts';
import { checkFields, oneOf, type Rule, type Rules } from '../field-rules.ts';
import type { JsonObject } from '../unknown-json.ts';
import { contentTypes, headBytes, purposes, suits } from './file-kinds.ts';
import { answerStorage, StorageRefusal } from './storage.ts';
import { newId, timestamp } from './tasks.ts';
import type { Upload } from './uploads.ts';

const maxContentLength = 26_214_400;
const maxBodyBytes = 64 * 1024;

/** All of them are required. */
const rules: Rules = {
  purpose: oneOf(Object.keys(purposes)),
  content_type: oneOf(contentTypes),
  content_length: {
    allows: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    wanted: 'a whole number, at least 1',
  },
  content_md5: matching(/^[A-Za-z0-9+/]{22}==$/, 'the MD5 in base64'),
  checksum_sha256: matching(/^[0-9a-f]{64}$/, 'the SHA-256 in 64 lower-case hexadecimal digits'),
};

/** Throws Rejection: 400 for a field that is missing or wrong, 413 for a file that is too big. */
export async function presignUpload(call: Call): Promise<void> {
  const { exchange, media } = call;
  const fields = parseJsonObject(await readBody(exchange, maxBodyBytes));
  const now = exchange.clock.now();
  const upload = readClaim(fields, ownerOf(exchange), now + media.lifetimes.uploadMillis);
  media.uploads.add(upload.id, upload);
  exchange.notes.push(`upload=${upload.id}`);
  const expiresAt = now + media.lifetimes.uploadUrlMillis;
  const path = `/storage/uploads/${upload.id}`;
  sendJson(exchange, 200, {
    upload_url: originOf(exchange) + media.signer.sign({ path, expiresAt, serial: 0 }),
    method: 'PUT',
    required_headers: { 'Content-Type': upload.contentType, 'Content-MD5': upload.md5 },
    upload_id: upload.id,
    expires_in: Math.round(media.lifetimes.uploadUrlMillis / 1000),
    claim_expires_at: timestamp(upload.claimExpiresAt),
    max_content_length: maxContentLength,
  });
}

function readClaim(fields: JsonObject, owner: string, claimExpiresAt: number): Upload {
  for (const name of Object.keys(rules)) {
    if ((fields[name] ?? null) === null) throw invalid(name, `${name} is required.`);
  }
  checkFields(fields, rules);
  const upload: Upload = {
    id: newId('upl'),
    owner,
    purpose: String(fields.purpose),
    contentType: String(fields.content_type),
    contentLength: Number(fields.content_length),
    md5: String(fields.content_md5),
    sha256: String(fields.checksum_sha256),
    claimExpiresAt,
    head: null,
    isUsed: false,
  };
  if (!suits(upload.contentType, upload.purpose)) {
    throw invalid('content_type', `${upload.purpose} does not take ${upload.contentType}.`);
  }
  if (upload.contentLength > maxContentLength) {
    throw new Rejection({
      status: 413,
      code: 'payload_too_large',
      type: 'invalid_request_error',
      param: 'content_length',
      message: `A file may have at most ${maxContentLength} bytes.`,
    });
  }
  return upload;
}

/** The PUT. It answers itself, in the way of a storage, and rejects only when the client leaves. */
export function takeUpload(call: Call): Promise<void> {
  return answerStorage(call, async ({ exchange, faults, id, media }) => {
    const upload = media.uploads.get(id);
    if (!upload) throw new StorageRefusal(404, 'NoSuchKey', 'There is no such upload.');
    if (takeFirst(faults, ['upload-refused'])) {
      exchange.notes.push('fault=upload-refused');
      throw new StorageRefusal(403, 'AccessDenied', 'Access denied (a sandbox fault).');
    }
    checkHeaders(exchange, upload);
    const file = await digest(exchange);
    if (file.md5 !== upload.md5) {
      throw new StorageRefusal(400, 'BadDigest', 'The Content-MD5 does not match the bytes.');
    }
    if (file.sha256 !== upload.sha256) {
      throw new StorageRefusal(400, 'BadDigest', 'The checksum_sha256 does not match the bytes.');
    }
    upload.head = file.head;
    send(exchange, 200, 'text/plain', '', {
      etag: `"${Buffer.from(upload.md5, 'base64').toString('hex')}"`,
    });
  });
}

/** They are part of what was signed. */
function checkHeaders({ request }: Exchange, upload: Upload): void {
  const { headers } = request;
  if (headers['content-type'] !== upload.contentType || headers['content-md5'] !== upload.md5) {
    const message = 'Content-Type and Content-MD5 must be sent exactly as they were signed.';
    throw new StorageRefusal(403, 'SignatureDoesNotMatch', message);
  }
  if (headers['content-length'] === undefined) {
    throw new StorageRefusal(411, 'MissingContentLength', 'Content-Length is required.');
  }
  if (Number(headers['content-length']) !== upload.contentLength) {
    throw new StorageRefusal(400, 'InvalidRequest', 'Content-Length is not what was claimed.');
  }
}

async function digest({ request }: Exchange) {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    md5.update(chunk);
    sha256.update(chunk);
    if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes);
  }
  // A copy: a part of a chunk would keep the whole of it in memory.
  return { md5: md5.digest('base64'), sha256: sha256.digest('hex'), head: Uint8Array.from(head) };
}

function matching(pattern: RegExp, wanted: string): Rule {
  return { allows: (value) => typeof value === 'string' && pattern.test(value), wanted };
}
