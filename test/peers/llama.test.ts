import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLlama, type Llama, startLlama } from './llama-server.ts';
import { errorOf, peerWorld, runAt } from './peer.ts';

const place = findLlama();

describe.skipIf(place === null)('llama.cpp /v1', () => {
  let llama: Llama;
  beforeAll(async () => {
    if (place !== null) llama = await startLlama(place);
  }, 150_000);
  afterAll(() => llama.stop());

  async function ask(...argv: string[]) {
    const world = peerWorld('openai', llama.baseUrl);
    const code = await runAt(world, 'chat', '-m', 'any', '--json', '--max-tokens', '8', ...argv);
    return { world, code };
  }

  describe('answers', () => {
    test.each([[[]], [['--no-stream']]])('with usage: %j', async (flags) => {
      const { world, code } = await ask(...flags, 'Say hello');
      expect(code, world.err()).toBe(0);
      expect(world.json()).toMatchObject({
        ok: true,
        finish_reason: expect.stringMatching(/^(stop|length)$/),
        usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
        cost: { amount: null, source: 'unknown' },
      });
    });
  });

  describe('errors', () => {
    test('a prompt longer than the context is refused with its words', async () => {
      const { world, code } = await ask('word '.repeat(2000));
      expect(code).toBe(25);
      expect(errorOf(world).message).toMatch(/context/i);
    });
  });

  describe('models', () => {
    test('are listed', async () => {
      const world = peerWorld('openai', llama.baseUrl);
      expect(await runAt(world, 'models', '--json'), world.err()).toBe(0);
      expect(world.json().models).toHaveLength(1);
    });
  });
});
