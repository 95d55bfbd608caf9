import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { builtInGateways } from '../../../../src/gateways/index.ts';
import { deadBaseUrl, errLines } from '../../../helpers/ask.ts';
import { checkOf, doctor, doctorKey } from '../../../helpers/doctor.ts';
import { sendError, startServer, type TestServer } from '../../../helpers/server.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const list = '{"object":"list","data":[{"id":"one","object":"model"}]}';

/** Answers every list; `headers` replace what the server would say by itself. */
async function listing(headers: Record<string, string> = {}, date = true): Promise<TestServer> {
  return startServer((response) => {
    response.sendDate = date;
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(list);
  });
}

const at = (time: number): Record<string, string> => ({ date: new Date(time).toUTCString() });

describe('config doctor, clock', () => {
  const examine = (server: TestServer, platform = 'linux') =>
    doctor(['--json', '--base-url', server.baseUrl], {
      env: { ALLTOKEN_API_KEY: doctorKey },
      now: () => noon,
      platform,
    });

  test.each([
    [3 * HOUR, '3 h behind'],
    [6 * MINUTE, '6 min behind'],
    [-6 * MINUTE, '6 min ahead of'],
    [-400 * 24 * HOUR, '400 d ahead of'],
  ])('50: a gateway that is %d ms further', async (further, words) => {
    const { code, world } = await examine(await listing(at(noon + further)));
    expect(code).toBe(50);
    expect(checkOf(world, 'models')?.ok).toBe(true);
    expect(checkOf(world, 'clock')).toMatchObject({
      ok: false,
      detail: `this clock is ${words} the gateway's: presigned URLs and daily budgets will fail`,
    });
    expect(world.json().error).toMatchObject({ code: 'clock_skew', billed: 'no' });
  });

  test.each([
    ['linux', 'timedatectl'],
    ['win32', 'w32tm'],
    ['freebsd', 'set the clock of this machine, then'],
  ])('says how to set it on %s', async (platform, words) => {
    const { world } = await examine(await listing(at(noon + HOUR)), platform);
    expect(errLines(world)[1]).toContain(words);
  });

  test.each([4 * MINUTE, -4 * MINUTE, 0])('%d ms are as good as none', async (further) => {
    const { code } = await examine(await listing(at(noon + further)));
    expect(code).toBe(0);
  });

  test('a stored reply is as old as it says', async () => {
    const stored = { ...at(noon - 2 * HOUR), age: '7200' };
    const { code } = await examine(await listing(stored));
    expect(code).toBe(0);
  });

  test('a refusal tells the time as well, and comes first', async () => {
    const server = await startServer((response) =>
      sendError(response, 401, 'invalid_api_key', at(noon + 3 * HOUR)),
    );
    const { code, world } = await examine(server);
    expect(code).toBe(21);
    expect(checkOf(world, 'clock')?.ok).toBe(false);
  });

  test.each([
    ['no date', {}, false],
    ['a date that is none', { date: 'yesterday' }, true],
  ])('is not compared with %s', async (_what, headers, date) => {
    const { code, world } = await examine(await listing(headers, date));
    expect(code).toBe(0);
    expect(checkOf(world, 'clock')?.detail).toContain('not compared');
  });
});

describe('config doctor, a server of this machine', () => {
  const local = [...builtInGateways.values()].filter(({ startHint }) => startHint !== null);

  test('is known under several names', () => {
    expect(local.map(({ id }) => id)).toEqual(expect.arrayContaining(['llamacpp', 'ollama']));
  });

  test.each(local.map(({ id, startHint }) => [id, startHint]))(
    '32: %s does not run, and how to start it is said',
    async (id, start) => {
      const baseUrl = await deadBaseUrl();
      const { code, world } = await doctor(['-g', id ?? '', '--json', '--base-url', baseUrl]);
      expect(code).toBe(32);
      expect(errLines(world)[1]).toBe(
        `hint: start it: ${start} (to listen at ${baseUrl}), then: alltoken config doctor -g ${id} --base-url ${baseUrl}`,
      );
    },
  );

  test('of the config, which nobody knows how to start, gets the usual hint', async () => {
    const mine = { kind: 'openai', base_url: await deadBaseUrl() };
    const { world } = await doctor(['-g', 'mine', '--json'], {}, ({ write }) => {
      write('config.json', JSON.stringify({ gateways: { mine } }));
    });
    expect(errLines(world)[1]).toContain(`the base URL ${mine.base_url}`);
  });

  test('needs no key, and says so', async () => {
    const server = await listing();
    const { code, world } = await doctor(['-g', 'ollama', '--json', '--base-url', server.baseUrl]);
    expect(code).toBe(0);
    expect(checkOf(world, 'key')?.detail).toBe('none needed');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('takes one from the config all the same', async () => {
    const server = await listing();
    const ollama = { base_url: server.baseUrl, api_key_env: 'OLLAMA_SECRET' };
    const { code, world } = await doctor(
      ['-g', 'ollama', '--json'],
      { env: { OLLAMA_SECRET: 'tr0ub4dor-and-3' } },
      ({ write }) => void write('config.json', JSON.stringify({ gateways: { ollama } })),
    );
    expect(code).toBe(0);
    expect(checkOf(world, 'key')?.detail).toBe('from OLLAMA_SECRET; Ollama also works without one');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer tr0ub4dor-and-3');
  });

  test('21: wants one after all, and how to store it is said', async () => {
    const refuse = (response: ServerResponse): void => sendError(response, 401, 'unauthorized');
    const { baseUrl } = await startServer(refuse);
    const { code, world } = await doctor(['-g', 'vllm', '--json', '--base-url', baseUrl]);
    expect(code).toBe(21);
    expect(errLines(world)[1]).toContain('alltoken login -g vllm');
  });
});

describe('config doctor, a key', () => {
  test.each([
    ['altllm', 'ALTLLM_API_KEY', 'sk-alt-0123456789abcdef', true],
    ['tokenhub', 'TOKENHUB_API_KEY', 'th-0123456789abcdef0123', false],
  ])('of %s: whether the list tried it, is said', async (id, variable, key, isPublic) => {
    const { baseUrl } = await listing();
    const argv = ['-g', id, '--json', '--base-url', baseUrl];
    const { code, world } = await doctor(argv, { env: { [variable]: key } });
    expect(code).toBe(0);
    expect(checkOf(world, 'key')?.detail).toBe(`from ${variable}`);
    const words = 'the list is public, so a wrong key only fails in a call';
    expect(checkOf(world, 'models')?.detail.includes(words)).toBe(isPublic);
    expect(world.out()).not.toContain(key);
  });

  test.each([...builtInGateways.values()].filter(({ keyVariable }) => keyVariable !== null))(
    '20: none for $id, and its own variable is named',
    async ({ id, keyVariable }) => {
      const { code, world } = await doctor(['-g', id, '--json']);
      expect(code).toBe(20);
      expect(errLines(world)[0]).toContain(`${keyVariable} is not set`);
    },
  );
});
