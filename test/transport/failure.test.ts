import { describe, expect, test } from 'vitest';
import { SendError } from '../../src/transport/send-error.ts';
import { failureOf } from '../../src/transport/verdict.ts';

import { KEY, type Sent, send } from './send.ts';
import { closedPort, listen, listenTls } from './sockets.ts';

/** What a script sees. */
function verdict({ error, tries }: Sent): unknown {
  return { exit: error?.exit, code: error?.details.code, billed: error?.billed, tries };
}

const kinds = [
  ['paid', true],
  ['free', false],
] as const;

describe.each(kinds)('a %s request that never arrived may be sent again', (_, paid) => {
  test('nobody listens', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/v1/chat/completions?secret=1`;
    const sent = await send(url, { paid });
    expect(verdict(sent)).toEqual({
      exit: 'network',
      code: 'ECONNREFUSED',
      billed: 'no',
      tries: 3,
    });
    expect(sent.error?.message).toContain('connection refused');
    expect(sent.error?.message).not.toContain('secret');
    expect(sent.error?.message).not.toContain(KEY);
  });

  test('the host has no address', async () => {
    const sent = await send('https://gateway.invalid/v1', { paid });
    // Without any network the resolver says "try again" instead.
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(sent.error?.details.code);
    expect(verdict(sent)).toMatchObject({ exit: 'network', billed: 'no', tries: 3 });
    expect(sent.error?.message).toContain('https://gateway.invalid');
  });

  test('the TLS handshake takes too long', async () => {
    const silent = await listen(() => {});
    const sent = await send(`https://127.0.0.1:${silent.port}/v1`, {
      paid,
      timeouts: { connectMs: 50 },
    });
    expect(verdict(sent)).toEqual({
      exit: 'timeout',
      code: 'connect_timeout',
      billed: 'no',
      tries: 3,
    });
  });

  test('the connection is closed during the TLS handshake', async () => {
    const rude = await listen((socket) => socket.once('data', () => socket.destroy()));
    const sent = await send(`https://127.0.0.1:${rude.port}/v1`, { paid });
    expect(verdict(sent)).toMatchObject({ exit: 'network', billed: 'no', tries: 3 });
  });
});

describe.each(kinds)('a %s request that can never arrive is sent once', (_, paid) => {
  test('the server speaks no TLS', async () => {
    const plain = await listen((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const sent = await send(`https://127.0.0.1:${plain.port}/v1`, { paid });
    expect(verdict(sent)).toMatchObject({ exit: 'network', billed: 'no', tries: 1 });
    expect(sent.error?.message).toContain('TLS');
    expect(plain.connections()).toBe(1);
  });

  test('nobody signed the certificate', async () => {
    const seen: string[] = [];
    const unsigned = await listenTls((socket) => socket.on('data', (data) => seen.push(`${data}`)));
    const sent = await send(`https://127.0.0.1:${unsigned.port}/v1`, { paid });
    expect(verdict(sent)).toMatchObject({
      exit: 'network',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      billed: 'no',
      tries: 1,
    });
    expect(seen).toEqual([]);
  });
});

/** After the request was read, so it may have been worked on. */
const losses = [
  ['reset', () => listen((socket) => socket.once('data', () => socket.resetAndDestroy()))],
  ['closed', () => listen((socket) => socket.once('data', () => socket.end()))],
  [
    'broken inside the headers',
    () => listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-'))),
  ],
] as const;

describe('a request that was lost on the way', () => {
  test.each(losses)('%s: a paid one has no known outcome and is sent once', async (_, start) => {
    const server = await start();
    const sent = await send(`http://127.0.0.1:${server.port}/v1`);
    expect(verdict(sent)).toMatchObject({ exit: 'outcome_unknown', billed: 'unknown', tries: 1 });
    expect(server.connections()).toBe(1);
  });

  test.each(losses)('%s: a free one is sent again', async (_, start) => {
    const server = await start();
    const sent = await send(`http://127.0.0.1:${server.port}/v1`, { paid: false });
    expect(verdict(sent)).toMatchObject({ exit: 'network', billed: 'no', tries: 3 });
    expect(server.connections()).toBe(3);
  });

  test('a reset in the TLS handshake is one before any request', async () => {
    const rude = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const url = `https://127.0.0.1:${rude.port}/v1`;
    for (const paid of [true, false])
      expect(verdict(await send(url, { paid }))).toEqual({
        exit: 'network',
        code: 'ECONNRESET',
        billed: 'no',
        tries: 3,
      });
  });

  test.each([
    ['first_byte', { firstByteMs: 250 }],
    ['total', { totalMs: 250 }],
  ] as const)('no answer in time (%s)', async (kind, timeouts) => {
    let arrived = 0;
    const silent = await listen((socket) => {
      socket.once('data', () => {
        arrived += 1;
      });
    });
    const url = `http://127.0.0.1:${silent.port}/v1`;
    const code = `${kind}_timeout`;
    // On a busy machine a first try may be over before it leaves, and then it may be sent again.
    expect(verdict(await send(url, { timeouts }))).toMatchObject({
      exit: 'outcome_unknown',
      code,
      billed: 'unknown',
    });
    expect(arrived).toBeLessThanOrEqual(1);
    expect(verdict(await send(url, { timeouts, paid: false }))).toMatchObject({
      exit: 'timeout',
      code,
      billed: 'no',
    });
  });
});

describe('an error of an unknown kind', () => {
  test.each([
    new Error('socket hang up'),
    new SendError(new Error('socket hang up'), { sent: true }),
    Object.assign(new Error('read'), { code: 'ETIMEDOUT', syscall: 'read' }),
    Object.assign(new Error('write'), { code: 'ECONNRESET', syscall: 'write' }),
    'a string',
    null,
    undefined,
  ])('may have arrived, so a paid request is not repeated: %s', (error) => {
    const failure = failureOf(error, 'https://host', true);
    expect(failure.kind).toBe('lost');
    expect(failure.error.exit).toBe('outcome_unknown');
    expect(failure.error.message).toContain('https://host');
    expect(failure.error.message).not.toMatch(/undefined|\[object/);
  });
});
