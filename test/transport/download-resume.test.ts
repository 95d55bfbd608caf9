import { describe, expect, test } from 'vitest';
import { fetchFrom, rangesOf, serveFile } from './fetch-file.ts';

const FILM = 'the one and only film, in many bytes';
const DATE = 'Sun, 22 Nov 2026 05:00:00 GMT';
const left = (validator: string | null, total: number | null = FILM.length) => ({
  text: FILM.slice(0, 10),
  validator,
  total,
});

describe('a file that an earlier try began', () => {
  test.each([
    ['a strong ETag', '"one"', { etag: '"one"' }],
    ['a date', DATE, { lastModified: DATE }],
    ['a date, beside a weak ETag', DATE, { etag: 'W/"one"', lastModified: DATE }],
  ])('goes on where it stopped, by %s', async (_, validator, file) => {
    const fetched = await fetchFrom(serveFile(FILM, file), { left: left(validator) });
    expect(fetched.text).toBe(FILM);
    expect(fetched.end).toMatchObject({ bytes: FILM.length, total: FILM.length });
    expect(rangesOf(fetched.server)).toEqual([['bytes=10-', validator]]);
    expect(fetched.sink.calls).toEqual(['head', 'write']);
    expect(fetched.sink.heads).toEqual([
      { total: FILM.length, validator, contentType: 'video/mp4', offset: 10 },
    ]);
  });

  test('starts over when it has changed, before a byte of the new one is written', async () => {
    const other = FILM.toUpperCase();
    const fetched = await fetchFrom(serveFile(other, { etag: '"two"' }), { left: left('"one"') });
    expect(fetched.text).toBe(other);
    expect(fetched.sink.calls).toEqual(['restart', 'head', 'write']);
    expect(fetched.sink.heads[0]).toMatchObject({ validator: '"two"', offset: 0 });
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('starts over, without a range, when nobody can say whether it is the same', async () => {
    const fetched = await fetchFrom(serveFile(FILM, { etag: '"one"' }), { left: left(null) });
    expect(fetched.text).toBe(FILM);
    expect(rangesOf(fetched.server)).toEqual([[undefined, undefined]]);
    expect(fetched.sink.calls).toEqual(['restart', 'head', 'write']);
  });

  test('starts over at a server that knows no ranges', async () => {
    const fetched = await fetchFrom((response) => response.end(FILM), { left: left('"one"') });
    expect(fetched.text).toBe(FILM);
    expect(fetched.sink.calls).toEqual(['restart', 'head', 'write']);
  });

  test.each([
    ['another offset', `bytes 0-35/${FILM.length}`, {}],
    ['another size', 'bytes 10-35/99', {}],
    ['another ETag, in spite of If-Range', `bytes 10-35/${FILM.length}`, { etag: '"two"' }],
    ['more than there is', `bytes 10-36/${FILM.length}`, {}],
    ['nonsense', 'bytes 10-35', {}],
    ['another unit', `items 10-35/${FILM.length}`, {}],
    ['no Content-Range at all', null, {}],
  ])('starts over when the server sends %s', async (_, range, headers) => {
    const fetched = await fetchFrom(
      (response, request, count) => {
        if (count > 1) return serveFile(FILM, { etag: '"one"' })(response, request, count);
        const contentRange = range === null ? {} : { 'content-range': range };
        response.writeHead(206, { ...contentRange, ...headers }).end('the wrong bytes');
      },
      { left: left('"one"') },
    );
    expect(fetched.text).toBe(FILM);
    expect(rangesOf(fetched.server)).toEqual([
      ['bytes=10-', '"one"'],
      [undefined, undefined],
    ]);
    expect(fetched.sink.calls).toEqual(['restart', 'head', 'write']);
  });

  test('starts over when the date is another one, in spite of If-Range', async () => {
    const fetched = await fetchFrom(
      (response, _request, count) => {
        const headers = { 'last-modified': 'Mon, 23 Nov 2026 05:00:00 GMT' };
        if (count > 1) response.writeHead(200, headers).end(FILM.toUpperCase());
        else
          response
            .writeHead(206, { ...headers, 'content-range': `bytes 10-35/${FILM.length}` })
            .end(FILM.slice(10).toUpperCase());
      },
      { left: left(DATE) },
    );
    expect(fetched.text).toBe(FILM.toUpperCase());
    expect(fetched.sink.calls).toContain('restart');
  });

  test('takes the size from a server that did not tell it before', async () => {
    const file = serveFile(FILM, { etag: '"one"' });
    const fetched = await fetchFrom(file, { left: left('"one"', null) });
    expect(fetched.end).toMatchObject({ bytes: FILM.length, total: FILM.length });
  });

  test('is whole when the server says that there is no more (416)', async () => {
    const whole = { text: FILM, validator: '"one"', total: null };
    const fetched = await fetchFrom(serveFile(FILM, { etag: '"one"' }), { left: whole });
    expect(fetched.end).toMatchObject({ bytes: FILM.length });
    expect(fetched.sink.calls).toEqual([]);
    expect(fetched.server.requests).toHaveLength(1);
  });

  test.each([
    ['shorter than what we have', 'bytes */5', null],
    ['of another size than it was', 'bytes */10', FILM.length],
    ['of no size', 'bytes */*', null],
  ])('starts over once when the server says that it is %s (416)', async (_, range, total) => {
    const fetched = await fetchFrom(
      (response, request, count) => {
        if (count > 1) serveFile(FILM)(response, request, count);
        else response.writeHead(416, { 'content-range': range }).end();
      },
      { left: left('"one"', total) },
    );
    expect(fetched.text).toBe(FILM);
    expect(fetched.sink.calls).toEqual(['restart', 'head', 'write']);
  });

  test('is not asked for for ever: 416 without a range ends it', async () => {
    const fetched = await fetchFrom((response) => response.writeHead(416).end(), {
      left: left('"one"'),
    });
    expect(fetched.error).toMatchObject({ exit: 'protocol' });
    expect(fetched.server.requests).toHaveLength(2);
  });

  test('keeps what it has when a page or an error comes instead', async () => {
    const replies: [number, Record<string, string>, string][] = [
      [200, { 'content-type': 'text/html' }, 'sign in'],
      [200, {}, '\n<!doctype html>'],
      [404, {}, 'gone'],
      [200, { 'content-length': '2000000' }, ''],
    ];
    for (const [status, headers, body] of replies) {
      const fetched = await fetchFrom(
        (response) => {
          response.writeHead(status, headers);
          if (body) response.end(body);
          else response.flushHeaders();
        },
        { left: left('"one"') },
      );
      expect(fetched.error).not.toBeNull();
      expect(fetched.text).toBe(FILM.slice(0, 10));
      expect(fetched.sink.calls).toEqual([]);
    }
  });
});
