import { describe, expect, test } from 'vitest';
import { anImage, startClient } from './client.ts';

describe.each(['/images/generations/async', '/images/generations'])('POST /v1%s', (path) => {
  test('makes a task and says where it stands', async () => {
    const client = await startClient();
    const { status, json } = await client.post(path, anImage);
    expect(status).toBe(202);
    expect(json).toEqual({
      id: expect.stringMatching(/^igen_[0-9a-f]{24}$/),
      status: 'queued',
      model: 'gpt-image-2',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect((await client.pollImage(String(json.id))).status).toBe(200);
  });
});

describe('a request for an image', () => {
  test.each([
    ['no model', { model: undefined }, 'model'],
    ['an empty prompt', { prompt: ' ' }, 'prompt'],
    ['a prompt that is no text', { prompt: 7 }, 'prompt'],
    ['a prompt that is too long', { prompt: 'x'.repeat(32_001) }, 'prompt'],
    ['no images', { n: 0 }, 'n'],
    ['too many images', { n: 11 }, 'n'],
    ['half an image', { n: 1.5 }, 'n'],
    ['a size in words', { size: 'big' }, 'size'],
    ['a size that is no multiple of 16', { size: '1000x1000' }, 'size'],
    ['a size that is too big', { size: '3856x2160' }, 'size'],
    ['a size that is too small', { size: '0x0' }, 'size'],
    ['a size that is too long', { size: '1024x256' }, 'size'],
    ['an unknown quality', { quality: 'best' }, 'quality'],
    ['an unknown format', { output_format: 'gif' }, 'output_format'],
    ['compression of PNG', { output_compression: 50 }, 'output_compression'],
    [
      'too much compression',
      { output_format: 'jpeg', output_compression: 101 },
      'output_compression',
    ],
    ['an unknown background', { background: 'blue' }, 'background'],
    ['an unknown moderation', { moderation: 'none' }, 'moderation'],
    ['a negative seed', { seed: -1 }, 'seed'],
    ['a seed that is too big', { seed: 2_147_483_648 }, 'seed'],
    ['a user that is no text', { user: 1 }, 'user'],
  ])('is refused for %s', async (_what, wrong, param) => {
    const { post } = await startClient();
    const reply = await post('/images/generations/async', { ...anImage, ...wrong });
    expect(reply).toMatchObject({
      status: 400,
      code: 'invalid_request',
      json: { error: { param } },
    });
  });

  test.each([
    { size: 'auto' },
    { size: '3840x2160' },
    { size: '2160x3840' },
    { size: '1536x512' },
    { size: null, n: null, quality: null, seed: null },
    { model: 'wan2.7-image', size: '1000x700', seed: 2_147_483_647 },
    { model: 'wan2.7-image-pro', n: 10 },
    { output_format: 'webp', output_compression: 0, background: 'transparent', moderation: 'low' },
    { prompt: '漢'.repeat(32_000) },
    { nobody_knows: 'this field' },
  ])('may hold %j', async (fields) => {
    const { post } = await startClient();
    const reply = await post('/images/generations/async', { ...anImage, ...fields });
    expect(reply.status).toBe(202);
  });

  test('is refused with 404 for a model that nobody has', async () => {
    const { post } = await startClient();
    const reply = await post('/images/generations/async', { ...anImage, model: 'dall-e-2' });
    expect(reply).toMatchObject({ status: 404, code: 'model_not_found' });
  });

  test('is refused when it is no JSON', async () => {
    const { baseUrl } = await startClient();
    const reply = await fetch(`${baseUrl}/images/generations/async`, { method: 'POST', body: '{' });
    expect(reply.status).toBe(400);
  });

  test('is refused with the wrong key', async () => {
    const { post } = await startClient();
    const headers = { authorization: 'Bearer sk-at-invalid' };
    const reply = await post('/images/generations/async', anImage, headers);
    expect(reply).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });
});

describe('an Idempotency-Key', () => {
  const path = '/images/generations/async';

  test('makes one task: the second request is told which', async () => {
    const { post } = await startClient();
    const first = await post(path, anImage, { 'idempotency-key': 'k1' });
    const second = await post(path, anImage, { 'idempotency-key': 'k1' });
    expect(second).toMatchObject({
      status: 409,
      code: 'duplicate_request',
      json: { error: { task_id: first.json.id } },
    });
  });

  test('counts for its owner only', async () => {
    const { post } = await startClient();
    const headers = { 'idempotency-key': 'k1', authorization: 'Bearer sk-at-1' };
    await post(path, anImage, headers);
    const other = await post(path, anImage, { ...headers, authorization: 'Bearer sk-at-2' });
    expect(other.status).toBe(202);
  });

  test('is another one for another request', async () => {
    const { post } = await startClient();
    await post(path, anImage, { 'idempotency-key': 'k1' });
    expect((await post(path, anImage, { 'idempotency-key': 'k2' })).status).toBe(202);
    expect((await post(path, anImage)).status).toBe(202);
    expect((await post(path, anImage)).status).toBe(202);
  });

  test('is free again after its time', async () => {
    const { post } = await startClient({ lifetimes: { idempotencyMillis: 0 } });
    await post(path, anImage, { 'idempotency-key': 'k1' });
    expect((await post(path, anImage, { 'idempotency-key': 'k1' })).status).toBe(202);
  });

  test('is not used up by a request that was refused', async () => {
    const { post } = await startClient();
    await post(path, { ...anImage, n: 99 }, { 'idempotency-key': 'k1' });
    expect((await post(path, anImage, { 'idempotency-key': 'k1' })).status).toBe(202);
  });

  test('means nothing to videos', async () => {
    const { post } = await startClient();
    const video = { model: 'seedance-2.0', prompt: 'a fox' };
    const first = await post('/videos/generations', video, { 'idempotency-key': 'k1' });
    const second = await post('/videos/generations', video, { 'idempotency-key': 'k1' });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.json.id).not.toBe(first.json.id);
  });
});
