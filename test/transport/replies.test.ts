import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Sent, send } from './send.ts';
import { type Listener, listen } from './sockets.ts';

/** The same rows over both roads. A plain request to a proxy is the whole exchange, so that a listener plays proxy and server in one. */
const roads: [string, (server: Listener) => { url: string; env: Record<string, string> }][] = [
  ['straight', ({ port }) => ({ url: `http://127.0.0.1:${port}/v1`, env: {} })],
  [
    'through a proxy',
    ({ port }) => ({
      url: 'http://gateway.invalid/v1',
      env: { HTTP_PROXY: `http://127.0.0.1:${port}` },
    }),
  ],
];

const head = 'HTTP/1.1 200 OK\r\n';

/** Answers each request with these bytes, and says whether it closes then. */
function answer(bytes: string, then: 'close' | 'reset' | 'keep' = 'close') {
  return (socket: Socket): void =>
    void socket.on('data', () => {
      if (then === 'close') socket.end(bytes);
      else if (then === 'keep') socket.write(bytes);
      else socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
}

interface Row {
  name: string;
  onSocket: (socket: Socket) => void;
  /** Of a body that is whole. */
  body?: string;
  /** A body that broke off: what came before. */
  cut?: string;
  /** Exits of a paid and of a free request without a reply. */
  exits?: [string, string | RegExp];
}

const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;

const rows: Row[] = [
  { name: 'a length', onSocket: answer(`${head}content-length: 2\r\n\r\nhi`, 'keep'), body: 'hi' },
  { name: 'no length', onSocket: answer(`${head}\r\nhi`), body: 'hi' },
  { name: 'HTTP/1.0', onSocket: answer('HTTP/1.0 200 OK\r\n\r\nhi'), body: 'hi' },
  { name: 'no body', onSocket: answer('HTTP/1.1 204 No Content\r\n\r\n', 'keep'), body: '' },
  {
    name: 'chunks and trailers',
    onSocket: answer(`${chunked}2\r\nhi\r\n0\r\nx-trailer: 1\r\n\r\n`, 'keep'),
    body: 'hi',
  },
  {
    name: 'some early hints',
    onSocket: answer(
      `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5)}${head}content-length: 2\r\n\r\nhi`,
    ),
    body: 'hi',
  },
  {
    name: 'bytes behind the end',
    onSocket: answer(`${head}content-length: 2\r\n\r\nhithere`),
    body: 'hi',
  },
  {
    name: 'a length that is too long',
    onSocket: answer(`${head}content-length: 9\r\n\r\nhi`),
    cut: 'hi',
  },
  { name: 'a reset', onSocket: answer(`${head}content-length: 9\r\n\r\nhi`, 'reset'), cut: 'hi' },
  { name: 'chunks that end too soon', onSocket: answer(`${chunked}2\r\nhi\r\n`), cut: 'hi' },
  { name: 'garbage for a chunk size', onSocket: answer(`${chunked}2\r\nhi\r\nzz\r\n`), cut: 'hi' },
  {
    name: 'a length and chunks',
    onSocket: answer(
      `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    ),
    // undici says no more than that the connection went.
    exits: ['outcome_unknown', /^(protocol|network)$/],
  },
  {
    name: 'no HTTP',
    onSocket: answer('SSH-2.0-OpenSSH\r\n'),
    exits: ['outcome_unknown', 'protocol'],
  },
  {
    name: 'a header that is none',
    onSocket: answer(`${head}a b: c\r\n\r\n`),
    exits: ['outcome_unknown', 'protocol'],
  },
  {
    name: 'a zero byte in a header',
    onSocket: answer(`${head}a: \0\r\n\r\n`),
    exits: ['outcome_unknown', 'protocol'],
  },
  {
    name: 'a flood of early hints',
    onSocket: answer('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(500)),
    exits: ['outcome_unknown', 'protocol'],
  },
  {
    name: 'an endless header',
    onSocket: answer(`${head}x: ${'a'.repeat(100_000)}`, 'keep'),
    exits: ['outcome_unknown', 'protocol'],
  },
  {
    name: 'another protocol that nobody asked for',
    onSocket: answer(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    ),
    // undici says no more than that the connection went.
    exits: ['outcome_unknown', /^(protocol|network)$/],
  },
  { name: 'nothing', onSocket: answer(''), exits: ['outcome_unknown', 'network'] },
  { name: 'half a head', onSocket: answer(`${head}conten`), exits: ['outcome_unknown', 'network'] },
];

async function sendOver(
  toServer: (typeof roads)[number][1],
  row: Row,
  paid: boolean,
): Promise<{ sent: Sent; server: Listener }> {
  const server = await listen(row.onSocket);
  const { url, env } = toServer(server);
  return { sent: await send(url, { paid, env }), server };
}

describe.each(roads)('%s', (_, toServer) => {
  describe.each([true, false])('paid: %s', (paid) => {
    test.each(rows)('$name', async (row) => {
      const { sent, server } = await sendOver(toServer, row, paid);
      if (row.exits) {
        expect(sent.error?.exit).toEqual(paid ? row.exits[0] : expect.stringMatching(row.exits[1]));
        expect(sent.error?.billed).toBe(paid ? 'unknown' : 'no');
        expect(sent.error?.message).not.toMatch(/undefined|\[object/);
      } else {
        expect(sent.error).toBeNull();
        expect(sent.body).toBe(row.body ?? row.cut);
        expect(sent.broken === null).toBe(row.cut === undefined);
      }
      expect(server.connections()).toBeLessThanOrEqual(paid ? 1 : 3);
    });
  });

  test('T6: 421 on a POST is sent once', async () => {
    const row = {
      name: '',
      onSocket: answer('HTTP/1.1 421 Misdirected Request\r\ncontent-length: 0\r\n\r\n'),
    };
    const { sent, server } = await sendOver(toServer, row, true);
    expect(sent.error).toMatchObject({ exit: 'rejected', details: { status: 421 } });
    expect(server.connections()).toBe(1);
  });

  test('a reader that takes its time keeps the server waiting', async () => {
    let written = 0;
    const server = await listen((socket) =>
      socket.once('data', () => {
        const more = (): void => {
          written += 65_536;
          if (!socket.destroyed && written < 1e9)
            socket.write('x'.repeat(65_536), () => setImmediate(more));
        };
        socket.write(`${head}\r\n`, more);
      }),
    );
    const { url, env } = toServer(server);
    const { fakeDeps } = await import('../helpers/fake-deps.ts');
    const open = await fakeDeps({ env }).deps.openNetwork({ connectTimeoutMs: 10_000 });
    const stop = new AbortController();
    const reply = await open({ method: 'GET', url, headers: {}, paid: false, signal: stop.signal });
    await reply.read();
    // The buffers of the system and ours are full when nothing more is written for a while.
    for (let before = -1; before !== written; ) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(written).toBeLessThan(64e6);
    stop.abort(new Error('enough'));
    await expect(
      (async () => {
        while ((await reply.read()) !== null);
      })(),
    ).rejects.toThrow('enough');
  });
});
