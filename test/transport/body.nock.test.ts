import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { TimedOut } from '../../src/transport/watch.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { startServer } from '../helpers/server.ts';
import { envelope, onChat, URL_OF_CHAT, useNock } from './mocked.ts';
import { send } from './send.ts';

useNock();

/** Sends this text, then breaks. */
function broken(text: string): () => Readable {
  return () =>
    Readable.from(
      (async function* () {
        yield text;
        throw new Error('reset');
      })(),
    );
}

describe('an error whose body breaks off', () => {
  test.each([
    [401, 'auth'],
    [429, 'rate_limited'],
    [400, 'rejected'],
  ])('stays the error of its status: %i', async (status, exit) => {
    onChat().reply(status, broken('{"error":{"message":"cut'), { 'x-request-id': 'req-1' });
    const { error, tries } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({ exit, details: { status, requestId: 'req-1' } });
    expect(error?.message.trim()).not.toBe('');
    expect(tries).toBe(1);
  });

  test('5xx is no verdict of the gateway, so a paid outcome is unknown', async () => {
    onChat().reply(503, broken(envelope('all_providers_failed').slice(0, -1)));
    const { error, tries } = await send(URL_OF_CHAT);
    expect(error?.exit).toBe('outcome_unknown');
    expect(tries).toBe(1);
  });

  test('between real machines does the same', async () => {
    const server = await startServer((response) => {
      response.writeHead(402, { 'content-length': 1000 });
      response.write('{"error":', () => response.destroy());
    });
    const { error } = await send(`${server.baseUrl}/chat`);
    expect(error).toMatchObject({ exit: 'balance', details: { status: 402 } });
  });

  test('is read only so far as anybody would read it', async () => {
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const server = await startServer((response) => {
      response.on('close', leave).writeHead(400);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(100_000), () => setImmediate(more));
      };
      more();
    });
    const { error } = await send(`${server.baseUrl}/chat/completions`);
    expect(error?.exit).toBe('rejected');
    await left;
  });
});

/** Lets 50 ms go by once we have the head of a reply, or each time that we have read a piece of its body. */
function timePasses(world: FakeWorld, when: 'after the head' | 'after each piece'): void {
  const { openNetwork } = world.deps;
  const later = (): void => void setImmediate(() => void world.clock.pass(50));
  world.deps.openNetwork = async (options) => {
    const send = await openNetwork(options);
    return async (request) => {
      const reply = await send(request);
      if (when === 'after the head') later();
      return {
        status: reply.status,
        headers: reply.headers,
        discard: () => reply.discard(),
        async read() {
          const piece = await reply.read();
          if (when === 'after each piece') later();
          return piece;
        },
      };
    };
  };
}

describe('the body of a good reply', () => {
  test('that breaks hands over what came and then the break', async () => {
    onChat().reply(200, broken('data: a\n\n'));
    const sent = await send(URL_OF_CHAT);
    expect(sent.body).toBe('data: a\n\n');
    expect(sent.broken).toBeInstanceOf(Error);
    expect(sent.tries).toBe(1);
  });

  test('that stalls ends with the clock of silence', async () => {
    const server = await startServer((response) => void response.write('data: a\n\n'));
    const sent = await send(`${server.baseUrl}/chat`, { timeouts: { idleMs: 50 } });
    expect(sent.body).toBe('data: a\n\n');
    expect(sent.broken).toMatchObject({ kind: 'idle', afterMs: 50 });
    expect(server.requests).toHaveLength(1);
  });

  test('that never begins ends with the clock of the first byte', async () => {
    const world = fakeDeps({ timers: 'by hand' });
    const server = await startServer((response) => response.flushHeaders());
    timePasses(world, 'after the head');
    const sent = await send(`${server.baseUrl}/chat`, { world, timeouts: { firstByteMs: 50 } });
    expect(sent.broken).toBeInstanceOf(TimedOut);
    expect(sent.broken).toMatchObject({ kind: 'first_byte' });
  });

  test('that goes on and on ends with --timeout', async () => {
    const world = fakeDeps({ timers: 'by hand' });
    const server = await startServer((response) => {
      const timer = setInterval(() => response.write(': alive\n\n'), 5);
      response.on('close', () => clearInterval(timer));
    });
    timePasses(world, 'after each piece');
    const sent = await send(`${server.baseUrl}/chat`, { world, timeouts: { totalMs: 100 } });
    expect(sent.broken).toMatchObject({ kind: 'total' });
    expect(sent.body).toContain(': alive');
  });

  test('may come late, as long as it is in time', async () => {
    onChat().delay({ head: 20, body: 40 }).reply(200, 'late');
    const sent = await send(URL_OF_CHAT, { timeouts: { firstByteMs: 5000, idleMs: 5000 } });
    expect(sent).toMatchObject({ error: null, body: 'late', broken: null });
  });
});

describe('an error body that stalls', () => {
  test.each([
    [401, 'auth'],
    [402, 'balance'],
    [429, 'rate_limited'],
    [503, 'outcome_unknown'],
  ])('is given up, and the status speaks: %i', async (status, exit) => {
    const server = await startServer((response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.write('{"error":');
    });
    const sent = await send(`${server.baseUrl}/chat`, { timeouts: { idleMs: 50 } });
    expect(sent.error?.exit).toBe(exit);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a stop', () => {
  test('before the answer leaves a paid outcome unknown', async () => {
    const world = fakeDeps();
    const server = await startServer(() => world.signal('SIGINT'));
    const sent = await send(`${server.baseUrl}/chat`, { world });
    expect(sent.error).toMatchObject({ exit: 'sigint', billed: 'unknown' });
    expect(sent.tries).toBe(1);
  });

  test('before the answer of a free request bought nothing', async () => {
    const world = fakeDeps();
    const server = await startServer(() => world.signal('SIGTERM'));
    const sent = await send(`${server.baseUrl}/chat`, { world, paid: false });
    expect(sent.error).toMatchObject({ exit: 'sigterm', billed: 'no' });
    expect(sent.tries).toBe(1);
  });

  test('before anything was sent sends nothing', async () => {
    const world = fakeDeps();
    world.signal('SIGINT');
    const server = await startServer((response) => void response.end('x'));
    const sent = await send(`${server.baseUrl}/chat`, { world });
    expect(sent.error?.exit).toBe('sigint');
    expect(server.requests).toEqual([]);
  });

  test('in the middle of the body ends it with the signal', async () => {
    const world = fakeDeps();
    const server = await startServer((response) => {
      response.write('data: a\n\n');
      setTimeout(() => world.signal('SIGINT'), 20);
    });
    const sent = await send(`${server.baseUrl}/chat`, { world });
    expect(sent.broken).toMatchObject({ signalName: 'SIGINT' });
  });

  test('in the wait before the next try bought nothing and tries no more', async () => {
    const world = fakeDeps();
    const server = await startServer((response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '5' });
      response.end(envelope('rate_limited'));
    });
    world.deps.clock.sleep = async (_, signal) => {
      world.signal('SIGINT');
      throw signal.reason;
    };
    const sent = await send(`${server.baseUrl}/chat`, { world });
    expect(sent.error).toMatchObject({ exit: 'sigint', billed: 'no' });
    expect(server.requests).toHaveLength(1);
  });
});
