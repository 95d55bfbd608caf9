import { describe, expect, test } from 'vitest';
import {
  cut,
  type FileReplyTo,
  fetchFile,
  fetchFrom,
  rangesOf,
  SECRET,
  serveFile,
} from './fetch-file.ts';
import { closedPort } from './sockets.ts';

const FILM = 'the one and only film, in many bytes';
const whole = serveFile(FILM, { etag: '"one"' });

/** The first replies, then the whole file or the rest of it. */
function after(...replies: FileReplyTo[]): FileReplyTo {
  return (response, request, count) => (replies[count - 1] ?? whole)(response, request, count);
}

/** Cuts each reply after some bytes. */
const cutEach = (bytes: number): FileReplyTo => serveFile(FILM, { etag: '"one"', cutAfter: bytes });

describe('a body that breaks off', () => {
  test('is resumed where it broke', async () => {
    const fetched = await fetchFrom(after(cutEach(12)));
    expect(fetched.text).toBe(FILM);
    expect(rangesOf(fetched.server)).toEqual([
      [undefined, undefined],
      ['bytes=12-', '"one"'],
    ]);
    expect(fetched.sink.heads.map(({ offset }) => offset)).toEqual([0, 12]);
    expect(fetched.notes).toContainEqual(
      expect.objectContaining({
        type: 'retrying',
        reason: expect.objectContaining({ exit: 'network' }),
      }),
    );
  });

  test('by a reset, or in silence, is resumed too', async () => {
    const reset: FileReplyTo = (response) => {
      response.writeHead(200, { etag: '"one"', 'content-length': FILM.length });
      response.write(FILM.slice(0, 5), () =>
        setTimeout(() => response.socket?.resetAndDestroy(), 20),
      );
    };
    const silence: FileReplyTo = (response) => {
      response.writeHead(206, { 'content-range': `bytes 5-35/${FILM.length}` });
      response.write(FILM.slice(5, 9));
    };
    const fetched = await fetchFrom(after(reset, silence), { timeouts: { idleMs: 100 } });
    expect(fetched.text).toBe(FILM);
    expect(rangesOf(fetched.server).map((pair) => (pair as unknown[])[0])).toEqual([
      undefined,
      'bytes=5-',
      'bytes=9-',
    ]);
    const reasons = fetched.notes.flatMap((note) =>
      note.type === 'retrying' ? [note.reason] : [],
    );
    expect(reasons.map(({ exit }) => exit)).toEqual(['network', 'timeout']);
  });

  test('is resumed as long as it gets on', async () => {
    const fetched = await fetchFrom(cutEach(3));
    expect(fetched.text).toBe(FILM);
    expect(fetched.server.requests).toHaveLength(12);
  });

  test('goes on at the piece that a server sends when it sends less than was asked', async () => {
    const piece: FileReplyTo = (response, request) => {
      const start = Number(/\d+/.exec(String(request.headers.range))?.[0]);
      const end = Math.min(start + 9, FILM.length - 1);
      response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${FILM.length}` });
      response.end(FILM.slice(start, end + 1));
    };
    const fetched = await fetchFrom(after(cutEach(4), piece, piece));
    expect(fetched.text).toBe(FILM);
    expect(fetched.server.requests).toHaveLength(4);
  });

  test('at a server without ranges is begun anew five times, not for ever', async () => {
    const fetched = await fetchFrom((response) => {
      response.writeHead(200, { 'content-length': FILM.length });
      cut(response, FILM.slice(0, 20));
    });
    expect(fetched.error).toMatchObject({ exit: 'network', details: { code: 'cannot_resume' } });
    expect(fetched.server.requests).toHaveLength(7);
    expect(fetched.sink.calls.filter((call) => call === 'restart')).toHaveLength(5);
    expect(fetched.text).toBe(FILM.slice(0, 20));
  });

  test('that is longer than the file is not believed', async () => {
    const long: FileReplyTo = (response) => {
      response.writeHead(206, { 'content-range': `bytes 4-35/${FILM.length}` });
      response.end('x'.repeat(100));
    };
    const fetched = await fetchFrom(after(cutEach(4), long));
    expect(fetched.text).toBe(FILM);
    expect(fetched.server.requests).toHaveLength(3);
  });
});

describe('tries that bring nothing', () => {
  test('end after five more, each with a longer wait', async () => {
    const fetched = await fetchFrom((response) => response.destroy());
    expect(fetched.error).toMatchObject({ exit: 'network', retryable: true });
    expect(fetched.server.requests).toHaveLength(6);
    expect(fetched.sleeps).toHaveLength(5);
    for (const ms of fetched.sleeps) expect(ms >= 500 && ms <= 8000).toBe(true);
    expect(fetched.sleeps).toEqual([...fetched.sleeps].sort((a, b) => a - b));
    expect(fetched.sleeps[0]).toBeLessThan(fetched.sleeps[4] ?? 0);
    expect(fetched.sink.calls).toEqual([]);
  });

  test('are counted anew after one that brought something', async () => {
    const gone: FileReplyTo = (response) => response.destroy();
    const fetched = await fetchFrom(
      after(gone, gone, gone, gone, cutEach(3), gone, gone, gone, gone),
    );
    expect(fetched.text).toBe(FILM);
    expect(fetched.server.requests).toHaveLength(10);
  });

  test('without a first byte in time are a timeout', async () => {
    const fetched = await fetchFrom((response) => void response, { timeouts: { firstByteMs: 30 } });
    expect(fetched.error).toMatchObject({
      exit: 'timeout',
      details: { code: 'first_byte_timeout' },
    });
    // A busy server may not have seen one of the six.
    expect(fetched.sleeps).toHaveLength(5);
  });

  test('at a host where nobody listens are told without the path', async () => {
    const { server } = await fetchFrom(whole);
    const url = `http://127.0.0.1:${await closedPort()}/secret-path?${SECRET}`;
    const { error } = await fetchFile(server, { url });
    expect(error).toMatchObject({ exit: 'network', details: { code: 'ECONNREFUSED' } });
    expect(error?.message).not.toMatch(/secret|Signature/);
  });
});

describe('a busy server', () => {
  test.each([429, 500, 502, 503, 504, 408])('(%i) is asked again', async (status) => {
    const fetched = await fetchFrom(after((response) => response.writeHead(status).end('busy')));
    expect(fetched.text).toBe(FILM);
    expect(fetched.sleeps).toHaveLength(1);
  });

  test('is waited for as long as it asks, 30 s at most', async () => {
    const busy =
      (wait: string): FileReplyTo =>
      (response) =>
        response.writeHead(503, { 'retry-after': wait }).end();
    const fetched = await fetchFrom(
      after(busy('7'), busy('3600'), busy('Sun, 22 Nov 2026 12:00:42 GMT')),
    );
    expect(fetched.text).toBe(FILM);
    expect(fetched.sleeps).toEqual([7000, 30_000, 5000]);
  });

  test.each([
    [429, 'rate_limited'],
    [503, 'upstream'],
  ])('that stays so (%i) is told in the end', async (status, exit) => {
    const fetched = await fetchFrom((response) => response.writeHead(status).end());
    expect(fetched.error).toMatchObject({ exit, details: { status } });
    expect(fetched.server.requests).toHaveLength(6);
  });
});
