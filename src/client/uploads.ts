/** Uploads local files to the gateway's storage: presign, then PUT with exactly the returned headers. It never sends the key to the storage. */

import { createHash } from 'node:crypto';
import type { Send } from '../base/deps.ts';
import { CliError, type ExitName, systemErrorCode } from '../base/errors.ts';
import { asObject, asText } from '../base/json.ts';
import { say } from '../base/next-step.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { checkFileUrl } from '../transport/address.ts';
import { originOf, type Policy, type RequestDeps } from '../transport/request.ts';
import { requestJson } from './json-reply.ts';
import { openReply } from './open-reply.ts';

export interface Upload {
  /** The whole file in memory: the gateway's limit is 25 MB. */
  bytes: Uint8Array;
  mime: string;
  /** As the gateway names it: image_edit_source, video_input_image … */
  purpose: string;
  /** As the user named it, for messages. */
  name: string;
}

export interface UploadPlace {
  /** Of the presign request. */
  url: string;
  headers: Readonly<Record<string, string>>;
  baseUrl: string;
  policy: Policy;
}

/** Returns the upload id, good for one task. Nothing is bought, so every failure is one of 2x or 3x. `storage` reaches public hosts only. */
export async function* uploadFile(
  upload: Upload,
  place: UploadPlace,
  fetch: Send,
  storage: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, string, undefined> {
  yield { type: 'status', message: `uploading ${upload.name} (${upload.bytes.length} bytes)` };
  const claim = yield* presign(upload, place, fetch, deps);
  if (claim.maxBytes !== null && upload.bytes.length > claim.maxBytes)
    throw failed(upload, 'rejected', `larger than the gateway accepts (${claim.maxBytes} bytes)`);
  checkPlace(upload, claim.url, place.baseUrl);
  const request = {
    method: 'PUT' as const,
    url: claim.url,
    headers: claim.headers,
    body: upload.bytes,
    paid: false,
  };
  try {
    const reply = yield* openReply(request, place.policy, upload.name, storage, deps);
    reply.watch.stop();
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    const inward = systemErrorCode(error.details.cause) === 'ERR_PRIVATE_ADDRESS';
    const theirs = inward || error.retryable;
    const exit = theirs ? (inward ? 'upstream' : error.exit) : 'rejected';
    const status = error.details.status === undefined ? '' : ` (${error.details.status})`;
    throw failed(upload, exit, `the storage rejected it${status}: ${error.message}`);
  }
  return claim.uploadId;
}

interface Claim {
  url: string;
  headers: Record<string, string>;
  uploadId: string;
  maxBytes: number | null;
}

/** A URL to a private address is the gateway's fault; nothing was bought. */
function checkPlace(upload: Upload, url: string, baseUrl: string): void {
  try {
    checkFileUrl(url, baseUrl);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unsafe';
    throw failed(
      upload,
      'upstream',
      `the gateway returned an upload URL that is not used: ${why}`,
      'unsafe_url',
    );
  }
}

async function* presign(
  upload: Upload,
  { url, headers, policy }: UploadPlace,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, Claim, undefined> {
  const body = JSON.stringify({
    purpose: upload.purpose,
    content_type: upload.mime,
    content_length: upload.bytes.length,
    content_md5: createHash('md5').update(upload.bytes).digest('base64'),
    checksum_sha256: createHash('sha256').update(upload.bytes).digest('hex'),
  });
  const request = { method: 'POST' as const, url, headers, body, paid: false };
  try {
    const { json } = yield* requestJson(request, policy, upload.name, fetch, deps);
    const reply = asObject(json) ?? {};
    const uploadId = asText(reply.upload_id);
    const uploadUrl = asText(reply.upload_url);
    if (uploadId === null || uploadUrl === null)
      throw failed(upload, 'upstream', `${originOf(url)} returned no upload URL`);
    const given = Object.entries(asObject(reply.required_headers) ?? {});
    const max = reply.max_content_length;
    return {
      url: uploadUrl,
      uploadId,
      headers: Object.fromEntries(
        given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      ),
      maxBytes: typeof max === 'number' ? max : null,
    };
  } catch (error) {
    if (error instanceof CliError && error.exit === 'not_found')
      throw new CliError('usage', `${originOf(url)} does not accept uploads`, {
        code: 'no_uploads',
        next: say(`give ${upload.name} as a public https URL`),
        cause: error,
      });
    throw error;
  }
}

function failed(upload: Upload, exit: ExitName, words: string, code = 'upload_failed'): CliError {
  return new CliError(exit, `${upload.name}: ${words}`, { code, billed: 'no' });
}
