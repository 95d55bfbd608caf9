import { describe, expect, test } from 'vitest';
import { type Json, startClient } from './client.ts';

describe('GET /v1/images/models', () => {
  test('lists the image models', async () => {
    const { get } = await startClient();
    const { json } = await get('/images/models');
    expect(json.object).toBe('list');
    expect((json.data as Json[]).map(({ id }) => id)).toEqual([
      'gpt-image-2',
      'wan2.7-image',
      'wan2.7-image-pro',
    ]);
    for (const item of json.data as Json[]) {
      expect(item).toMatchObject({ object: 'image', owned_by: 'sandbox', modality: 'image' });
    }
  });
});

describe('GET /v1/videos/models', () => {
  test('lists the video models with what they take', async () => {
    const { get } = await startClient();
    const { json } = await get('/videos/models');
    const data = json.data as Json[];
    expect(data.map(({ id }) => id)).toContain('seedance-1.5-pro');
    expect(data).toHaveLength(6);
    expect(data.find(({ id }) => id === 'seedance-2.5')).toMatchObject({
      object: 'video',
      owned_by: 'sandbox',
      capabilities: {
        duration: { type: 'range', min: 4, max: 30, supports_auto: true },
        resolutions: { values: ['480p', '720p'] },
      },
    });
  });
});

test.each(['/images/models', '/videos/models'])('%s shows errors too', async (path) => {
  const { get } = await startClient({ faults: ['rate-limit:1'] });
  expect((await get(path)).status).toBe(429);
  expect((await get(path)).status).toBe(200);
});

test('the catalogue has prices for images and videos, and says what they are', async () => {
  const { baseUrl } = await startClient();
  const reply = await fetch(baseUrl.replace('/v1', '/api-account/models'));
  const { data } = (await reply.json()) as { data: Json[] };
  const kinds = Object.fromEntries(data.map((item) => [item.id, item.output_modalities]));
  expect(kinds).toMatchObject({
    'gpt-5.4-mini': ['text'],
    'gpt-image-2': ['image'],
    'seedance-1.5-pro': ['video'],
  });
  for (const item of data) expect(item.output_price).toMatch(/^\d+\.\d{2,4}$/);
});

test('the chat list has chat models only', async () => {
  const { get } = await startClient();
  const { json } = await get('/models');
  expect(new Set((json.data as Json[]).map((item) => item.modality))).toEqual(new Set(['text']));
});

describe('a route', () => {
  test.each([
    ['GET', '/v1/images/edits', 405, 'POST'],
    ['PUT', '/v1/videos/generations', 405, 'POST, GET'],
    ['GET', '/v1/videos/generations/', 404, null],
    ['GET', '/v1/videos', 404, null],
    ['POST', '/storage/files/x.png', 405, 'GET, HEAD'],
  ])('for %s %s: %d', async (method, path, status, allow) => {
    const { port } = await startClient();
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('allow')).toBe(allow);
  });

  test('is logged without the signature in its address', async () => {
    const log: string[] = [];
    const client = await startClient({ log: (line) => log.push(line) });
    const { json } = await client.pollVideo(await client.video());
    await (await fetch(String(json.video_url))).arrayBuffer();
    expect(log.join('\n')).toContain('GET /storage/files/');
    expect(log.join('\n')).not.toContain('signature');
  });
});
