import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesOf, startClient, urlOf } from './client.ts';

async function aFile(): Promise<{ url: string; whole: Buffer }> {
  const client = await startClient();
  const url = urlOf(await client.pollImage(await client.image()));
  return { url, whole: await bytesOf(url) };
}

async function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const reply = await fetch(url, { headers, method, redirect: 'manual' });
  const bytes = Buffer.from(await reply.arrayBuffer());
  return { status: reply.status, headers: reply.headers, bytes };
}

describe('a file', () => {
  test('comes with all that a careful reader needs', async () => {
    const { url, whole } = await aFile();
    const { headers, status } = await get(url);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('content-length')).toBe(String(whole.length));
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect(Date.parse(headers.get('last-modified') ?? '')).toBeLessThanOrEqual(Date.now());
  });

  test('is the same each time', async () => {
    const { url, whole } = await aFile();
    const again = await get(url);
    expect(again.bytes.equals(whole)).toBe(true);
    expect(again.headers.get('etag')).toBe((await get(url)).headers.get('etag'));
  });

  test('tells HEAD the same, without the bytes', async () => {
    const { url, whole } = await aFile();
    const [head, full] = [await get(url, {}, 'HEAD'), await get(url)];
    expect(head).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
    expect(head.headers.get('content-length')).toBe(String(whole.length));
    expect(head.headers.get('etag')).toBe(full.headers.get('etag'));
  });

  test.each([
    ['a key', (url: string) => url, { authorization: 'Bearer sk-at-1' }, 400],
    ['no signature', (url: string) => url.split('?')[0] ?? '', {}, 403],
    [
      'a changed signature',
      (url: string) => url.replace(/signature=.{8}/, 'signature=00000000'),
      {},
      403,
    ],
    ['a longer life', (url: string) => url.replace('expires=1', 'expires=2'), {}, 403],
    ['the name of another file', (url: string) => url.replace('-0.png', '-1.png'), {}, 403],
  ])('is refused with %s', async (_what, change, headers, status) => {
    const { url } = await aFile();
    expect((await get(change(url), headers)).status).toBe(status);
  });

  test('is refused when its address has expired', async () => {
    const client = await startClient({ lifetimes: { imageUrlMillis: -1 } });
    const url = urlOf(await client.pollImage(await client.image()));
    expect((await get(url)).status).toBe(403);
  });
});

describe('a part of a file', () => {
  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, undefined],
    ['bytes=-20', -20, undefined],
    ['bytes=5-99999999', 5, undefined],
    ['bytes=-99999999', 0, undefined],
  ])('is sent for %s', async (range, from, to) => {
    const { url, whole } = await aFile();
    const wanted = whole.subarray(from, to);
    const { bytes, headers, status } = await get(url, { range });
    const start = from < 0 ? whole.length + from : from;
    expect(status).toBe(206);
    expect(bytes.equals(wanted)).toBe(true);
    expect(headers.get('content-length')).toBe(String(wanted.length));
    expect(headers.get('content-range')).toBe(
      `bytes ${start}-${start + wanted.length - 1}/${whole.length}`,
    );
  });

  test.each(['bytes=99999999-', 'bytes=-0'])('does not exist for %s', async (range) => {
    const { url, whole } = await aFile();
    const { headers, status } = await get(url, { range });
    expect(status).toBe(416);
    expect(headers.get('content-range')).toBe(`bytes */${whole.length}`);
  });

  test.each(['bytes=9-3', 'lines=1-2', 'bytes=0-1,4-5', 'bytes=x-'])(
    'is the whole for %s',
    async (range) => {
      const { url, whole } = await aFile();
      expect(await get(url, { range })).toMatchObject({ status: 200, bytes: whole });
    },
  );

  test('is sent when the file is still the one that was meant', async () => {
    const { url } = await aFile();
    const { headers } = await get(url);
    for (const name of ['etag', 'last-modified']) {
      const same = { range: 'bytes=10-', 'if-range': headers.get(name) ?? '' };
      expect((await get(url, same)).status).toBe(206);
    }
  });

  test('is the whole when the file is another one by now', async () => {
    const { url, whole } = await aFile();
    const headers = { range: 'bytes=10-', 'if-range': '"another"' };
    expect(await get(url, headers)).toMatchObject({ status: 200, bytes: whole });
  });
});

test('the ETag follows from the bytes', async () => {
  const client = await startClient();
  const tags = [];
  const sums = [];
  for (const prompt of ['a', 'b', 'a']) {
    const reply = await get(urlOf(await client.pollImage(await client.image({ prompt }))));
    tags.push(reply.headers.get('etag'));
    sums.push(createHash('sha256').update(reply.bytes).digest('hex'));
  }
  expect([tags[0] === tags[2], tags[0] === tags[1]]).toEqual([true, false]);
  expect([sums[0] === sums[2], sums[0] === sums[1]]).toEqual([true, false]);
});
