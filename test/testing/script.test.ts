import OpenAI, { APIError } from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Step, script, type TestGateway } from '../../src/testing.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

type Params = Omit<OpenAI.Chat.ChatCompletionCreateParamsStreaming, 'stream' | 'model'>;

const hello: Params = { messages: [{ role: 'user', content: 'Hi' }] };

async function play(steps: readonly Step[]): Promise<TestGateway & { client: OpenAI }> {
  const gateway = await script(steps);
  onTestFinished(() => gateway.close());
  const { baseURL } = gateway;
  return { ...gateway, client: new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 }) };
}

/** What the official client makes of one answer. */
async function ask(client: OpenAI, params: Params = hello) {
  const stream = client.chat.completions.stream({ model: 'any-model', ...params });
  const { choices, usage, ...rest } = await stream.finalChatCompletion();
  const [choice] = choices;
  return { message: choice?.message, finish: choice?.finish_reason, usage, ...rest };
}

/** The stream as it is sent. */
async function bytes({ baseURL }: TestGateway): Promise<string> {
  const body = {
    model: 'any-model',
    ...hello,
    stream: true,
    stream_options: { include_usage: true },
  };
  const reply = await fetch(`${baseURL}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return reply.text();
}

describe('the official client', () => {
  test('gets a step a request, and calls, results and answers go round', async () => {
    const { client, requests } = await play([
      { tool: 'add', args: { a: 1, b: 2 } },
      { tools: [{ name: 'add', args: { a: 3 } }, { name: 'now' }], text: 'Two more.' },
      { text: 'It is 3.' },
    ]);
    expect(await ask(client)).toMatchObject({
      id: 'chatcmpl-script-1',
      model: 'any-model',
      finish: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ id: 'call_1_1', function: { name: 'add', arguments: '{"a":1,"b":2}' } }],
      },
    });
    expect(await ask(client)).toMatchObject({
      message: {
        content: 'Two more.',
        tool_calls: [
          { id: 'call_2_1', function: { name: 'add', arguments: '{"a":3}' } },
          { id: 'call_2_2', function: { name: 'now', arguments: '{}' } },
        ],
      },
    });
    expect(await ask(client)).toMatchObject({ finish: 'stop', message: { content: 'It is 3.' } });
    expect(requests).toHaveLength(3);
    expect(requests[0]).toEqual({ model: 'any-model', ...hello, stream: true });
    expect(requests[0]?.messages?.at(-1)?.content).toBe('Hi');
  });

  test('gets the same without a stream', async () => {
    const { client } = await play([{ tool: 'now', reasoning: 'Hm.', text: 'Wait.' }]);
    const answer = await client.chat.completions.create({ model: 'any-model', ...hello });
    expect(answer).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'Wait.',
            reasoning_content: 'Hm.',
            tool_calls: [{ id: 'call_1_1', type: 'function', function: { name: 'now' } }],
          },
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 },
    });
  });

  test('gets errors in the envelope, with their headers', async () => {
    const error = { status: 429, code: 'slow', message: 'Wait.', headers: { 'retry-after': '1' } };
    const { client } = await play([{ error }, { error: { status: 503, code: 'down' } }]);
    const failed = await ask(client).catch((reason: unknown) => reason);
    expect(failed).toBeInstanceOf(APIError);
    expect(failed).toMatchObject({ status: 429, code: 'slow', message: '429 Wait.' });
    expect((failed as APIError).headers?.get('retry-after')).toBe('1');
    await expect(ask(client)).rejects.toMatchObject({
      status: 503,
      code: 'down',
      message: '503 Step 2 of the script is this error.',
    });
  });

  test('is refused after the last step, clearly and without a retry', async () => {
    const { client, requests } = await play([{ text: 'Once.' }]);
    await ask(client);
    await expect(ask(client.withOptions({ maxRetries: 2 }))).rejects.toMatchObject({
      status: 400,
      code: 'script_over',
      message: '400 The script has 1 step, and this is request 2.',
    });
    expect(requests).toHaveLength(2);
  });

  test('a request that is not valid uses no step', async () => {
    const { client } = await play([{ text: 'Here.' }]);
    const orphan: Params = { messages: [{ role: 'tool', tool_call_id: 'a', content: 'x' }] };
    await expect(ask(client, orphan)).rejects.toMatchObject({ status: 400 });
    expect(await ask(client)).toMatchObject({ message: { content: 'Here.' } });
  });

  test('a cut answer ends without a word on why', async () => {
    const { client } = await play([{ text: 'Half of', cut: true }]);
    let text = '';
    const stream = await client.chat.completions.create({ model: 'm', ...hello, stream: true });
    const reading = async (): Promise<void> => {
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? '';
        expect(choices[0]?.finish_reason).toBeNull();
      }
    };
    await expect(reading()).rejects.toThrow();
    expect(text).toBe('Half of');
  });
});

describe('the bytes', () => {
  test('are the same each time', async () => {
    const steps: Step[] = [{ text: 'Hello there.', cost: '0.0001', reasoning: 'Hm.' }];
    const [one, two] = await Promise.all([play(steps).then(bytes), play(steps).then(bytes)]);
    const undated = (text: string): string => text.replace(/"created":\d+/g, '');
    expect(undated(one)).toBe(undated(two));
  });

  test('have the cost behind [DONE], unchanged, and none where the step has none', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2, server_tool_use: { web: 1 } };
    const played = await play([{ text: 'Hi', cost: '0.00010', usage }, { text: 'Hi' }]);
    const [data, comment] = (await bytes(played)).split('data: [DONE]\n\n');
    expect(data).toContain(
      '"usage":{"prompt_tokens":10,"completion_tokens":2,"server_tool_use":{"web":1},"total_tokens":12}',
    );
    expect(comment).toMatch(/^: \{"cost":"0\.00010",.*"prompt_tokens":10,"completion_tokens":2\}/);
    expect(await bytes(played)).toMatch(/"usage":\{"prompt_tokens":1,.*data: \[DONE\]\n\n$/s);
  });

  test('have no usage where the step says null, and another end where it says so', async () => {
    const played = await play([{ text: 'Hi', usage: null, finishReason: 'length' }]);
    const sent = await bytes(played);
    expect(sent).not.toContain('"usage":{');
    expect(sent).toContain('"finish_reason":"length"');
  });

  test('have arguments that are a text as they stand', async () => {
    const played = await play([{ tool: 'add', args: '{"a":' }]);
    expect(await bytes(played)).toContain('"arguments":"{\\"a\\":"');
  });

  test.each([
    ['what is no step', {}],
    ['an error without a code', { error: { status: 500 } }],
    ['an error that is none', { error: { status: 200, code: 'x' } }],
    ['a call without a name', { tools: [{ args: {} }] }],
    ['nothing', null],
  ])('%s is refused before anything listens', async (_what, step) => {
    await expect(script([{ text: 'Hi' }, step as Step])).rejects.toThrow(
      'step 2 of the script must be {text},',
    );
  });
});

describe('the command line', () => {
  function world({ baseURL }: TestGateway): FakeWorld {
    const fake = fakeDeps({ env: { PLAYED_KEY: 'sk-at-0000111122223333' } });
    const gateways = { played: { kind: 'alltoken', base_url: baseURL, api_key_env: 'PLAYED_KEY' } };
    fake.write('config.json', JSON.stringify({ gateways }));
    return fake;
  }

  test('reads calls, usage and cost', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2 };
    const played = await play([{ tool: 'now', args: { zone: 'UTC' }, cost: '0.0012', usage }]);
    const fake = world(played);
    const argv = ['chat', '-g', 'played', '-m', 'any-model', '--json', 'Hi'];
    expect(await fake.run(...argv), fake.err()).toBe(0);
    expect(fake.json()).toMatchObject({
      tool_calls: [{ id: 'call_1_1', function: { name: 'now', arguments: '{"zone":"UTC"}' } }],
      finish_reason: 'tool_calls',
      usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
      cost: { amount: '0.0012', source: 'gateway' },
    });
  });

  test.each<[string, Step[], number]>([
    ['a refused key', [{ error: { status: 401, code: 'invalid_api_key' } }], 21],
    ['one that has no step left', [], 25],
    ['a cut answer', [{ text: 'Half', cut: true }], 40],
    ['a refusal, and then an answer', [{ error: { status: 503, code: 'x' } }, { text: 'Hi' }], 0],
  ])('sees %s', async (_what, steps, exit) => {
    const fake = world(await play(steps));
    expect(await fake.run('chat', '-g', 'played', '-m', 'any-model', 'Hi'), fake.err()).toBe(exit);
  });
});
