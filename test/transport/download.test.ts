import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startServer } from '../helpers/server.ts';
import { fetchFile, fetchFrom, memorySink, serveFile } from './fetch-file.ts';

const FILM = 'film '.repeat(1000);

describe('a file', () => {
  test('comes whole, with what is known of it told before its bytes', async () => {
    const { end, text, sink, server } = await fetchFrom(serveFile(FILM, { etag: '"one"' }));
    expect(end).toEqual({ bytes: 5000, total: 5000, contentType: 'video/mp4' });
    expect(text).toBe(FILM);
    expect(sink.heads).toEqual([
      { total: 5000, validator: '"one"', contentType: 'video/mp4', offset: 0 },
    ]);
    expect(sink.calls.slice(0, 2)).toEqual(['head', 'write']);
    expect(server.requests).toHaveLength(1);
  });

  test('is asked for plainly: no key, no range, no encoding', async () => {
    const { server } = await fetchFrom(serveFile(FILM));
    const { method, headers } = server.requests[0] ?? { method: '', headers: {} };
    expect(method).toBe('GET');
    expect(headers).toMatchObject({
      'accept-encoding': 'identity',
      'user-agent': 'alltoken-cli/0.0.0-test',
    });
    for (const name of ['authorization', 'cookie', 'range', 'if-range', 'referer'])
      expect(headers).not.toHaveProperty(name);
  });

  test('that is empty is requested again, and refused when it is always', async () => {
    const { error, server } = await fetchFrom(serveFile(''));
    expect(error).toMatchObject({ exit: 'protocol', details: { code: 'empty_file' } });
    expect(server.requests).toHaveLength(3);
  });

  test('is whole without a length when the body ends as it should', async () => {
    const { end, text } = await fetchFrom((response) => {
      response.write(FILM);
      response.end(FILM);
    });
    expect(end).toEqual({ bytes: 10_000, total: null, contentType: null });
    expect(text).toBe(FILM + FILM);
  });

  test('that is whole already costs no request', async () => {
    const left = { text: FILM, validator: '"one"', total: FILM.length };
    const { end, sink, server } = await fetchFrom(serveFile(FILM), { left });
    expect(end).toMatchObject({ bytes: 5000, total: 5000 });
    expect(server.requests).toEqual([]);
    expect(sink.calls).toEqual([]);
  });

  test('with a weak ETag is known by its date, and with neither by nothing', async () => {
    const lastModified = 'Sun, 22 Nov 2026 05:00:00 GMT';
    const validators = [];
    for (const headers of [{ etag: 'W/"one"', lastModified }, { etag: 'W/"one"' }, {}])
      validators.push((await fetchFrom(serveFile(FILM, headers))).sink.heads[0]?.validator);
    expect(validators).toEqual([lastModified, null, null]);
  });
});

describe('progress', () => {
  test('is told at most five times a second', async () => {
    const world = fakeDeps();
    let now = 0;
    world.deps.clock.monotonic = () => now;
    let wasTaken = (): void => {};
    const sink = memorySink('', {
      write: async () => {
        now += 50;
        wasTaken();
      },
    });
    const server = await startServer(async (response) => {
      response.writeHead(200, { 'content-length': 20 });
      for (let sent = 0; sent < 20; sent += 1) {
        const taken = new Promise<void>((resolve) => {
          wasTaken = resolve;
        });
        response.write('x');
        await taken;
      }
    });
    const { notes } = await fetchFile(server, { world, sink });
    const told = notes.map((note) => (note.type === 'progress' ? note.bytes : 0));
    expect(told[0]).toBe(1);
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThanOrEqual(5);
    expect(notes[0]).toEqual({ type: 'progress', bytes: 1, total: 20 });
  });
});

describe('a redirect', () => {
  test('is followed, relative or not, five times', async () => {
    const server = await startServer((response, request, count) => {
      const hops = [
        '/a',
        `http://localhost:${server.port}/b`,
        'c?d=1',
        '//127.0.0.1:PORT/e',
        './f',
      ];
      const location = hops[count - 1]?.replace('PORT', String(server.port));
      if (location) response.writeHead(count % 2 ? 302 : 307, { location }).end('moved');
      else serveFile(FILM)(response, request, count);
    });
    const { text } = await fetchFile(server);
    expect(text).toBe(FILM);
    const paths = server.requests.slice(1).map(({ path }) => path);
    expect(paths).toEqual(['/a', '/b', '/c?d=1', '/e', '/f']);
  });

  test('may have a body that never ends', async () => {
    const { text } = await fetchFrom((response, request, count) => {
      if (count > 1) return serveFile(FILM)(response, request, count);
      response.writeHead(302, { location: '/real' });
      response.write('moved', () => setTimeout(() => response.destroy(), 5));
    });
    expect(text).toBe(FILM);
  });

  test('takes the range along', async () => {
    const { text, server } = await fetchFrom(
      (response, request, count) => {
        if (count === 1) response.writeHead(302, { location: '/real' }).end();
        else serveFile(FILM, { etag: '"one"' })(response, request, count);
      },
      { left: { text: FILM.slice(0, 7), validator: '"one"' } },
    );
    expect(text).toBe(FILM);
    expect(server.requests[1]?.headers.range).toBe('bytes=7-');
  });
});
