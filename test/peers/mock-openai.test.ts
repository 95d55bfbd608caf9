import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SendRequest } from '../../src/base/deps.ts';
import { picture } from '../helpers/image-replies.ts';
import { startServer } from '../helpers/server.ts';
import { startMockOpenai } from './mock-openai-server.ts';
import { errorOf, peerWorld, runAt } from './peer.ts';

async function ask(model: string, ...argv: string[]) {
  const world = peerWorld('openai', `${await startMockOpenai()}/v1`);
  return { world, code: await runAt(world, 'chat', '-m', model, '--json', ...argv) };
}

describe('mock-openai-api /v1', () => {
  describe('answers', () => {
    test('streamed, with usage in the chunk that ends them', async () => {
      const { world, code } = await ask('mock-gpt-thinking-tag', 'Hello');
      expect(code).toBe(0);
      expect(world.json()).toMatchObject({
        model: 'mock-gpt-thinking-tag',
        finish_reason: 'stop',
        cost: { amount: null, source: 'unknown' },
      });
      expect(world.json().text).toMatch(/^<think>\n[^<]+\n<\/think>\n\nHello! How can I help/);
      expect(world.json().usage).toMatchObject({ prompt_tokens: 2 });
    });

    test('in one piece', async () => {
      const { world, code } = await ask('gpt-4o-image', '--no-stream', 'Hello');
      expect(code).toBe(0);
      expect(world.json().text).toBe('I have generated the image for you.');
      expect(world.json().usage).toMatchObject({ total_tokens: expect.any(Number) });
    });

    test('whose thoughts come in reasoning_content', async () => {
      const { world, code } = await ask('mock-gpt-thinking', 'Hello');
      expect(code).toBe(0);
      expect(world.json().text).toBe('Hello! How can I help you today? 😊');
      expect(world.json().reasoning).toContain('we need to give a friendly response.');
    });

    test('of many lines, byte by byte', async () => {
      const { world, code } = await ask('mock-gpt-markdown', 'Hello');
      expect(code).toBe(0);
      expect(String(world.json().text).split('\n').length).toBeGreaterThan(50);
    });
  });

  describe('tools', () => {
    const call = {
      id: 'call_1_weather_query_001',
      function: { name: 'get_weather', arguments: '{"location":"Beijing","date":"today"}' },
    };

    test.each([
      ['streamed', []],
      ['in one piece', ['--no-stream']],
    ])('a call, %s', async (_how, flags) => {
      const { world, code } = await ask('gpt-4-mock', ...flags, '2');
      expect(code).toBe(0);
      expect(world.json()).toMatchObject({ tool_calls: [call], finish_reason: 'tool_calls' });
    });

    test('what comes after [DONE] is no part of the answer', async () => {
      // Its connection stays open for a second and then tells a second answer.
      const world = peerWorld('alltoken', `${await startMockOpenai()}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-4-mock', '--json', '2')).toBe(0);
      expect(world.json()).toMatchObject({ text: '', tool_calls: [call] });
    });
  });

  describe('errors', () => {
    test('a model that is not there, in the stream under 200', async () => {
      const { world, code } = await ask('no-such-model', 'Hello');
      expect(code).toBe(25);
      expect(errorOf(world)).toMatchObject({
        code: 'invalid_model',
        message: "Model 'no-such-model' does not exist",
        billed: 'no',
      });
    });

    test('a model that is not there, under 400', async () => {
      const { world, code } = await ask('no-such-model', '--no-stream', 'Hello');
      expect(code).toBe(25);
      expect(errorOf(world)).toMatchObject({ status: 400, code: 'invalid_model', billed: 'no' });
    });

    test('a path that it does not serve', async () => {
      const world = peerWorld('openai', `${await startMockOpenai()}/v9`);
      expect(await runAt(world, 'chat', '-m', 'm1', '--json', 'Hello')).toBe(24);
      expect(errorOf(world)).toMatchObject({ code: 'path_not_found', status: 404 });
    });

    test('a body that it cannot take is its own failure', async () => {
      const world = peerWorld('openai', `${await startMockOpenai()}/v1`);
      const long = '0123456789'.repeat(1_100_000);
      world.write('long.txt', long);
      expect(await runAt(world, 'chat', '-m', 'm1', '--json', '-f', 'long.txt', 'Hi')).toBe(31);
      expect(errorOf(world)).toMatchObject({ code: 'internal_error', status: 500 });
    });
  });

  describe('models', () => {
    test('are listed', async () => {
      const world = peerWorld('openai', `${await startMockOpenai()}/v1`);
      expect(await runAt(world, 'models', '--kind', 'all')).toBe(0);
      expect(
        world
          .out()
          .split('\n')
          .map((line) => line.split('\t')[0]),
      ).toEqual(expect.arrayContaining(['gpt-4-mock', 'gpt-4o-image', 'mock-gpt-thinking']));
    });
  });

  describe('images', () => {
    test('in base64, with the head of a data: address', async () => {
      const world = peerWorld('openai', `${await startMockOpenai()}/v1`);
      const asked = ['--param', 'response_format="b64_json"', '-o', 'cat.png'];
      const code = await runAt(world, 'image', '-m', 'gpt-4o-image', ...asked, 'A cat');
      expect(code, world.err()).toBe(0);
      const bytes = readFileSync(`${world.home}/cat.png`);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    });

    test('behind addresses of another host', async () => {
      const storage = await startServer((response) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.end(picture());
      });
      const world = peerWorld('openai', `${await startMockOpenai()}/v1`);
      const asked: string[] = [];
      const { openNetwork } = world.deps;
      // Loopback stands for the host of its pictures.
      Object.assign(world.deps, {
        openNetwork: async (options: Parameters<typeof openNetwork>[0]) => {
          const send = await openNetwork(options);
          return (request: SendRequest) => {
            asked.push(request.url);
            const here = `http://127.0.0.1:${storage.port}`;
            return send({ ...request, url: request.url.replace('https://placehold.co', here) });
          };
        },
      });
      const code = await runAt(world, 'image', '-m', 'gpt-4o-image', '-n', '3', 'A cat');
      expect(code, world.err()).toBe(0);
      expect(world.out().trim().split('\n')).toHaveLength(3);
      expect(asked.filter((url) => url.startsWith('https://placehold.co/'))).toHaveLength(3);
      expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual(
        Array(3).fill(undefined),
      );
    });

    test('on a path that it does not serve bought nothing', async () => {
      const world = peerWorld('openai', `${await startMockOpenai()}/v9`);
      expect(await runAt(world, 'image', '-m', 'gpt-4o-image', '--json', 'A cat')).toBe(24);
      expect(errorOf(world).billed).toBe('no');
    });
  });
});
