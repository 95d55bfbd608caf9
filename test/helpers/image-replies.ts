/** What a gateway for images says: one reply after the other, good and bad, as it stands on the wire. */
import { createHash } from 'node:crypto';
import type { ImageGateway, ImageReply } from './image-gateway.ts';

export const taskId = 'igen_0123456789abcdef01234567';

/** A PNG by its first bytes, of this many bytes in all; another `seed` is another picture. */
export function picture(size = 4000, seed = 1): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const rest = Buffer.alloc(size - head.length);
  for (let at = 0; at < rest.length; at += 1) rest[at] = (at * 31 + seed * 7) % 251;
  return Buffer.concat([head, rest]);
}

export const jpeg = Buffer.concat([
  Buffer.from('ffd8ffe000104a464946', 'hex'),
  Buffer.alloc(2000, 7),
]);

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): ImageReply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export const created = (id = taskId): ImageReply =>
  json(
    202,
    { id, status: 'queued', model: 'gpt-image-2', created_at: '2026-11-22T12:00:00Z' },
    { 'x-request-id': 'req-create' },
  );

export const state = (status: unknown, more: Record<string, unknown> = {}): ImageReply =>
  json(200, { id: taskId, status, model: 'gpt-image-2', ...more });

export const processing = (): ImageReply => state('processing', { next_poll_after_ms: 2000 });

/** One entry of `data` with the picture in it. */
export const inline = (bytes: Uint8Array, url?: string): Record<string, unknown> => ({
  b64_json: Buffer.from(bytes).toString('base64'),
  mime_type: 'image/png',
  ...(url === undefined ? {} : { r2_url: url, r2_url_expires_at: '2026-12-22T12:00:00Z' }),
});

/** One entry of `data` that only says where the picture is. */
export const stored = (url: string): Record<string, unknown> => ({
  r2_url: url,
  r2_url_expires_at: '2026-12-22T12:00:00Z',
  mime_type: 'image/png',
});

export const usage = { input_tokens: 8, output_tokens: 272, total_tokens: 280 };

export const result = (...data: readonly Record<string, unknown>[]): Record<string, unknown> => ({
  id: taskId,
  status: 'completed',
  model: 'gpt-image-2',
  created: 1778122410,
  data,
  usage,
  size: '1024x1024',
  quality: 'low',
  output_format: 'png',
});

export const completed = (...data: readonly Record<string, unknown>[]): ImageReply =>
  json(200, result(...data));

/** The gateway's own error envelope. */
export const errorReply = (
  status: number,
  code: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): ImageReply =>
  json(
    status,
    {
      error: { code, message: `it is ${code}`, type: 'api_error', request_id: 'req-err', ...more },
    },
    headers,
  );

export const page =
  (status: number): ImageReply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end('<!DOCTYPE html><html><head><title>Bad gateway</title></head></html>');
  };

/** Takes the request and drops the connection. */
export const dropped: ImageReply = (response) => void response.destroy();

/** The head and the first part of a completed reply, then the end of the connection. */
export function half(body: Record<string, unknown>, part = 0.5): ImageReply {
  return (response) => {
    const text = JSON.stringify(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    });
    response.write(text.slice(0, Math.floor(text.length * part)), () =>
      setTimeout(() => response.destroy(), 20),
    );
  };
}

export function sendFile(bytes: Uint8Array, type = 'image/png'): ImageReply {
  return (response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': String(bytes.length) });
    response.end(bytes);
  };
}

export const redirectTo =
  (location: string): ImageReply =>
  (response) =>
    void response.writeHead(302, { location }).end();

/** What `presign` says: a place in the bucket of this very server. */
export function presigned(gateway: ImageGateway, more: Record<string, unknown> = {}): ImageReply {
  return (response, request, count) => {
    const { content_type: type, content_md5: md5 } = request.json ?? {};
    const body = {
      upload_url: `http://127.0.0.1:${gateway.port}/bucket/upload-${count}?X-Amz-Signature=cafe${count}`,
      method: 'PUT',
      required_headers: { 'Content-Type': type, 'Content-MD5': md5 },
      upload_id: `upl_${count}`,
      expires_in: 300,
      max_content_length: 26_214_400,
      ...more,
    };
    json(200, body)(response, request, count);
  };
}
