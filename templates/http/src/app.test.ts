/** The routes, on a model that is played. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { script } from 'alltoken-cli/testing';
import { createAgent } from './agent.js';
import { createApp } from './app.js';

// The ledger of a test is its own.
const home = mkdtempSync(join(tmpdir(), 'app-test-'));
process.env.ALLTOKEN_HOME = home;
after(() => rmSync(home, { recursive: true, force: true }));

type Steps = Parameters<typeof script>[0];

interface Reply {
  status: number;
  body: {
    sessionId: string;
    response: string;
    history: { role: string; content: string }[];
    error: { code: string };
  };
}

/** Runs `work` with a function that posts to a server whose model plays these steps. */
async function serving(
  steps: Steps,
  work: (post: (body: unknown, signal?: AbortSignal) => Promise<Reply>) => Promise<void>,
): Promise<void> {
  const model = await script(steps);
  const { app, abort } = createApp(() => createAgent({ baseURL: model.baseURL, apiKey: 'test' }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await work(async (body, signal) => {
      const reply = await fetch(`http://127.0.0.1:${port}/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal && { signal }),
      });
      return { status: reply.status, body: (await reply.json()) as Reply['body'] };
    });
  } finally {
    await abort();
    server.closeAllConnections();
    server.close();
    await model.close();
  }
}

test('a session goes on under its id, and another one knows nothing of it', () =>
  serving([{ text: 'one' }, { text: 'two' }, { text: 'three' }], async (post) => {
    const first = await post({ message: 'Hello' });
    assert.equal(first.body.response, 'one');
    assert.match(first.body.sessionId, /^[0-9a-f-]{36}$/);
    const { sessionId } = first.body;
    const second = await post({ sessionId, message: 'And?' });
    assert.deepEqual(second.body.history.map(({ content }) => content).slice(1), [
      'Hello',
      'one',
      'And?',
      'two',
    ]);
    const other = await post({ sessionId: 'alice', message: 'Hello' });
    assert.equal(other.body.history.length, 3);
  }));

test('a second message while the first is answered is 409', () =>
  serving([{ text: 'one' }, { text: 'two' }], async (post) => {
    const message = { sessionId: 'a', message: 'Hello' };
    const replies = await Promise.all([post(message), post(message)]);
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409]);
  }));

test('what is wrong with a request is said as JSON', () =>
  serving([], async (post) => {
    for (const [body, status, code] of [
      [{}, 400, 'bad_message'],
      [{ message: ' ' }, 400, 'bad_message'],
      [{ message: 'Hello', sessionId: '../a' }, 400, 'bad_session'],
      ['{', 400, 'entity.parse.failed'],
      [{ message: 'x'.repeat(300_000) }, 413, 'entity.too.large'],
    ] as const) {
      const reply = await post(body);
      assert.deepEqual([reply.status, reply.body.error.code], [status, code]);
    }
  }));

test('a gateway that refuses is 502, with its code', () =>
  serving(
    [{ error: { status: 401, code: 'invalid_api_key', message: 'Invalid API key' } }],
    async (post) => {
      const { status, body } = await post({ message: 'Hello' });
      assert.deepEqual([status, body.error.code], [502, 'invalid_api_key']);
    },
  ));

test('a client that leaves frees its session', () =>
  serving([{ text: 'one' }, { text: 'two' }], async (post) => {
    const leave = new AbortController();
    const left = post({ sessionId: 'a', message: 'Hello' }, leave.signal);
    leave.abort();
    await assert.rejects(left);
    let reply = await post({ sessionId: 'a', message: 'Hello' });
    for (let tries = 0; reply.status === 409 && tries < 500; tries += 1) {
      await setTimeout(20);
      reply = await post({ sessionId: 'a', message: 'Hello' });
    }
    assert.equal(reply.status, 200);
  }));
