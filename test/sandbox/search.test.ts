import { describe, expect, test } from 'vitest';
import { say, startClient } from './client.ts';

const question = (content: string) => [{ role: 'user', content }];
const search = { enable_search: true };
const refusal = 'I cannot search the web.';
const gemini = 'gemini-3.1-pro-preview';

describe('enable_search', () => {
  test.each(['deepseek-v4-pro', 'qwen3.6-flash'])('makes %s say that none ran', async (model) => {
    const { text } = await say(await startClient(), { model, ...search });
    expect(text).toMatch(
      /^This is the alltoken sandbox\. .* No search ran: this is the sandbox\.$/,
    );
  });

  test.each(['claude-opus-4-7', 'glm-5', 'kimi-k2.6', 'minimax-m2.7'])(
    'makes %s say that it cannot',
    async (model) => {
      const { finishReason, text } = await say(await startClient(), { model, ...search });
      expect(text).toMatch(/^This is the alltoken sandbox\. No model is behind it/);
      expect(text?.endsWith(` ${refusal}`)).toBe(true);
      expect(finishReason).toBe('stop');
    },
  );

  test.each(['gpt-5.4', 'gpt-5.5'])('makes %s fail', async (model) => {
    expect(await say(await startClient(), { model, ...search })).toMatchObject({
      status: 503,
      code: 'all_providers_failed',
    });
  });

  test.each([
    ['odd', 'Hi!', expect.stringMatching(/^This is the alltoken sandbox\..* I cannot search/)],
    ['even', 'Hi', ''],
  ])('makes Gemini refuse or say nothing: %s characters', async (_which, content, text) => {
    const client = await startClient();
    const fields = { model: gemini, messages: question(content), ...search };
    const expected = { status: 200, text, finishReason: 'stop' };
    expect(await say(client, fields)).toMatchObject(expected);
    expect(await say(client, fields)).toMatchObject(expected);
  });

  test('counts the characters of all messages', async () => {
    const messages = [{ role: 'system', content: 'Be brief.' }, ...question('Hi')];
    const reply = await say(await startClient(), { model: gemini, messages, ...search });
    expect(reply.text).toContain(refusal);
  });

  test('lets a stream of nothing end properly, and still cost something', async () => {
    const { baseUrl } = await startClient();
    const reply = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: gemini, messages: question('Hi'), stream: true, ...search }),
    });
    const text = await reply.text();
    const contents = [...text.matchAll(/"content":("[^"]*")/g)].map(([, content]) => content);
    expect(contents).toEqual(['""']);
    expect(text).toMatch(
      /"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n: \{"cost":"0\.0000140000"/,
    );
  });

  test('leaves a tool call as it is', async () => {
    const tools = [{ type: 'function', function: { name: 'look_up' } }];
    const fields = { model: gemini, tools, tool_choice: 'required', ...search };
    expect(await say(await startClient(), fields)).toMatchObject({ finishReason: 'tool_calls' });
  });
});

test.each(['deepseek-v4-pro', 'claude-opus-4-7', gemini, 'gpt-5.4'])(
  'nothing is said of a search that %s was not asked for',
  async (model) => {
    const client = await startClient();
    for (const fields of [{ model }, { model, enable_search: false }]) {
      const { status, text } = await say(client, fields);
      expect(status).toBe(200);
      expect(text).toMatch(/Your last message: "Hi"\.$/);
    }
  },
);
