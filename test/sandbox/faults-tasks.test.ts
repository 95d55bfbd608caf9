import { describe, expect, test } from 'vitest';
import { anImage, aVideo, bytesOf, itemsOf, startClient, statesUntil, urlOf } from './client.ts';

const creation = [
  ['/images/generations/async', anImage],
  ['/videos/generations', aVideo],
] as const;

describe.each(creation)('POST /v1%s', (path, body) => {
  test.each([
    ['rate-limit', 429, 'rate_limited'],
    ['upstream', 503, 'all_providers_failed'],
    ['bad-key', 401, 'invalid_api_key'],
    ['no-balance', 402, 'insufficient_balance'],
    ['content-policy', 400, 'upstream_content_violation'],
    ['envelope-200', 200, 'upstream_error'],
  ])('shows the fault %s, then works again', async (fault, status, code) => {
    const { post } = await startClient({ faults: [`${fault}:1`] });
    expect(await post(path, body)).toMatchObject({ status, code });
    expect((await post(path, body)).status).toBe(202);
  });

  test.each(['html', 'bad-gateway', 'gateway-timeout'])('shows the page of %s', async (fault) => {
    const { post } = await startClient({ faults: [fault] });
    expect((await post(path, body)).headers.get('content-type')).toBe('text/html');
  });

  test('makes no task where lost-reply drops the connection', async () => {
    const client = await startClient({ faults: ['lost-reply'] });
    await expect(client.post(path, body)).rejects.toThrow('fetch failed');
    expect((await client.get('/videos/generations')).json.total).toBe(0);
  });

  test('is not hit by faults of the chat', async () => {
    const { post } = await startClient({ faults: ['cut-stream', 'big', 'slow', 'no-done'] });
    expect((await post(path, body)).status).toBe(202);
  });
});

describe('lost-create', () => {
  test('makes an image that the same Idempotency-Key finds', async () => {
    const client = await startClient({ faults: ['lost-create:1'] });
    const send = () =>
      client.post('/images/generations/async', anImage, { 'idempotency-key': 'k' });
    await expect(send()).rejects.toThrow('fetch failed');
    const { code, json } = await send();
    expect(code).toBe('duplicate_request');
    const { task_id: id } = json.error as { task_id: string };
    expect(itemsOf(await client.pollImage(id))).toHaveLength(1);
  });

  test('makes a video that the list finds', async () => {
    const client = await startClient({ faults: ['lost-create:1'] });
    await expect(client.video({ prompt: 'lost' })).rejects.toThrow('fetch failed');
    const { json } = await client.get('/videos/generations');
    expect(json).toMatchObject({ total: 1, items: [{ prompt: 'lost' }] });
  });
});

describe.each(['image', 'video'] as const)('an %s task', (kind) => {
  const started = async (faults: string[], millis = 0) => {
    const pace = { imageMillis: millis, videoMillis: millis };
    const client = await startClient({ faults, pace });
    const id = await client[kind]();
    return {
      client,
      id,
      poll: () => (kind === 'image' ? client.pollImage(id) : client.pollVideo(id)),
    };
  };

  test('with task-fails ends failed and says why; the next one does not', async () => {
    const { client, poll } = await started(['task-fails:1']);
    const reply = await poll();
    expect(reply).toMatchObject({ status: 200, json: { status: 'failed' } });
    expect(reply.json.error).toEqual({
      code: 'upstream_error',
      type: 'api_error',
      message: expect.any(String),
    });
    const id = await client[kind]();
    const next = kind === 'image' ? await client.pollImage(id) : await client.pollVideo(id);
    expect(next.json.status).toBe('completed');
  });

  test('with never-finish stays processing', async () => {
    const { poll } = await started(['never-finish']);
    expect((await poll()).json.status).toBe('processing');
  });

  test('with odd-state has a state that nobody knows, and another spelling at the end', async () => {
    const { client, poll } = await started(['odd-state'], 2_000);
    const states = await statesUntil('SUCCEEDED', client.clock, poll);
    expect(states).toEqual([
      'queued',
      expect.not.stringMatching(/^(processing|running)$/),
      'SUCCEEDED',
    ]);
    expect(states).toHaveLength(3);
  });

  test('with no-result completes with nothing', async () => {
    const { poll } = await started(['no-result']);
    const { json } = await poll();
    expect(json.status).toBe('completed');
    expect(JSON.stringify(json)).not.toMatch(/http|b64_json/);
  });

  test('with slow-task takes ten times as long', async () => {
    const { client, poll } = await started(['slow-task'], 1_000);
    const since = client.clock.now();
    await statesUntil('completed', client.clock, poll);
    expect(client.clock.now() - since).toBe(10_000);
  });
});

test('task-expires ends a video expired, and is nothing to an image', async () => {
  const client = await startClient({ faults: ['task-expires'] });
  const { json } = await client.pollVideo(await client.video());
  expect(json).toMatchObject({ status: 'expired', is_expired: true });
  expect(json).not.toHaveProperty('video_url');
  expect((await client.pollImage(await client.image())).json.status).toBe('completed');
});

describe('an image task', () => {
  test('with no-b64 has an address only, from the start', async () => {
    const client = await startClient({ faults: ['no-b64'] });
    const reply = await client.pollImage(await client.image());
    expect(itemsOf(reply)[0]).not.toHaveProperty('b64_json');
    expect((await bytesOf(urlOf(reply))).toString('latin1', 1, 4)).toBe('PNG');
  });

  test('with bad-image has something else in its body, and the image behind its address', async () => {
    const client = await startClient({ faults: ['bad-image'] });
    const reply = await client.pollImage(await client.image());
    const inline = Buffer.from(String(itemsOf(reply)[0]?.b64_json), 'base64');
    expect(inline.toString()).toMatch(/not an image/);
    expect((await bytesOf(urlOf(reply))).toString('latin1', 1, 4)).toBe('PNG');
  });

  test('with bad-base64 has what base64 cannot have', async () => {
    const client = await startClient({ faults: ['bad-base64'] });
    const [item] = itemsOf(await client.pollImage(await client.image()));
    expect(item?.b64_json).not.toMatch(/^[A-Za-z0-9+/]+=*$/);
  });
});
