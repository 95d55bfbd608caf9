import { describe, expect, test } from 'vitest';
import { events } from '../helpers/ask.ts';
import { chatting, startAimock } from './aimock.ts';
import { peerWorld, runAt } from './peer.ts';

const text = 'Grüße — 你好 👋\nand a second line';
const usage = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 };
const weather = { id: 'call_a', name: 'weather', arguments: '{"city":"Köln","days":3}' };
const clock = { id: 'call_b', name: 'clock', arguments: '{}' };
const whole = [weather, clock].map(({ id, ...called }) => ({
  id,
  type: 'function',
  function: called,
}));

describe('aimock /v1', () => {
  describe('answers', () => {
    test.each([
      ['streamed', []],
      ['in one piece', ['--no-stream']],
    ])('%s: text, usage, and a cost that nobody told', async (_how, flags) => {
      const mock = await startAimock([chatting({ content: text, usage })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', ...flags, '--json', 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({
        text,
        model: 'gpt-5.4',
        finish_reason: 'stop',
        usage,
        cost: { amount: null, source: 'unknown' },
        attempts: 1,
      });
      expect(world.json().id).toMatch(/^chatcmpl-/);
      expect(mock.getLastRequest()?.body).toMatchObject({
        stream: flags.length === 0,
        messages: [{ role: 'user', content: 'Hi' }],
      });
    });

    test('into a pipe byte by byte, with a newline at the end', async () => {
      const mock = await startAimock([chatting({ content: text, usage })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', 'Hi')).toBe(0);
      expect(Buffer.from(world.out(), 'utf8').toString()).toBe(`${text}\n`);
      expect(world.err()).toBe(
        '[usage] prompt=7 completion=9 total=16 model=gpt-5.4 cost=unknown\n',
      );
    });

    test('that think first: the thoughts are kept apart', async () => {
      const mock = await startAimock([chatting({ content: '4', reasoning: 'two and two' })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'o3', '--json', 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({ text: '4', reasoning: 'two and two' });
    });

    test('that are slow come while they are written', async () => {
      const slow = { streamingProfile: { ttft: 120, tps: 50 } };
      const mock = await startAimock([chatting({ content: 'one two three four' }, slow)]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--jsonl', 'Hi')).toBe(0);
      const deltas = events(world).filter(({ type }) => type === 'delta');
      expect(deltas.length).toBeGreaterThan(1);
      expect(deltas.map((delta) => delta.text).join('')).toBe('one two three four');
      expect(deltas.at(0)?.text).not.toBe('one two three four');
    });

    test.each([
      ['length', [], 0],
      ['length', ['--strict'], 40],
      ['content_filter', [], 26],
    ])('that end with %s %j exit %i', async (finishReason, flags, exit) => {
      const mock = await startAimock([chatting({ content: 'Half an', finishReason })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', ...flags, 'Hi')).toBe(exit);
      expect(world.json()).toMatchObject({ text: 'Half an', finish_reason: finishReason });
    });

    test('go on in a conversation', async () => {
      const mock = await startAimock([
        { match: { userMessage: 'Again', turnIndex: 1 }, response: { content: 'Second' } },
        { match: { userMessage: 'Hi' }, response: { content: 'First' } },
      ]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'm1', '--session', 's', 'Hi')).toBe(0);
      expect(await runAt(world, 'chat', '-m', 'm1', '--session', 's', 'Again')).toBe(0);
      expect(world.out()).toBe('First\nSecond\n');
      expect(mock.getLastRequest()?.body).toMatchObject({
        messages: [
          { content: 'Hi' },
          { role: 'assistant', content: 'First' },
          { content: 'Again' },
        ],
      });
    });
  });

  describe('tools', () => {
    test.each([
      ['streamed in pieces', []],
      ['in one piece', ['--no-stream']],
    ])('two calls, %s, are whole', async (_how, flags) => {
      const mock = await startAimock([chatting({ toolCalls: [weather, clock] })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', ...flags, 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({ tool_calls: whole, finish_reason: 'tool_calls' });
    });

    test('a call among words: both are there', async () => {
      const blocks = [
        { type: 'text' as const, text: 'Let me see. ' },
        { type: 'toolCall' as const, ...weather },
        { type: 'text' as const, text: 'Done.' },
      ];
      const mock = await startAimock([chatting({ blocks })]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'chat', '-m', 'gpt-5.4', '--json', 'Hi')).toBe(0);
      expect(world.json()).toMatchObject({
        text: 'Let me see. Done.',
        tool_calls: [whole[0]],
      });
    });
  });

  describe('models', () => {
    test('are listed, without prices that nobody told', async () => {
      const mock = await startAimock([
        { match: { model: 'llama-4' }, response: { content: '' } },
        { match: { model: 'gpt-image-1' }, response: { content: '' } },
      ]);
      const world = peerWorld('openai', `${mock.url}/v1`);
      expect(await runAt(world, 'models', '--kind', 'all', '--json')).toBe(0);
      expect(world.json().models).toMatchObject([
        { id: 'gpt-image-1', kind: 'image', prices: { input: null, output: null } },
        { id: 'llama-4', kind: 'chat', prices: { input: null, output: null } },
      ]);
    });

    test('without the key are refused', async () => {
      const mock = await startAimock();
      const world = peerWorld('openai', `${mock.url}/v1`, { env: { PEER_KEY: 'sk-peer-another' } });
      expect(await runAt(world, 'models')).toBe(21);
    });
  });
});
