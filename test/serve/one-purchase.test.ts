/** Clients that leave and come back: each request is bought once. */
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { worldAt } from '../helpers/ask.ts';
import type { FakeClock } from '../helpers/fake-clock.ts';
import {
  chunk,
  goodStream,
  sendError,
  sendStream,
  startServer,
  type TestServer,
} from '../helpers/server.ts';
import { hello, raw, type ServedProxy, send, startProxy, type Wish } from '../helpers/serving.ts';

interface Late extends ServedProxy {
  server: TestServer;
  clock: FakeClock;
  /** The replies that the gateway has not sent yet, in the order of their requests. */
  open: ServerResponse[];
  /** Resolves when the gateway has so many requests. */
  requests(count: number): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !isTrue(); tries += 1) await turn();
  expect(isTrue()).toBe(true);
}

/** In front of a gateway that answers when the test says so. */
async function late(...argv: string[]): Promise<Late> {
  const open: ServerResponse[] = [];
  const server = await startServer((response) => void open.push(response));
  const world = worldAt(server, { timers: 'by hand' });
  const proxy = await startProxy(world, ...argv);
  return {
    ...proxy,
    server,
    clock: world.clock,
    open,
    requests: (count) => until(() => open.length >= count),
  };
}

/** Sends it, and leaves when the gateway has it. */
async function leave(at: Late, wish: Wish, count = at.open.length + 1): Promise<void> {
  const gone = new AbortController();
  const sending = send(at, { ...wish, signal: gone.signal }).catch(() => null);
  await at.requests(count);
  gone.abort();
  await sending;
  // Its close has come when this request was answered.
  await send(at, { path: '/healthz' });
  await turn();
}

const retry = (count: number): Record<string, string> => ({
  'x-stainless-retry-count': String(count),
});
const json = { body: hello() };
const stream = { body: hello({ stream: true }) };

