import { describe, expect, test } from 'vitest';
import { play } from '../helpers/gateways.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const chat = 'POST /v1/chat/completions';
const limits = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0' };
const limited = (headers: Record<string, string>) => ({
  status: 429,
  headers: { ...limits, ...headers },
  json: { error: { code: 'rate_limited', message: 'Slow down' } },
});

describe('a limit of requests', () => {
  test.each([
    ['seconds from now', '7', 7000],
    ['seconds since 1970', String(now / 1000 + 9), 9000],
    ['milliseconds since 1970', String(now + 11_000), 11_000],
    ['a time that is over', String(now / 1000 - 5), 500],
  ])('is waited for where its end is given in %s', async (_unit, reset, waitMs) => {
    const headers = { 'x-ratelimit-reset': reset };
    const { run, world, server } = await play('altllm', { [chat]: [limited(headers), 'chat.sse'] });
    expect(await run('chat', '-g', 'altllm', 'Hi'), world.err()).toBe(0);
    expect(world.sleeps).toEqual([waitMs]);
    expect(server.requests).toHaveLength(2);
    expect(world.out()).toBe('Good day\n');
  });

  test('ends when Retry-After says, where both are told', async () => {
    const headers = { 'x-ratelimit-reset': '40', 'retry-after': '3' };
    const { run, world } = await play('altllm', { [chat]: [limited(headers), 'chat.sse'] });
    expect(await run('chat', '-g', 'altllm', 'Hi')).toBe(0);
    expect(world.sleeps).toEqual([3000]);
  });

  test.each(['soon', '-4', '1e99', ''])(
    'whose end is sent as "%s" is waited for',
    async (reset) => {
      const headers = { 'x-ratelimit-reset': reset };
      const { run, world } = await play('altllm', { [chat]: [limited(headers), 'chat.sse'] });
      expect(await run('chat', '-g', 'altllm', 'Hi')).toBe(0);
      expect(world.sleeps).toEqual([1250]);
    },
  );

  test('that lasts longer than we wait is 30, and says how long', async () => {
    const headers = { 'x-ratelimit-reset': '300' };
    const { run, world, server } = await play('altllm', { [chat]: limited(headers) });
    expect(await run('chat', '-g', 'altllm', 'Hi')).toBe(30);
    expect([world.sleeps, server.requests.length]).toEqual([[], 1]);
    expect(world.err()).toContain('hint: wait 300 s, then run the same command again');
    expect(world.err()).toContain('--max-retry-wait 300');
  });

  test('says nothing about a request that was served', async () => {
    const answer = {
      headers: { ...limits, 'x-ratelimit-reset': '50', 'content-type': 'text/event-stream' },
      file: 'chat.sse',
    };
    const { run, world } = await play('altllm', { [chat]: answer });
    expect(await run('chat', '-g', 'altllm', 'Hi')).toBe(0);
    expect(world.sleeps).toEqual([]);
  });
});
