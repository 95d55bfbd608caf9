import type { Fixture } from '@copilotkit/aimock';
import { describe, expect, test } from 'vitest';
import { chatting, posts, startAimock } from './aimock.ts';
import { errorOf, peerWorld, runAt } from './peer.ts';

const model = 'openai/gpt-5.4';
const usage = { prompt_tokens: 7, completion_tokens: 9 };

/** One chat at the base under which it speaks OpenRouter's wire. */
async function ask(fixture: Fixture, ...flags: string[]) {
  const mock = await startAimock([fixture]);
  const world = peerWorld('openrouter', `${mock.url}/api/v1`);
  const code = await runAt(world, 'chat', '-m', model, '--json', ...flags, 'Hi');
  return { mock, world, code };
}

describe('aimock /api/v1 (OpenRouter)', () => {
  describe('answers', () => {
    test.each([
      ['streamed', []],
      ['in one piece', ['--no-stream']],
    ])('%s: the charge in the usage is the cost', async (_how, flags) => {
      const charged = chatting({ content: 'Hello', usage: { ...usage, cost: 0.0000188 } });
      const { world, code } = await ask(charged, ...flags);
      expect(code).toBe(0);
      expect(world.json()).toMatchObject({
        text: 'Hello',
        model,
        finish_reason: 'stop',
        usage: { ...usage, total_tokens: 16, cost: 0.0000188 },
        cost: { amount: '0.0000188', currency: 'USD', source: 'gateway' },
      });
      expect(world.json().id).toMatch(/^gen-/);
      expect(world.ledger().at(-1)).toMatchObject({ cost: { amount: '0.0000188' } });
    });

    test('without a charge cost nobody knows what, not nothing', async () => {
      const { world } = await ask(chatting({ content: 'Hello', usage }));
      expect(world.json().cost).toMatchObject({ amount: null, source: 'unknown' });
    });

    test('that are free cost 0, as the gateway said', async () => {
      const { world } = await ask(chatting({ content: 'Hello', usage: { ...usage, cost: 0 } }));
      expect(world.json().cost).toMatchObject({ amount: '0', source: 'gateway' });
    });

    test('after comments that are no cost and no words', async () => {
      const waiting = { openRouterProcessing: true, latency: 20 };
      const { world, code } = await ask(
        chatting({ content: 'Hello', usage: { ...usage, cost: 0.5 } }, waiting),
      );
      expect(code).toBe(0);
      expect(world.json()).toMatchObject({ text: 'Hello', cost: { amount: '0.5' } });
    });

    test('that think, with a finish reason of the upstream beside ours', async () => {
      const thinking = { content: '4', reasoning: 'two and two', nativeFinishReason: 'STOP' };
      const { world } = await ask(chatting(thinking));
      expect(world.json()).toMatchObject({
        text: '4',
        reasoning: 'two and two',
        finish_reason: 'stop',
      });
    });

    test('with a tool call', async () => {
      const call = { id: 'call_a', name: 'weather', arguments: '{"city":"Köln"}' };
      const { world } = await ask(chatting({ toolCalls: [call] }));
      expect(world.json().tool_calls).toMatchObject([
        { id: 'call_a', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
      ]);
    });

    test('of another model of the list that was sent name that model', async () => {
      const fixtures = [
        chatting({ error: { message: 'full' }, status: 503 }),
        { match: { model: 'qwen/qwen3' }, response: { content: 'Here I am' } },
      ].map((fixture, at) => (at === 0 ? { ...fixture, match: { model } } : fixture));
      const mock = await startAimock(fixtures as Fixture[]);
      const world = peerWorld('openrouter', `${mock.url}/api/v1`);
      const others = 'models=["qwen/qwen3"]';
      expect(await runAt(world, 'chat', '-m', model, '--param', others, '--json', 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({ model: 'qwen/qwen3', requested_model: model });
    });

    test('cut in the middle are kept, and have no cost', async () => {
      const cut = chatting({ content: 'Hello there' }, { latency: 20, truncateAfterChunks: 3 });
      const { world, code } = await ask(cut);
      expect(code).toBe(40);
      expect(world.json()).toMatchObject({ cost: { amount: null, source: 'unknown' } });
      expect('Hello there').toContain(world.json().text);
    });
  });

  describe('errors', () => {
    test.each([
      [400, 25, 'no'],
      [402, 22, 'no'],
      [403, 23, 'no'],
      [404, 24, 'no'],
      [408, 46, 'unknown'],
      [500, 31, 'no'],
      [502, 31, 'no'],
    ])(
      'with a number as their code: %i exits %i, and the number is no slug',
      async (status, exit, billed) => {
        const error = { message: 'Provider says no', metadata: { provider_name: 'x' } };
        const { mock, world, code } = await ask(chatting({ error, status }));
        expect(code).toBe(exit);
        expect(errorOf(world)).toMatchObject({
          status,
          code: null,
          message: 'Provider says no',
          billed,
        });
        expect(posts(mock)).toEqual([status]);
      },
    );

    test.each([429, 503])('%i is repeated', async (status) => {
      const { mock, world } = await ask(chatting({ error: { message: 'later' }, status }));
      expect(posts(mock)).toEqual([status, status, status]);
      expect(errorOf(world)).toMatchObject({ retryable: true });
    });
  });

  describe('models', () => {
    test('are listed with their prices for a million tokens', async () => {
      const mock = await startAimock([{ match: { model }, response: { content: '' } }]);
      const world = peerWorld('openrouter', `${mock.url}/api/v1`);
      expect(await runAt(world, 'models', '--kind', 'all', '--json')).toBe(0);
      expect(world.json().models).toMatchObject([
        { id: model, kind: 'chat', context: 128_000, prices: { input: '0', output: '0' } },
      ]);
    });

    test('one of them is shown', async () => {
      const mock = await startAimock([{ match: { model }, response: { content: '' } }]);
      const world = peerWorld('openrouter', `${mock.url}/api/v1`);
      expect(await runAt(world, 'models', model, '--json')).toBe(0);
      expect(JSON.stringify(world.json())).toContain('128000');
    });
  });
});
