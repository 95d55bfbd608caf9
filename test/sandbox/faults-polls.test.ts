import { describe, expect, test } from 'vitest';
import { itemsOf, type Reply, startClient, urlOf } from './client.ts';

describe.each(['image', 'video'] as const)('polling an %s', (kind) => {
  const started = async (faults: string[], millis = 0) => {
    const pace = { imageMillis: millis, videoMillis: millis };
    const client = await startClient({ faults, pace });
    const id = await client[kind]();
    const poll = (): Promise<Reply> =>
      kind === 'image' ? client.pollImage(id) : client.pollVideo(id);
    return { client, poll };
  };

  test('with poll-errors meets a bare 503 and a dropped connection in turns', async () => {
    const { poll } = await started(['poll-errors:3']);
    const first = await poll();
    expect(first).toMatchObject({ status: 503, json: {} });
    await expect(poll()).rejects.toThrow('fetch failed');
    expect((await poll()).status).toBe(503);
    expect((await poll()).json.status).toBe('completed');
  });

  test('with absurd-poll is told to wait a day, then less than nothing', async () => {
    const { poll } = await started(['absurd-poll'], 60_000);
    const replies = [await poll(), await poll(), await poll()];
    const waits = replies.map(({ json }) => json.next_poll_after_ms);
    expect(waits).toEqual([86_400_000, -1, 86_400_000]);
    for (const { headers } of replies) expect(headers.get('retry-after')).toMatch(/^[a-z]+$/);
  });

  test('with half-body breaks off in the middle of the result', async () => {
    const { poll } = await started(['half-body:1']);
    await expect(poll()).rejects.toThrow();
    expect(urlOf(await poll())).toMatch(/^http/);
  });

  test('with unsafe-url is given an address that nobody should open', async () => {
    const { poll } = await started(['unsafe-url:1']);
    expect(urlOf(await poll())).toMatch(/^http:\/\/169\.254\.169\.254\//);
    expect(urlOf(await poll())).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });
});

describe('polling a completed image', () => {
  test('with half-body counts as having read it', async () => {
    const client = await startClient({ faults: ['half-body:1'] });
    const id = await client.image();
    await expect(client.pollImage(id)).rejects.toThrow();
    expect(itemsOf(await client.pollImage(id))[0]).not.toHaveProperty('b64_json');
  });

  test.each([
    ['gone', 410, 'image_already_retrieved'],
    ['image-expired', 410, 'image_expired'],
    ['claimed', 409, 'image_being_retrieved'],
  ])('with %s is answered %d', async (fault, status, code) => {
    const client = await startClient({ faults: [`${fault}:1`] });
    const id = await client.image();
    expect(await client.pollImage(id)).toMatchObject({ status, code });
    expect(itemsOf(await client.pollImage(id))[0]).toHaveProperty('b64_json');
  });

  test('takes these faults only when it is completed', async () => {
    const client = await startClient({ faults: ['gone:1'], pace: { imageMillis: 60_000 } });
    expect((await client.pollImage(await client.image())).json.status).toBe('queued');
  });
});

test('list-no-prompt leaves the prompts out of the list', async () => {
  const client = await startClient({ faults: ['list-no-prompt:1'] });
  await client.video({ prompt: 'a secret' });
  const hidden = await client.get('/videos/generations');
  expect(hidden.json.total).toBe(1);
  expect(JSON.stringify(hidden.json)).not.toContain('a secret');
  expect(JSON.stringify((await client.get('/videos/generations')).json)).toContain('a secret');
});
