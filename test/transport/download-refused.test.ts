import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hintOf } from '../helpers/hint.ts';
import { startServer } from '../helpers/server.ts';
import { type Fetched, fetchFile, fetchFrom, SECRET, serveFile } from './fetch-file.ts';

const FILM = 'the one and only film';

/** Nothing was written, and nothing of the address is shown but its origin. */
function expectRefused(fetched: Fetched, exit: string, code: string): void {
  expect(fetched.error).toMatchObject({ exit, billed: 'yes', details: { code } });
  expect(`${fetched.error?.message} ${hintOf(fetched.error)}`).not.toMatch(
    /secret|Signature|film\.mp4/,
  );
  expect(fetched.error?.message).not.toMatch(/[\r\n]|null|\[object|\.$/);
  expect(fetched.sleeps).toEqual([]);
}

describe('a dead address', () => {
  test.each([401, 403, 404, 410])('(%i) is told as such, at once', async (status) => {
    const fetched = await fetchFrom((response) =>
      response.writeHead(status).end('<Error><Resource>/secret-path/film.mp4</Resource></Error>'),
    );
    expectRefused(fetched, 'expired', 'dead_url');
    expect(fetched.error?.details.status).toBe(status);
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('is one too when a storage says 400 and that the signature has expired', async () => {
    const body = '<Error><Code>ExpiredToken</Code></Error>';
    expectRefused(
      await fetchFrom((response) => response.writeHead(400).end(body)),
      'expired',
      'dead_url',
    );
  });

  test.each([
    ['XML', 'xml', '<Error><Code>NoSuchKey</Code></Error>'],
    ['XML of another storage', 'xml', '<Error><Code>UrlHasExpired</Code></Error>'],
    ['JSON', 'json', '{"code":"AccessDenied","message":"no"}'],
    ['JSON of another storage', 'json', '{"error":{"code":"link_expired","message":"no"}}'],
  ])('is one too under 200, in %s', async (_, type, body) => {
    const headers = { 'content-type': `application/${type}` };
    const fetched = await fetchFrom((response) => response.writeHead(200, headers).end(body));
    expectRefused(fetched, 'expired', 'dead_url');
    const other = body.replace(/NoSuchKey|UrlHasExpired|AccessDenied|link_expired/, 'SlowDown');
    expectRefused(
      await fetchFrom((response) => response.writeHead(200, headers).end(other)),
      'protocol',
      'not_a_file',
    );
  });

  test('is what it is when its body stalls', async () => {
    const fetched = await fetchFrom(
      (response) => {
        response.writeHead(400);
        response.write('<Code>ExpiredToken');
      },
      { timeouts: { idleMs: 50 } },
    );
    expectRefused(fetched, 'expired', 'dead_url');
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('is not every other status', async () => {
    for (const status of [400, 402, 405, 418, 204, 304])
      expectRefused(
        await fetchFrom((response) => response.writeHead(status).end()),
        'protocol',
        'unexpected_status',
      );
  });
});

describe('something that is no file', () => {
  test.each([
    ['by its type', { 'content-type': 'Text/HTML; charset=utf-8' }, 'please sign in'],
    ['by its first byte', { 'content-type': 'video/mp4' }, '<html></html>'],
    ['behind white space', {}, ' \r\n <!doctype html>'],
    ['behind a BOM', {}, '\ufeff<?xml version="1.0"?>'],
  ])('is refused: a page, %s', async (_, headers, body) => {
    const fetched = await fetchFrom((response) => {
      response.writeHead(200, headers as Record<string, string>).end(body);
    });
    expectRefused(fetched, 'protocol', 'not_a_file');
    expect(fetched.sink.calls).toEqual([]);
  });

  test('is a file when it is encoded three times, and none when more often', async () => {
    const layers = (count: number): Buffer => {
      let bytes = Buffer.from(FILM);
      for (let at = 0; at < count; at += 1) bytes = gzipSync(bytes);
      return bytes;
    };
    const fetch = (count: number) =>
      fetchFrom((response) => {
        const encoding = Array.from({ length: count }, () => 'gzip').join(', ');
        response.writeHead(200, { 'content-encoding': encoding }).end(layers(count));
      });
    expect((await fetch(3)).text).toBe(FILM);
    expectRefused(await fetch(4), 'protocol', 'encoded');
  });

  test('is refused when it is a text that is not encoded as its header says', async () => {
    const fetched = await fetchFrom(serveFile(FILM, { headers: { 'content-encoding': 'gzip' } }));
    expectRefused(fetched, 'protocol', 'encoded');
    const plain = await fetchFrom(serveFile(FILM, { headers: { 'content-encoding': 'identity' } }));
    expect(plain.text).toBe(FILM);
  });

  test('is refused when it is a piece that nobody asked for', async () => {
    const fetched = await fetchFrom((response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('12345');
    });
    expectRefused(fetched, 'protocol', 'bad_range');
  });
});

describe('a file above the limit', () => {
  test('is refused by what it is decoded to', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, 7));
    const fetched = await fetchFrom(
      (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      { maxBytes: 100_000 },
    );
    expectRefused(fetched, 'protocol', 'too_large');
    expect(fetched.text.length).toBeLessThanOrEqual(100_000);
  });

  test('is refused by its length, before a byte is written', async () => {
    const fetched = await fetchFrom(serveFile('x'.repeat(101)), { maxBytes: 100 });
    expectRefused(fetched, 'protocol', 'too_large');
    expect(fetched.sink.calls).toEqual([]);
    expect((await fetchFrom(serveFile('x'.repeat(100)), { maxBytes: 100 })).error).toBeNull();
  });

  test('is refused by its length when the rest of it is small', async () => {
    const left = { text: 'x'.repeat(90), validator: '"one"' };
    const file = serveFile('x'.repeat(101), { etag: '"one"' });
    expectRefused(await fetchFrom(file, { left, maxBytes: 100 }), 'protocol', 'too_large');
  });

  test('is refused when it does not end', async () => {
    const fetched = await fetchFrom(
      (response) => {
        const more = (): void => {
          while (response.writable && response.write('x'.repeat(1000)));
        };
        response.on('drain', more);
        more();
      },
      { maxBytes: 50_000 },
    );
    expectRefused(fetched, 'protocol', 'too_large');
    expect(fetched.text.length).toBeLessThanOrEqual(50_000);
  });
});

describe('an address that is not safe', () => {
  test('is not asked, be it the first one', async () => {
    const server = await startServer(serveFile(FILM));
    const baseUrl = 'https://api.alltoken.ai/v1';
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const url = `https://${host}:${server.port}/secret-path?${SECRET}`;
      expectRefused(await fetchFile(server, { baseUrl, url }), 'protocol', 'unsafe_url');
    }
    expect(server.requests).toEqual([]);
  });

  test.each([
    `http://cdn.example/secret?${SECRET}`,
    'https://169.254.169.254/latest/meta-data',
    'https://user:secret@cdn.example/film.mp4',
    'file:///etc/passwd',
    'data:video/mp4;base64,AAAA',
  ])('is not asked, be it where a redirect points: %s', async (location) => {
    const fetched = await fetchFrom((response) => response.writeHead(302, { location }).end());
    expectRefused(fetched, 'protocol', 'unsafe_url');
    expect(fetched.server.requests).toHaveLength(1);
  });

  test.each(['http://[', 'http://%zz'])('or where it is none: %s', async (location) => {
    const fetched = await fetchFrom((response) => response.writeHead(302, { location }).end());
    expectRefused(fetched, 'protocol', 'redirect');
  });
});

test('redirects end after five', async () => {
  const fetched = await fetchFrom((response) => response.writeHead(302, { location: '/' }).end());
  expectRefused(fetched, 'protocol', 'redirect');
  expect(fetched.server.requests).toHaveLength(6);
});
