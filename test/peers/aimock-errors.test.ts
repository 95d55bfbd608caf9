import { describe, expect, test } from 'vitest';
import { chatting, posts, startAimock } from './aimock.ts';
import { errorOf, peerWorld, runAt } from './peer.ts';

const hello = chatting({ content: 'Hello from far away' });

function failing(status: number, code?: string, retryAfter?: number) {
  const error = { message: `it is ${status}`, type: 'api_error', ...(code ? { code } : {}) };
  return chatting({ error, status, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

async function ask(fixture = hello, flags: string[] = [], env: Record<string, string> = {}) {
  const mock = await startAimock([fixture]);
  const world = peerWorld('openai', `${mock.url}/v1`, { env });
  const code = await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', ...flags, 'Hi');
  return { mock, world, code };
}

describe('aimock /v1', () => {
  describe('errors', () => {
    test('a wrong key is told once', async () => {
      const { mock, world, code } = await ask(hello, [], { PEER_KEY: 'sk-peer-another' });
      expect(code).toBe(21);
      expect(errorOf(world)).toMatchObject({
        code: 'invalid_api_key',
        message: 'Invalid API key',
        status: 401,
        billed: 'no',
        retryable: false,
      });
      expect(mock.getRequests()).toEqual([]);
      expect(world.sleeps).toEqual([]);
    });

    test.each([
      [400, undefined, 25, 'no'],
      [400, 'content_policy_violation', 26, 'no'],
      [402, 'insufficient_balance', 22, 'no'],
      [403, undefined, 23, 'no'],
      [404, 'model_not_found', 24, 'no'],
      [422, undefined, 25, 'no'],
      [500, undefined, 31, 'no'],
      [502, 'upstream_error', 31, 'no'],
    ])('%i %s exits %i and is not repeated', async (status, slug, exit, billed) => {
      const { mock, world, code } = await ask(failing(status, slug));
      expect(code).toBe(exit);
      expect(errorOf(world)).toMatchObject({ message: `it is ${status}`, status, billed });
      expect(errorOf(world).code).toBe(slug ?? null);
      expect(posts(mock)).toEqual([status]);
    });

    test('a model that is not there is 404, and its slug is shown', async () => {
      const mock = await startAimock([{ match: { model: 'm1' }, response: { content: '' } }]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'm2', 'Hi')).toBe(24);
      expect(world.err()).toMatch(/^alltoken: .* \[not_found code=no_fixture_match/m);
    });

    test('429 is repeated after its Retry-After, then given up', async () => {
      const { mock, world, code } = await ask(failing(429, 'rate_limit_exceeded', 7));
      expect(code).toBe(30);
      expect(posts(mock)).toEqual([429, 429, 429]);
      expect(world.sleeps).toEqual([7000, 7000]);
      expect(errorOf(world)).toMatchObject({ retryable: true, billed: 'no' });
    });

    test('429 with a long Retry-After is not waited for', async () => {
      const { mock, world, code } = await ask(failing(429, undefined, 3600));
      expect(code).toBe(30);
      expect(posts(mock)).toEqual([429]);
      expect(world.sleeps).toEqual([]);
    });

    test('429 once, then an answer', async () => {
      const mock = await startAimock([hello]);
      mock.nextRequestError(429, { message: 'slow down', type: 'rate_limit_error' });
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({ text: 'Hello from far away', attempts: 2 });
      expect(posts(mock)).toEqual([429, 200]);
    });

    test('503 of the server itself is repeated', async () => {
      const mock = await startAimock([], { strict: true });
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', 'Hi')).toBe(31);
      expect(posts(mock)).toEqual([503, 503, 503]);
    });

    test('a path that it does not serve is 404', async () => {
      const mock = await startAimock();
      const world = peerWorld('openai', `${mock.url}/v9`);
      expect(await runAt(world, 'models', '--json')).toBe(24);
      expect(errorOf(world).message).toBeTruthy();
    });
  });

  describe('faults', () => {
    test('a stream cut in the middle keeps what came', async () => {
      const { mock, world, code } = await ask({ ...hello, latency: 20, truncateAfterChunks: 3 });
      expect(code).toBe(40);
      const { text } = world.json() as { text: string };
      expect(text.length).toBeGreaterThan(0);
      expect('Hello from far away'.startsWith(text)).toBe(true);
      expect(errorOf(world)).toMatchObject({ billed: 'unknown', retryable: false });
      expect(posts(mock)).toEqual([200]);
    });

    test('a connection dropped while the answer is slow is not asked again', async () => {
      const slow = { latency: 40, disconnectAfterMs: 100 };
      const { mock, code } = await ask({ ...hello, ...slow });
      expect(code).toBe(40);
      expect(posts(mock)).toEqual([200]);
    });

    test('a connection dropped before a word came: nobody knows what was bought', async () => {
      const slow = { latency: 5000, disconnectAfterMs: 50 };
      const { mock, world, code } = await ask({ ...hello, ...slow });
      expect(code).toBe(46);
      expect(errorOf(world)).toMatchObject({ billed: 'unknown', retryable: false });
      expect(posts(mock)).toEqual([200]);
    });

    test.each([
      ['disconnect', { disconnectRate: 1 }, 46, 'unknown'],
      ['malformed', { malformedRate: 1 }, 41, 'unknown'],
      ['drop', { dropRate: 1 }, 31, 'no'],
    ])('%s: one request, exit by what is known', async (_fault, chaos, exit, billed) => {
      const { mock, world, code } = await ask({ ...hello, chaos });
      expect(code).toBe(exit);
      expect(errorOf(world)).toMatchObject({ billed });
      expect(posts(mock)).toHaveLength(1);
    });

    test('a rate limit by chance is a rate limit', async () => {
      const { mock, world, code } = await ask({ ...hello, chaos: { rateLimitRate: 1 } });
      expect(code).toBe(30);
      expect(errorOf(world)).toMatchObject({ code: 'chaos_ratelimit', status: 429 });
      expect(posts(mock)).toEqual([429, 429, 429]);
    });

    test('a head that does not come in time', async () => {
      const late = { ...hello, chaos: { latencyMs: 5000 } };
      const { world, code } = await ask(late, ['--first-byte-timeout', '0.2']);
      expect(code).toBe(46);
      expect(errorOf(world)).toMatchObject({ code: 'first_byte_timeout', billed: 'unknown' });
    });

    test('silence in the middle of an answer', async () => {
      const halting = { ...hello, recordedTimings: { ttftMs: 0, interChunkDelaysMs: [0, 5000] } };
      const { world, code } = await ask(halting as typeof hello, ['--idle-timeout', '0.3']);
      expect(code).toBe(40);
      expect(errorOf(world)).toMatchObject({ billed: 'unknown' });
      expect(world.json().text).toBe('Hello');
    });
  });
});