describe('a client with retries, and a late reply', () => {
  test.each([
    ['without a stream', json],
    ['with a stream', stream],
  ])('buys once: %s', async (_name, wish) => {
    const at = await late();
    await leave(at, wish);
    const second = new AbortController();
    const trying = send(at, { ...wish, headers: retry(1), signal: second.signal }).catch(
      () => null,
    );
    await turn();
    await send(at, { path: '/healthz' });
    second.abort();
    await trying;
    await turn();
    const third = send(at, { ...wish, headers: retry(2) });
    await turn();
    sendStream(at.open[0] as ServerResponse, goodStream());
    const reply = await third;
    expect(reply.status).toBe(200);
    expect(reply.body).toContain('Hello');
    expect(at.server.requests).toHaveLength(1);
    expect(at.world.ledger()).toHaveLength(2);
  });

  test('gets the reply that came meanwhile, once', async () => {
    const at = await late();
    await leave(at, json);
    sendStream(at.open[0] as ServerResponse, goodStream());
    await until(() => at.world.ledger().length === 2);
    const reply = await send(at, { ...json, headers: retry(1) });
    expect(reply.headers['x-alltoken-cost']).toBe('0.0000188000');
    const another = send(at, { ...json, headers: retry(1) });
    await at.requests(2);
    sendStream(at.open[1] as ServerResponse, goodStream('again'));
    expect((await another).body).toContain('again');
  });

  test('is not given the reply of another one with the same prompt', async () => {
    const at = await late();
    const first = send(at, json);
    await at.requests(1);
    // A retry, but the client of the running call has not left.
    const second = send(at, { ...json, headers: retry(1) });
    await at.requests(2);
    for (const response of at.open) sendStream(response, goodStream());
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(at.server.requests).toHaveLength(2);
  });

  test('without a retry count buys again', async () => {
    const at = await late();
    await leave(at, json);
    const second = send(at, json);
    await at.requests(2);
    for (const response of at.open) sendStream(response, goodStream());
    expect((await second).status).toBe(200);
  });

  test('buys again after an error that bought nothing', async () => {
    const at = await late();
    await leave(at, json);
    sendError(at.open[0] as ServerResponse, 503, 'all_providers_failed');
    await until(() => at.world.ledger().length === 2);
    const second = send(at, { ...json, headers: retry(1) });
    await at.requests(2);
    sendStream(at.open[1] as ServerResponse, goodStream());
    expect((await second).status).toBe(200);
  });

  test('is told of a reply that broke off while nobody waited for it, and does not buy again', async () => {
    const at = await late();
    await leave(at, stream);
    const gateway = at.open[0] as ServerResponse;
    gateway.writeHead(200, { 'content-type': 'text/event-stream' });
    gateway.write(goodStream().slice(0, 200));
    await turn();
    gateway.destroy();
    await until(() => at.world.ledger().length === 2);
    const reply = await send(at, { ...stream, headers: retry(1) });
    expect(reply.status).toBe(504);
    expect(reply.headers).toMatchObject({
      'x-should-retry': 'false',
      'x-alltoken-billed': 'unknown',
    });
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'outcome_unknown' } });
    expect(at.server.requests).toHaveLength(1);
  });

  test('buys again after ten minutes', async () => {
    const at = await late();
    await leave(at, json);
    sendStream(at.open[0] as ServerResponse, goodStream());
    await until(() => at.world.ledger().length === 2);
    await at.clock.pass(11 * 60_000);
    const second = send(at, { ...json, headers: retry(1) });
    await at.requests(2);
    sendStream(at.open[1] as ServerResponse, goodStream());
    expect((await second).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  const named = { ...json, headers: { 'idempotency-key': 'order-1' } };

  test('is one purchase: while it runs, and afterwards', async () => {
    const at = await late();
    const both = [send(at, named), send(at, named)];
    await at.requests(1);
    await turn();
    sendStream(at.open[0] as ServerResponse, goodStream());
    const replies = [...(await Promise.all(both)), await send(at, named)];
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    expect(new Set(replies.map(({ headers }) => headers['x-alltoken-call'])).size).toBe(1);
    expect(at.server.requests).toHaveLength(1);
  });

  test('gives back a stream byte for byte, from its begin', async () => {
    const at = await late();
    const wish = {
      ...named,
      body: hello({ stream: true, stream_options: { include_usage: true } }),
    };
    let hasBegun = false;
    const first = send(at, {
      ...wish,
      onData: () => {
        hasBegun = true;
      },
    });
    await at.requests(1);
    const response = at.open[0] as ServerResponse;
    const bytes = goodStream('Hello you');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(bytes.slice(0, 200));
    await until(() => hasBegun);
    const second = send(at, wish);
    await turn();
    response.end(bytes.slice(200));
    expect((await first).body).toBe(bytes);
    expect((await second).body).toBe(bytes);
    expect((await send(at, wish)).body).toBe(bytes);
    expect(at.server.requests).toHaveLength(1);
  });

  test('with another body is 409', async () => {
    const at = await late();
    const first = send(at, named);
    await at.requests(1);
    const other = await send(at, { ...named, body: hello({ temperature: 1 }) });
    expect(other).toMatchObject({ status: 409, json: { error: { code: 'idempotency_conflict' } } });
    sendStream(at.open[0] as ServerResponse, goodStream());
    await first;
  });

  test('of an error that bought nothing may be used again; a lost reply is given as it was', async () => {
    const at = await late();
    const first = send(at, named);
    await at.requests(1);
    sendError(at.open[0] as ServerResponse, 429, 'rate_limited');
    expect((await first).status).toBe(429);
    const second = send(at, named);
    await at.requests(2);
    (at.open[1] as ServerResponse).destroy();
    expect((await second).status).toBe(504);
    expect((await send(at, named)).status).toBe(504);
    expect(at.server.requests).toHaveLength(2);
  });

  test('whose reply was too large to keep is 409, and not bought again', async () => {
    const at = await late();
    const first = send(at, named);
    await at.requests(1);
    const long = goodStream('x'.repeat(9 * 1024 * 1024));
    sendStream(at.open[0] as ServerResponse, long);
    expect((await first).status).toBe(200);
    const again = await send(at, named);
    expect(again).toMatchObject({ status: 409, json: { error: { code: 'reply_gone' } } });
    expect(again.headers['x-should-retry']).toBe('false');
  });
});

describe('a client that leaves for good', () => {
  const outcome = (at: Late) => at.world.ledger().find(({ event }) => event === 'outcome');
  const isClosed = (response: ServerResponse | undefined): boolean => response?.closed === true;

  test('before a first byte: a stream is cancelled after 15 s', async () => {
    const at = await late();
    await leave(at, stream);
    await at.clock.pass(14_999);
    expect(isClosed(at.open[0])).toBe(false);
    await at.clock.pass(1);
    await until(() => isClosed(at.open[0]));
    await until(() => outcome(at) !== undefined);
    expect(outcome(at)).toMatchObject({ billed: 'unknown', cost: { amount: null } });
  });

  test('after it: a stream is cancelled at once, or drained with --on-disconnect', async () => {
    for (const how of ['cancel', 'drain'] as const) {
      const at = await late('--on-disconnect', how);
      const gone = new AbortController();
      const wish = { ...stream, signal: gone.signal, onData: () => gone.abort() };
      const sending = send(at, wish).catch(() => null);
      await at.requests(1);
      const response = at.open[0] as ServerResponse;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'Hel' }));
      await sending;
      if (how === 'drain') response.end(goodStream());
      await until(() => outcome(at) !== undefined);
      expect(outcome(at)).toMatchObject(
        how === 'drain'
          ? { billed: 'yes', cost: { amount: '0.0000188000' } }
          : { billed: 'unknown', cost: { amount: null } },
      );
      if (how === 'cancel') await until(() => isClosed(response));
    }
  });

  test('without a stream: its call is drained, and its cost known', async () => {
    const at = await late();
    await leave(at, json);
    await at.clock.pass(60_000);
    sendStream(at.open[0] as ServerResponse, goodStream());
    await until(() => outcome(at) !== undefined);
    expect(outcome(at)).toMatchObject({ billed: 'yes', cost: { amount: '0.0000188000' } });
  });

  test('is waited for at SIGTERM, for 10 s', async () => {
    const at = await late();
    await leave(at, json);
    const ending = at.stop();
    await turn();
    expect(outcome(at)).toBeUndefined();
    await at.clock.pass(10_000);
    await until(() => outcome(at) !== undefined);
    expect(outcome(at)).toMatchObject({ billed: 'unknown', cost: { amount: null } });
    await at.clock.pass(2000);
    expect(await ending).toBe(143);
    await until(() => isClosed(at.open[0]));
  });

  test('whose request never comes whole: SIGTERM ends it, too', async () => {
    const at = await late();
    const head = ['POST /v1/chat/completions HTTP/1.1', `Host: 127.0.0.1:${at.port}`];
    const more = [`Authorization: Bearer ${at.token}`, 'Content-Type: application/json'];
    const lines = [...head, ...more, 'Content-Length: 100', '', '{'];
    const reply = raw(at.port, lines.join('\r\n'));
    await send(at, { path: '/healthz' });
    await turn();
    const ending = at.stop();
    await turn();
    await at.clock.pass(12_000);
    expect(await ending).toBe(143);
    expect(await reply).toBe('');
  });

  test('after [DONE], as the OpenAI clients do: the cost is still read', async () => {
    const at = await late();
    const gone = new AbortController();
    const sending = send(at, {
      ...stream,
      signal: gone.signal,
      onData: (text) => text.includes('[DONE]') && gone.abort(),
    }).catch(() => null);
    await at.requests(1);
    const response = at.open[0] as ServerResponse;
    const [answer, cost] = goodStream().split(/(?<=\[DONE\]\n\n)/);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(answer);
    await sending;
    await turn();
    response.end(cost);
    await until(() => outcome(at) !== undefined);
    expect(outcome(at)).toMatchObject({ billed: 'yes', cost: { amount: '0.0000188000' } });
  });
});
