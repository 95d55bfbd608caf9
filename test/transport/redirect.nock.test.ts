import type { ServerResponse } from 'node:http';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { startServer } from '../helpers/server.ts';
import { envelope, ORIGIN, onChat, URL_OF_CHAT, useNock } from './mocked.ts';
import { KEY, send } from './send.ts';

useNock();

const statuses = [301, 302, 303, 307, 308];

describe('a redirect', () => {
  test.each(statuses)('with %i is refused and nothing is sent to its target', async (status) => {
    const target = nock('https://elsewhere.test');
    target.post('/v1/chat').reply(200, 'stolen');
    target.get('/v1/chat').reply(200, 'stolen');
    onChat().reply(status, 'moved', { location: 'https://elsewhere.test/v1/chat?token=abc' });
    const { error, tries } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({ exit: 'protocol', details: { status } });
    expect(error?.message).toContain('https://elsewhere.test');
    expect(error?.message).not.toContain('abc');
    expect(tries).toBe(1);
    expect(target.pendingMocks()).toHaveLength(2);
    nock.cleanAll();
  });

  test.each(statuses)('with %i between real servers takes no key along', async (status) => {
    const target = await startServer((response) => void response.end('stolen'));
    const redirect = (response: ServerResponse) =>
      void response.writeHead(status, { location: `${target.baseUrl}/models` }).end();
    const first = await startServer(redirect);
    for (const paid of [true, false]) {
      const { error, tries } = await send(`${first.baseUrl}/models`, { paid });
      expect(error?.exit).toBe('protocol');
      expect(tries).toBe(1);
    }
    expect(first.requests).toHaveLength(2);
    expect(target.requests).toEqual([]);
  });

  test('to another path of the same host is refused too', async () => {
    onChat().reply(308, '', { location: '/v2/chat/completions' });
    const { error } = await send(URL_OF_CHAT);
    expect(error?.exit).toBe('protocol');
    expect(error?.message).toContain(ORIGIN);
  });

  test.each([
    ['without a target', {}],
    ['with a broken target', { location: 'http://[' }],
    ['with the key in its target', { location: `https://${KEY}@elsewhere.test/${KEY}` }],
  ])('%s is told in words', async (_, headers) => {
    onChat().reply(307, 'moved', headers as Record<string, string>);
    const { error } = await send(URL_OF_CHAT);
    expect(error?.exit).toBe('protocol');
    expect(error?.message).not.toMatch(/undefined|null|\[object/);
    expect(error?.message).not.toContain(KEY);
  });

  test('stays a redirect whatever error its body claims', async () => {
    onChat().reply(302, envelope('invalid_api_key'), { location: '/login' });
    expect((await send(URL_OF_CHAT)).error?.exit).toBe('protocol');
  });

  test('304 is no answer either, and no redirect', async () => {
    onChat().reply(304);
    const { error } = await send(URL_OF_CHAT);
    expect(error).toMatchObject({
      exit: 'protocol',
      details: { status: 304, code: 'not_modified' },
    });
    expect(error?.message).toContain('304');
    expect(error?.message).not.toContain('redirect');
  });
});
