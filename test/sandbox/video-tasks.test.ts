import { describe, expect, test } from 'vitest';
import { bytesOf, type Json, startClient, urlOf } from './client.ts';
import { readPng } from './png.ts';

describe('a completed video', () => {
  test('comes with its address and all that was asked for', async () => {
    const client = await startClient();
    const id = await client.video({ duration: 5, ratio: '9:16', seed: 7, generate_audio: false });
    const { headers, json } = await client.pollVideo(id);
    expect(json).toMatchObject({
      id,
      status: 'completed',
      input_type: 'text',
      is_expired: false,
      duration: 5,
      fps: 24,
      frames: 120,
      resolution: '480p',
      ratio: '9:16',
      seed: 7,
      generate_audio: false,
      usage: { completion_tokens: 48_600, total_tokens: 48_600 },
      completed_at: expect.any(String),
    });
    expect(Date.parse(String(json.video_url_expires_at))).toBeGreaterThan(Date.now());
    expect(Math.round(Number(json.video_url_ttl) / 3600)).toBe(24);
    expect(json).not.toHaveProperty('last_frame_url');
    expect(json).not.toHaveProperty('prompt');
    expect(headers.has('retry-after')).toBe(false);
  });

  test('has its last frame only when that was asked for', async () => {
    const client = await startClient();
    const { json } = await client.pollVideo(await client.video({ return_last_frame: true }));
    const png = readPng(await bytesOf(String(json.last_frame_url)));
    expect(png).toMatchObject({ width: 432, height: 240 });
    const plain = urlOf(await client.pollVideo(await client.video()));
    expect((await fetch(plain.replace('.mp4', '-last.png'))).status).toBe(403);
  });

  test('can be polled as often as one likes', async () => {
    const client = await startClient();
    const id = await client.video();
    const urls = [urlOf(await client.pollVideo(id)), urlOf(await client.pollVideo(id))];
    expect(urls[0]).toBe(urls[1]);
  });

  test('has expired when its address has', async () => {
    const client = await startClient({ lifetimes: { videoUrlMillis: -1 } });
    const { json } = await client.pollVideo(await client.video());
    expect(json).toMatchObject({ status: 'completed', is_expired: true });
    expect(json).not.toHaveProperty('video_url');
  });
});

test('nobody knows an unknown video', async () => {
  const client = await startClient();
  const id = 'vgen_000000000000000000000000';
  expect(await client.pollVideo(id)).toMatchObject({ status: 404, code: 'task_not_found' });
  expect((await client.post(`/videos/generations/${id}/cancel`, {})).status).toBe(404);
});

describe('the list of videos', () => {
  test('has the newest first, with their prompts', async () => {
    const client = await startClient();
    const ids = [await client.video({ prompt: 'one' }), await client.video({ prompt: 'two' })];
    const { json } = await client.get('/videos/generations');
    expect(json.total).toBe(2);
    expect(json.items).toMatchObject([
      { id: ids[1], prompt: 'two', status: 'completed' },
      { id: ids[0], prompt: 'one' },
    ]);
  });

  test('can be shortened, and still says how many there are', async () => {
    const client = await startClient();
    await client.video();
    const id = await client.video();
    const { json } = await client.get('/videos/generations?limit=1');
    expect(json).toMatchObject({ total: 2, items: [{ id }] });
    expect(json.items).toHaveLength(1);
  });

  test('can be of one state', async () => {
    const client = await startClient({ pace: { videoMillis: 60_000 } });
    const id = await client.video();
    await client.video();
    await client.post(`/videos/generations/${id}/cancel`, {});
    const cancelled = await client.get('/videos/generations?status=cancelled');
    expect(cancelled.json).toMatchObject({ total: 1, items: [{ id }] });
    expect((await client.get('/videos/generations?status=completed')).json.total).toBe(0);
  });

  test('has no images in it', async () => {
    const client = await startClient();
    await client.image();
    expect((await client.get('/videos/generations')).json).toEqual({ items: [], total: 0 });
  });

  test.each(['limit=0', 'limit=x', 'limit=101', 'status=sleeping'])('refuses %s', async (query) => {
    const client = await startClient();
    expect((await client.get(`/videos/generations?${query}`)).status).toBe(400);
  });
});

describe('cancelling a video', () => {
  const cancel = (id: string) => `/videos/generations/${id}/cancel`;

  test('ends it while it is under way', async () => {
    const client = await startClient({ pace: { videoMillis: 60_000 } });
    const id = await client.video();
    expect(await client.post(cancel(id), {})).toMatchObject({
      status: 200,
      json: { id, status: 'cancelled', is_expired: false },
    });
    expect((await client.pollVideo(id)).json.status).toBe('cancelled');
  });

  test('needs no body', async () => {
    const client = await startClient({ pace: { videoMillis: 60_000 } });
    const id = await client.video();
    const reply = await fetch(client.baseUrl + cancel(id), { method: 'POST' });
    expect(((await reply.json()) as Json).status).toBe('cancelled');
  });

  test('comes too late for one that has ended, or was cancelled', async () => {
    const done = await startClient();
    expect((await done.post(cancel(await done.video()), {})).status).toBe(409);
    const slow = await startClient({ pace: { videoMillis: 60_000 } });
    const id = await slow.video();
    await slow.post(cancel(id), {});
    expect((await slow.post(cancel(id), {})).status).toBe(409);
  });
});

test('the oldest tasks are forgotten when there are more than a thousand', async () => {
  const client = await startClient();
  const first = await client.video();
  const second = await client.video();
  for (let made = 0; made < 999; made += 9)
    await Promise.all(Array.from({ length: 9 }, () => client.video()));
  expect((await client.pollVideo(first)).status).toBe(404);
  expect((await client.pollVideo(second)).status).toBe(200);
  expect((await client.get('/videos/generations?limit=1')).json.total).toBe(1_000);
});
