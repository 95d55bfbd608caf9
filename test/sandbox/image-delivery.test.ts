import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bytesOf, itemsOf, startClient, statesUntil, urlOf } from './client.ts';

describe('polling an image', () => {
  test('sees it queued, then processing, then completed', async () => {
    const client = await startClient({ pace: { imageMillis: 1_500 } });
    const id = await client.image();
    const first = await client.pollImage(id);
    expect(first.json).toEqual({
      id,
      status: 'queued',
      model: 'gpt-image-2',
      next_poll_after_ms: 500,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(first.headers.get('retry-after')).toMatch(/^\d+$/);
    const states = await statesUntil('completed', client.clock, () => client.pollImage(id));
    expect(states).toEqual(['queued', 'processing', 'completed']);
  });

  test.each(['igen_000000000000000000000000', 'nonsense'])('knows no %s', async (id) => {
    const client = await startClient();
    expect(await client.pollImage(id)).toMatchObject({ status: 404, code: 'task_not_found' });
  });

  test('does not find a video', async () => {
    const client = await startClient();
    expect((await client.pollImage(await client.video())).status).toBe(404);
  });
});

describe('the first reader of a completed image', () => {
  test('gets the image, its address, and what it used', async () => {
    const client = await startClient();
    const reply = await client.pollImage(await client.image({ quality: 'high', prompt: 'a fox' }));
    const [item] = itemsOf(reply);
    expect(reply.json).toMatchObject({
      status: 'completed',
      model: 'gpt-image-2',
      created: expect.any(Number),
      size: '256x256',
      quality: 'high',
      output_format: 'png',
      completed_at: expect.any(String),
      expires_at: expect.any(String),
      usage: { input_tokens: 2, output_tokens: 260, total_tokens: 262 },
    });
    expect(item).toMatchObject({ mime_type: 'image/png', r2_url_expires_at: expect.any(String) });
    expect(item).not.toHaveProperty('revised_prompt');
    const days = (Date.parse(String(item?.r2_url_expires_at)) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });

  test('finds the same bytes behind the address', async () => {
    const client = await startClient();
    const reply = await client.pollImage(await client.image());
    const inline = Buffer.from(String(itemsOf(reply)[0]?.b64_json), 'base64');
    expect(inline.equals(await bytesOf(urlOf(reply)))).toBe(true);
  });

  test('gets as many images as were asked for, each another one', async () => {
    const client = await startClient();
    const items = itemsOf(await client.pollImage(await client.image({ n: 3 })));
    expect(new Set(items.map((item) => item.b64_json)).size).toBe(3);
    expect(new Set(items.map((item) => item.r2_url)).size).toBe(3);
  });
});

describe('the second reader', () => {
  test('gets the address only', async () => {
    const client = await startClient();
    const id = await client.image({ n: 2 });
    const first = await client.pollImage(id);
    const second = await client.pollImage(id);
    expect(second.json.status).toBe('completed');
    expect(itemsOf(second)).toHaveLength(2);
    for (const item of itemsOf(second)) expect(item).not.toHaveProperty('b64_json');
    expect(urlOf(second)).toBe(urlOf(first));
  });

  test('finds nothing when there is no address', async () => {
    const client = await startClient({ faults: ['no-r2'] });
    const id = await client.image();
    expect(itemsOf(await client.pollImage(id))[0]).not.toHaveProperty('r2_url');
    const again = await client.pollImage(id);
    expect(again).toMatchObject({ status: 410, code: 'image_already_retrieved' });
  });

  test('finds nothing when the address has expired', async () => {
    const client = await startClient({ lifetimes: { imageUrlMillis: -1 } });
    const id = await client.image();
    expect((await client.pollImage(id)).status).toBe(200);
    expect(await client.pollImage(id)).toMatchObject({ status: 410, code: 'image_expired' });
  });

  test('is sent away while the first one is being served', async () => {
    const client = await startClient();
    const id = await client.image();
    // Two requests in one packet on one connection: the second comes before the first reply is out.
    const request = `GET /v1/images/generations/${id} HTTP/1.1\r\nHost: sandbox\r\n\r\n`;
    const socket = connect(client.port, '127.0.0.1');
    socket.end(request + request);
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 409']);
    expect(itemsOf(await client.pollImage(id))[0]).not.toHaveProperty('b64_json');
  });
});

test('a reader who leaves too early does not use the image up', async () => {
  const log: string[] = [];
  const client = await startClient({ log: (line) => log.push(line) });
  // So much to draw that the reader is gone before it is done.
  const id = await client.image({ n: 10, size: '3840x2160' });
  const socket = connect(client.port, '127.0.0.1');
  socket.write(`GET /v1/images/generations/${id} HTTP/1.1\r\nHost: sandbox\r\n\r\n`);
  await once(socket, 'connect');
  // Comes after the other request, so that one is being served now.
  await client.get('/models');
  socket.destroy();
  let reply = await client.pollImage(id);
  while (reply.status === 409) reply = await client.pollImage(id);
  expect(itemsOf(reply)[0]).toHaveProperty('b64_json');
  expect(log).toContainEqual(expect.stringMatching(/^GET .*no reply/));
});

test('an image that nobody has fetched in time is gone', async () => {
  const client = await startClient({ lifetimes: { unreadImageMillis: -1 } });
  const reply = await client.pollImage(await client.image());
  expect(reply).toMatchObject({ status: 410, code: 'image_expired' });
});
