import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { envelope, ORIGIN, onChat, URL_OF_CHAT, useNock } from './mocked.ts';
import { KEY, send } from './send.ts';

useNock();

describe('a reply', () => {
  test.each([200, 201, 202])(
    'with status %i is handed over with its body and id',
    async (status) => {
      onChat().reply(status, 'hello', { 'x-request-id': 'req-1' });
      const sent = await send(URL_OF_CHAT);
      expect(sent).toMatchObject({
        error: null,
        status,
        body: 'hello',
        requestId: 'req-1',
        tries: 1,
      });
      expect(sent.notes.map((note) => note.type)).toEqual(['sending', 'answered']);
    },
  );

  test('without a body is empty', async () => {
    onChat().reply(204, undefined, { 'x-gateway-request-id': 'gw-1' });
    expect(await send(URL_OF_CHAT)).toMatchObject({ error: null, body: '', requestId: 'gw-1' });
  });

  test('is asked for with the given method, headers and body', async () => {
    nock(ORIGIN, {
      reqheaders: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    })
      .post('/v1/chat/completions', { model: 'm' })
      .reply(200, 'x');
    nock(ORIGIN).get('/v1/models').reply(200, 'y');
    expect((await send(URL_OF_CHAT)).body).toBe('x');
    expect((await send(`${ORIGIN}/v1/models`, { paid: false })).body).toBe('y');
  });
});

describe('an error status', () => {
  test.each([
    [400, 'invalid_request', 'rejected', 'no'],
    [401, 'invalid_api_key', 'auth', 'no'],
    [402, 'insufficient_balance', 'balance', 'no'],
    [403, 'forbidden', 'forbidden', 'no'],
    [404, 'model_not_found', 'not_found', 'no'],
    [400, 'upstream_content_violation', 'refused', 'no'],
    [422, 'bad', 'rejected', 'no'],
    [500, 'server_error', 'upstream', 'no'],
    [504, 'upstream_error', 'upstream', 'no'],
  ] as const)('%i %s is %s, asked once', async (status, code, exit, billed) => {
    onChat().reply(status, envelope(code), { 'x-request-id': 'req-header' });
    const { error, tries, notes } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({
      exit,
      billed,
      message: `it is ${code}`,
      details: { status, code, requestId: 'req-body' },
    });
    expect(tries).toBe(1);
    expect(notes).toContainEqual(
      expect.objectContaining({ type: 'answered', status, requestId: 'req-header' }),
    );
  });

  test('from somebody in between leaves a paid outcome unknown', async () => {
    onChat().reply(502, '<html><title>502 Bad Gateway</title></html>', { 'x-request-id': 'r' });
    const { error, tries } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({
      exit: 'outcome_unknown',
      billed: 'unknown',
      details: { status: 502, requestId: 'r' },
    });
    expect(error?.message).toContain('502 Bad Gateway');
    expect(tries).toBe(1);
  });

  test('without a body still names the status', async () => {
    onChat().reply(403);
    const { error } = await send(URL_OF_CHAT);
    expect(error?.message).toContain('403');
  });
});

describe('sending again', () => {
  test('waits as long as Retry-After says, and then takes the answer', async () => {
    onChat().reply(429, envelope('rate_limited'), { 'retry-after': '7' });
    onChat().reply(503, envelope('all_providers_failed'), {
      'retry-after': 'Sun, 22 Nov 2026 12:00:37 GMT',
    });
    onChat().reply(200, 'at last');
    const sent = await send(URL_OF_CHAT);
    expect(sent).toMatchObject({ error: null, body: 'at last', tries: 3, sleeps: [7000, 30_000] });
    expect(sent.notes.filter((note) => note.type === 'retrying')).toMatchObject([
      { attempt: 2, waitMs: 7000, reason: { exit: 'rate_limited' } },
      { attempt: 3, waitMs: 30_000, reason: { exit: 'upstream' } },
    ]);
  });

  test('waits half a second to eight without Retry-After', async () => {
    onChat().times(2).reply(429, envelope('rate_limited'));
    onChat().reply(200, 'ok');
    const { sleeps } = await send(URL_OF_CHAT);
    expect(sleeps).toHaveLength(2);
    for (const ms of sleeps) expect(ms >= 500 && ms <= 8000).toBe(true);
  });

  test('ends after three tries with the last error', async () => {
    onChat().times(3).reply(429, envelope('rate_limited'), { 'retry-after': '1' });
    const { error, tries, sleeps } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({ exit: 'rate_limited', billed: 'no', retryable: true });
    expect(error?.message).toContain('3 tries');
    expect([tries, sleeps]).toEqual([3, [1000, 1000]]);
  });

  test('keeps the message within 500 characters, tries included', async () => {
    const long = JSON.stringify({ error: { message: 'x'.repeat(2000) } });
    onChat().times(3).reply(429, long);
    expect((await send(URL_OF_CHAT)).error?.message.length).toBeLessThanOrEqual(500);
  });

  test('does not happen when Retry-After is above the cap, and tells it', async () => {
    onChat().reply(429, envelope('rate_limited'), { 'retry-after': '61' });
    const { error, tries } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({ exit: 'rate_limited', details: { retryAfterMs: 61_000 } });
    expect(tries).toBe(1);
    onChat().reply(429, envelope('rate_limited'), { 'retry-after': '61' });
    onChat().reply(200, 'ok');
    expect(await send(URL_OF_CHAT, { maxRetryWaitMs: 61_000 })).toMatchObject({ tries: 2 });
  });

  test.each([429, 503])(
    'a paid request happens only on the gateway’s word: bare %i',
    async (status) => {
      onChat().reply(status, 'try later', { 'retry-after': '1' });
      const { error, tries } = await send(URL_OF_CHAT);
      expect(error?.exit).toBe(status === 429 ? 'rate_limited' : 'outcome_unknown');
      expect(tries).toBe(1);
    },
  );

  test.each([408, 425, 429, 500, 502, 503, 504])('a free request happens on %i', async (status) => {
    nock(ORIGIN).get('/v1/models').reply(status, 'no');
    nock(ORIGIN).get('/v1/models').reply(200, 'list');
    expect(await send(`${ORIGIN}/v1/models`, { paid: false })).toMatchObject({
      body: 'list',
      tries: 2,
    });
  });
});
