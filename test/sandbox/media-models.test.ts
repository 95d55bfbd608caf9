import { describe, expect, test } from 'vitest';
import { modelsOf, startClient } from './client.ts';

describe('GET /v1/images/models', () => {
  test('lists the image models', async () => {
    const { get } = await startClient();
    const reply = await get('/images/models');
    expect(reply.json.object).toBe('list');
    expect(modelsOf(reply).map(({ id }) => id)).toEqual([
      'gpt-image-2',
      'wan2.7-image',
      'wan2.7-image-pro',
    ]);
    for (const item of modelsOf(reply)) {
      expect(item).toMatchObject({ object: 'image', owned_by: 'sandbox', modality: 'image' });
    }
  });
});

describe('GET /v1/videos/models', () => {
  test('lists the video models with what they take', async () => {
    const { get } = await startClient();
    const data = modelsOf(await get('/videos/models'));
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

describe('a route', () => {
  test.each([
    ['POST', '/api-account/models/filters', 405, 'GET'],
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
