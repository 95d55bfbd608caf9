import { describe, expect, test } from 'vitest';
import { bytesOf, type Client, startClient, urlOf } from './client.ts';

async function started(...faults: string[]): Promise<{ client: Client; id: string; url: string }> {
  const client = await startClient({ faults });
  const id = await client.video();
  return { client, id, url: urlOf(await client.pollVideo(id)) };
}

/** What came of a download, and how it ended. */
async function download(url: string, headers: Record<string, string> = {}) {
  const reply = await fetch(url, { headers, redirect: 'manual' });
  const parts: Uint8Array[] = [];
  let isWhole = true;
  try {
    for await (const part of reply.body ?? []) parts.push(part);
  } catch {
    isWhole = false;
  }
  const { status } = reply;
  return { status, headers: reply.headers, bytes: Buffer.concat(parts), isWhole };
}

describe('dead-url', () => {
  test('kills the address for good, and a poll gives a fresh one', async () => {
    const { client, id, url } = await started('dead-url:1');
    expect((await download(url)).status).toBe(403);
    expect((await download(url)).status).toBe(403);
    const fresh = urlOf(await client.pollVideo(id));
    expect(fresh).not.toBe(url);
    expect((await download(fresh)).status).toBe(200);
  });

  test('leaves the other files of the task alone', async () => {
    const client = await startClient({ faults: ['dead-url:1'] });
    const reply = await client.pollImage(await client.image({ n: 2 }));
    const [one, two] = (reply.json.data as { r2_url: string }[]).map((item) => item.r2_url);
    expect((await download(String(one))).status).toBe(403);
    expect((await download(String(two))).status).toBe(200);
  });
});

describe('cut-download', () => {
  test('breaks off after half, and half of the rest', async () => {
    const { url } = await started('cut-download:2');
    const first = await download(url);
    const etag = first.headers.get('etag') ?? '';
    const whole = Number(first.headers.get('content-length'));
    expect(first).toMatchObject({ status: 200, isWhole: false });
    expect(first.bytes.length).toBe(Math.floor(whole / 2));
    const second = await download(url, {
      range: `bytes=${first.bytes.length}-`,
      'if-range': etag,
    });
    expect(second).toMatchObject({ status: 206, isWhole: false });
    const got = first.bytes.length + second.bytes.length;
    expect(got).toBe(Math.floor(whole / 2) + Math.floor(Math.ceil(whole / 2) / 2));
    const last = await download(url, { range: `bytes=${got}-`, 'if-range': etag });
    expect(last).toMatchObject({ status: 206, isWhole: true });
    const joined = Buffer.concat([first.bytes, second.bytes, last.bytes]);
    expect(joined.equals(await bytesOf(url))).toBe(true);
  });
});

describe('changed-file', () => {
  test.each(['image', 'video'] as const)(
    'gives the %s other bytes and another ETag, but the same length',
    async (kind) => {
      const client = await startClient({ faults: ['cut-download:1', 'changed-file:1'] });
      const id = await client[kind]();
      const url = urlOf(kind === 'image' ? await client.pollImage(id) : await client.pollVideo(id));
      const first = await download(url);
      const range = `bytes=${first.bytes.length}-`;
      const second = await download(url, { range, 'if-range': first.headers.get('etag') ?? '' });
      expect(second).toMatchObject({ status: 200, isWhole: true });
      expect(String(second.bytes.length)).toBe(first.headers.get('content-length'));
      expect(second.headers.get('etag')).not.toBe(first.headers.get('etag'));
      // A file made of both would be neither.
      const cut = first.bytes.length;
      expect(second.bytes.subarray(0, cut).equals(first.bytes)).toBe(false);
      const third = await download(url);
      expect(third.bytes.equals(second.bytes)).toBe(true);
    },
  );

  test('changes both halves', async () => {
    const plain = await startClient();
    const changed = await startClient({ faults: ['changed-file:1'] });
    const [one, two] = await Promise.all(
      [plain, changed].map(async (client) =>
        bytesOf(urlOf(await client.pollImage(await client.image()))),
      ),
    );
    const half = (one?.length ?? 0) >> 1;
    expect(one?.subarray(0, half).equals(two?.subarray(0, half) ?? Buffer.alloc(0))).toBe(false);
    expect(one?.subarray(half).equals(two?.subarray(half) ?? Buffer.alloc(0))).toBe(false);
  });
});

test('redirect-file sends the reader where nobody should go', async () => {
  const { url } = await started('redirect-file:1');
  const { headers, status } = await download(url);
  expect(status).toBe(302);
  expect(headers.get('location')).toMatch(/^http:\/\/169\.254\.169\.254\//);
  expect((await download(url)).status).toBe(200);
});

test('slow-file sends the same bytes, slowly', async () => {
  const { client, url } = await started('slow-file:1');
  const slow = await download(url);
  expect(client.clock.sleeps).toEqual(Array(40).fill(50));
  expect(slow.isWhole).toBe(true);
  expect(slow.bytes.equals((await download(url)).bytes)).toBe(true);
});

test('faults hit downloads in the order in which they were asked for', async () => {
  const { url } = await started('redirect-file:1', 'cut-download:1', 'dead-url:1');
  const { isWhole } = await (async () => {
    expect((await download(url)).status).toBe(302);
    return download(url);
  })();
  expect(isWhole).toBe(false);
  expect((await download(url)).status).toBe(403);
});

test('HEAD uses no fault up', async () => {
  const { url } = await started('dead-url:1');
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect((await download(url)).status).toBe(403);
});
