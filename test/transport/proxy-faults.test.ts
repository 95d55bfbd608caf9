import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { hintOf } from '../helpers/hint.ts';
import { startProxy } from '../helpers/proxy.ts';
import { type Sent, send } from './send.ts';
import { listen, listenTls } from './sockets.ts';

const secure = 'https://gateway.invalid/v1/chat/completions';

/** What a proxy may do before its tunnel stands. All of it is before any byte of the request. */
const rude: [string, (socket: Socket) => void][] = [
  ['T1: closes on CONNECT', (socket) => socket.once('data', () => socket.end())],
  ['T1: closes at once', (socket) => socket.end()],
  ['T2: resets on CONNECT', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['T2: answers garbage', (socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n\r\n'))],
  [
    'T2: floods with 100 Continue',
    (socket) =>
      socket.once('data', () => {
        const more = (): void => {
          if (!socket.destroyed)
            socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100), () => setImmediate(more));
        };
        more();
      }),
  ],
  [
    'T2: never ends its headers',
    (socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): void => {
          if (!socket.destroyed)
            socket.write(`x-a: ${'b'.repeat(1000)}\r\n`, () => setImmediate(more));
        };
        more();
      }),
  ],
  [
    'T2: makes a tunnel, and closes it at the handshake',
    (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.once('data', () => socket.end());
      });
    },
  ],
  [
    'T2: makes a tunnel, and speaks no TLS in it',
    (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      });
    },
  ],
];

function expectNothingBought({ error }: Sent, exit: 'network' | 'timeout'): void {
  expect(error).toMatchObject({ exit, billed: 'no' });
  expect(error?.message).toMatch(/^cannot reach https:\/\/gateway\.invalid: /);
  expect(error?.message).not.toMatch(/undefined|\[object/);
}

describe.each([true, false])('a proxy, and a request that is paid: %s', (paid) => {
  test.each(rude)('%s: 32, nothing bought, at most three connections', async (_, onSocket) => {
    const proxy = await listen(onSocket);
    const sent = await send(secure, {
      paid,
      env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
    });
    expectNothingBought(sent, 'network');
    expect(proxy.connections()).toBeGreaterThan(0);
    expect(proxy.connections()).toBeLessThanOrEqual(3);
  });

  test('T2: https:// to a plain listener: 32', async () => {
    const plain = await listen((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const sent = await send(secure, {
      paid,
      env: { HTTPS_PROXY: `https://127.0.0.1:${plain.port}` },
    });
    expectNothingBought(sent, 'network');
    expect(plain.connections()).toBeLessThanOrEqual(3);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['is silent', () => {}],
    ['drips its headers', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-slow: ')],
    [
      'makes a tunnel to nobody',
      (socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
    ],
  ])('T2: one that %s: 33 within --connect-timeout', async (_, onSocket) => {
    const proxy = await listen(onSocket);
    const begun = performance.now();
    const sent = await send(secure, {
      paid,
      env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
      timeouts: { connectMs: 100 },
    });
    expectNothingBought(sent, 'timeout');
    expect(sent.error?.details.code).toBe('connect_timeout');
    expect(sent.tries).toBe(3);
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(proxy.connections()).toBeLessThanOrEqual(3);
  });
});

function drip(socket: Socket, head: string): void {
  socket.once('data', () => {
    socket.write(head);
    const timer = setInterval(() => socket.write('a'), 5);
    socket.on('close', () => clearInterval(timer));
  });
}

test('T7: a user alone is sent with an empty password', async () => {
  const tls = await listenTls(() => {});
  const proxy = await startProxy({ upstreamPort: tls.port, credentials: 'token:' });
  const env = { HTTPS_PROXY: `http://token@${proxy.address}` };
  expect((await send(secure, { env })).error?.details.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('T8: a certificate of a private CA names NODE_EXTRA_CA_CERTS', async () => {
  const tls = await listenTls(() => {});
  const { error } = await send(`https://127.0.0.1:${tls.port}/v1`);
  expect(error && hintOf(error)).toContain('NODE_EXTRA_CA_CERTS');
});
