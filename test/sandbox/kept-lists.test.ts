import { describe, expect, test } from 'vitest';
import { startClient } from './client.ts';

const lists = [
  '/v1/models',
  '/v1/images/models',
  '/v1/videos/models',
  '/api-account/models',
  '/api-account/rankings/all',
];

async function asker(...faults: string[]) {
  const { port } = await startClient({ faults });
  return async (path: string, tag?: string) => {
    const headers: Record<string, string> = tag === undefined ? {} : { 'if-none-match': tag };
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const { status } = reply;
    return { status, tag: reply.headers.get('etag') ?? '', text: await reply.text() };
  };
}

describe.each(lists)('%s', (path) => {
  test('is not sent again to who has it', async () => {
    const get = await asker();
    const first = await get(path);
    expect(first).toMatchObject({ status: 200, tag: expect.stringMatching(/^"[^"]+"$/) });
    expect(await get(path, first.tag)).toEqual({ status: 304, tag: first.tag, text: '' });
  });

  test('is sent to who has another', async () => {
    const get = await asker();
    const first = await get(path);
    expect(await get(path, '"another"')).toEqual(first);
  });
});

test.each([
  ['*', 304],
  ['"another", TAG', 304],
  ['W/TAG', 304],
  ['W/"another","other"', 200],
  ['', 200],
])('If-None-Match: %s gives %d', async (header, status) => {
  const get = await asker();
  const { tag } = await get('/v1/models');
  expect((await get('/v1/models', header.replace('TAG', tag))).status).toBe(status);
});

test('another list has another tag, and so has one with other prices', async () => {
  const get = await asker('odd-catalogue:1');
  const tags = [
    await get('/api-account/models'),
    await get('/api-account/models'),
    await get('/v1/models'),
  ];
  expect(new Set(tags.map(({ tag }) => tag)).size).toBe(3);
});

test('who has a list still hears of errors', async () => {
  const get = await asker('rate-limit:1', 'catalogue-down:1');
  expect((await get('/v1/models', '*')).status).toBe(429);
  expect((await get('/api-account/models', '*')).status).toBe(503);
});
