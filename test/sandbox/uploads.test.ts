import { describe, expect, test } from 'vitest';
import { claimFor, pngUpload, presign, startClient } from './client.ts';

const purpose = 'image_edit_source';
const file = pngUpload();
const claim = claimFor(file, purpose);

describe('POST /v1/uploads/presign', () => {
  test('gives an address for the file, and what to send with it', async () => {
    const client = await startClient();
    const { status, json } = await client.post('/uploads/presign', claim);
    expect(status).toBe(200);
    expect(json).toEqual({
      upload_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/(?!v1)\S+\?\S*signature=/),
      method: 'PUT',
      required_headers: { 'Content-Type': 'image/png', 'Content-MD5': claim.content_md5 },
      upload_id: expect.stringMatching(/^upl_/),
      expires_in: 300,
      claim_expires_at: expect.any(String),
      max_content_length: 26_214_400,
    });
  });

  test.each([
    ['purpose', undefined],
    ['purpose', 'portrait'],
    ['content_type', undefined],
    ['content_type', 'image/gif'],
    ['content_type', 'audio/wav'],
    ['content_length', undefined],
    ['content_length', 0],
    ['content_length', '12'],
    ['content_md5', undefined],
    ['content_md5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['checksum_sha256', undefined],
    ['checksum_sha256', 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'],
  ])('refuses %s: %s', async (param, value) => {
    const client = await startClient();
    const reply = await client.post('/uploads/presign', { ...claim, [param]: value });
    expect(reply).toMatchObject({
      status: 400,
      code: 'invalid_request',
      json: { error: { param } },
    });
  });

  test('refuses a file that is too big', async () => {
    const client = await startClient();
    const reply = await client.post('/uploads/presign', { ...claim, content_length: 26_214_401 });
    expect(reply.status).toBe(413);
  });
});

interface Change {
  headers?: Record<string, string>;
  body?: Buffer;
  change?: (url: string) => string;
}

async function put({ headers = {}, body = file, change = (url) => url }: Change, options = {}) {
  const client = await startClient(options);
  const signed = await presign(client, file, purpose);
  const reply = await fetch(change(signed.url), {
    method: 'PUT',
    headers: { ...signed.headers, ...headers },
    body,
  });
  return { status: reply.status, text: await reply.text() };
}

describe('the PUT of a file', () => {
  test('is taken, more than once too', async () => {
    const client = await startClient();
    const { headers, url } = await presign(client, file, purpose);
    const send = () => fetch(url, { method: 'PUT', headers, body: file });
    const first = await send();
    expect([first.status, (await send()).status]).toEqual([200, 200]);
    expect(first.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
  });

  const other = pngUpload('y');
  test.each<[string, number, string, Change]>([
    ['a key', 400, 'InvalidArgument', { headers: { authorization: 'Bearer sk-at-1' } }],
    ['another type', 403, 'SignatureDoesNotMatch', { headers: { 'Content-Type': 'image/jpeg' } }],
    [
      'another MD5',
      403,
      'SignatureDoesNotMatch',
      { headers: { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' } },
    ],
    ['another length', 400, 'InvalidRequest', { body: Buffer.concat([file, file]) }],
    ['other bytes', 400, 'BadDigest', { body: other }],
    [
      'another signature',
      403,
      'SignatureDoesNotMatch',
      { change: (url) => url.replace(/signature=..../, 'signature=0000') },
    ],
    ['no signature', 403, 'SignatureDoesNotMatch', { change: (url) => url.split('?')[0] ?? '' }],
    [
      'a longer life',
      403,
      'SignatureDoesNotMatch',
      { change: (url) => url.replace('expires=', 'expires=9') },
    ],
  ])('is refused with %s', async (_what, status, code, change) => {
    const reply = await put(change);
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(`<Code>${code}</Code>`);
  });

  test('is refused when the SHA-256 was another one', async () => {
    const client = await startClient();
    const wrong = { ...claim, checksum_sha256: 'a'.repeat(64) };
    const { json } = await client.post('/uploads/presign', wrong);
    const reply = await fetch(String(json.upload_url), {
      method: 'PUT',
      headers: json.required_headers as Record<string, string>,
      body: file,
    });
    expect(reply.status).toBe(400);
  });

  test('is refused when the address has expired', async () => {
    const reply = await put({}, { lifetimes: { uploadUrlMillis: -1 } });
    expect(reply).toMatchObject({ status: 403, text: expect.stringContaining('expired') });
  });

  test('is refused when a fault says so', async () => {
    expect((await put({}, { faults: ['upload-refused'] })).status).toBe(403);
  });
});
