import { describe, expect, test } from 'vitest';
import {
  answerWell,
  ask,
  chat,
  cutStream,
  envelope,
  errLines,
  events,
  inTurn,
  lostReply,
  whole,
  worldAt,
} from '../../helpers/ask.ts';
import { chunk, startServer } from '../../helpers/server.ts';

const busy = envelope(429, 'rate_limited');
const noProvider = envelope(503, 'all_providers_failed');

describe('chat sends again', () => {
  test.each([
    ['a 429', busy],
    ['a 503 in the envelope', noProvider],
  ])('after %s, and the second answer counts', async (_what, reply) => {
    const { code, server, world } = await ask(inTurn(reply, answerWell), ['Hi', '--json']);
    expect(code).toBe(0);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.body).toBe(server.requests[0]?.body);
    expect(world.json()).toMatchObject({ ok: true, attempts: 2, text: 'Hello wörld' });
    expect(world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome']);
    expect(world.ledger()[1]).toMatchObject({ exit: 0, billed: 'yes', attempts: 2 });
  });

  test('and says so on stderr and in --jsonl', async () => {
    const { world } = await ask(inTurn(busy, noProvider, answerWell));
    const retries = errLines(world).filter((line) => line.startsWith('retry: '));
    expect(retries).toHaveLength(2);
    expect(retries[0]).toMatch(/it is rate_limited.*try 2.* in \d+\.\d s$/);
    expect(retries[1]).toMatch(/it is all_providers_failed.*try 3/);
    const lines = await ask(inTurn(busy, answerWell), ['Hi', '--jsonl']);
    expect(events(lines.world)[1]).toMatchObject({
      type: 'retry',
      attempt: 2,
      model: 'gpt-5.4-mini',
      wait_ms: expect.any(Number),
    });
  });

  test('after a random wait of 0.5 to 8 s that grows', async () => {
    const server = await startServer(busy);
    const world = worldAt(server);
    for (const random of [0, 0.999999]) {
      world.deps.random = () => random;
      expect(await chat(world, 'Hi')).toBe(30);
    }
    const [low1 = 0, low2 = 0, high1 = 0, high2 = 0] = world.sleeps;
    expect([low1, low2]).toEqual([500, 500]);
    expect(high1).toBeGreaterThan(1000);
    expect(high2).toBeGreaterThan(high1);
    expect(high2).toBeLessThanOrEqual(8000);
  });

  test.each([
    ['3', 3000],
    ['60', 60_000],
    ['0', 500],
    ['Sun, 22 Nov 2026 12:00:07 GMT', 7000],
    ['Sun, 22 Nov 2026 11:59:00 GMT', 500],
  ])('after the Retry-After %s that the gateway asks for', async (value, ms) => {
    const { code, world } = await ask(
      inTurn(envelope(429, 'rate_limited', { 'retry-after': value }), answerWell),
    );
    expect(code).toBe(0);
    expect(world.sleeps).toEqual([ms]);
  });

  test.each(['soon', '-1', ''])('after a wait of its own when Retry-After is %j', async (value) => {
    const { code, world } = await ask(
      inTurn(envelope(429, 'rate_limited', { 'retry-after': value }), answerWell),
    );
    expect(code).toBe(0);
    expect(world.sleeps[0]).toBeGreaterThanOrEqual(500);
    expect(world.sleeps[0]).toBeLessThanOrEqual(8000);
  });

  test('within --timeout, which is for everything, or not at all', async () => {
    const reply = envelope(429, 'rate_limited', { 'retry-after': '5' });
    const { code, world } = await ask(reply, ['--timeout', '1', 'Hi']);
    expect([30, 33]).toContain(code);
    expect(world.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1000);
  });

  test('after a longer Retry-After when --max-retry-wait allows it', async () => {
    const reply = inTurn(envelope(429, 'rate_limited', { 'retry-after': '90' }), answerWell);
    const { code, world } = await ask(reply, ['--max-retry-wait', '90', 'Hi']);
    expect(code).toBe(0);
    expect(world.sleeps).toEqual([90_000]);
  });

  test('not at all with --max-retry-wait 0 and a Retry-After', async () => {
    const reply = envelope(429, 'rate_limited', { 'retry-after': '1' });
    const { code, server } = await ask(reply, ['--max-retry-wait', '0', 'Hi']);
    expect(code).toBe(30);
    expect(server.requests).toHaveLength(1);
  });
});

describe('chat never sends again', () => {
  const page = whole(503, 'text/html', '<html><title>Unavailable</title></html>');
  test.each([
    ['a lost connection', lostReply],
    ['a 503 of some proxy', page],
    ['a 429 page of some proxy', whole(429, 'text/html', '<html><title>Slow</title></html>')],
    ['a 500 in the envelope', envelope(500, 'server_error')],
    ['a 408', envelope(408, 'timeout')],
    ['the first word', cutStream(chunk({ content: 'Once' }))],
    ['nothing but a head', cutStream(': hello\n\n')],
    [
      'an error event before any word',
      whole(
        200,
        'text/event-stream',
        'data: {"error":{"code":"rate_limited","message":"busy"}}\n\n',
      ),
    ],
  ])('after %s', async (_what, reply) => {
    const { code, server, world } = await ask(inTurn(reply, answerWell));
    expect(code).not.toBe(0);
    expect(server.requests).toHaveLength(1);
    expect(world.sleeps).toEqual([]);
  });
});
