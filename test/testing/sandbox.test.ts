import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { type Fault, startSandbox, type TestGateway } from '../../src/testing.ts';

async function start(...faults: Fault[]): Promise<TestGateway & { client: OpenAI }> {
  const sandbox = await startSandbox({ faults });
  onTestFinished(() => sandbox.close());
  const { baseURL } = sandbox;
  return { ...sandbox, client: new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 }) };
}

const tools: OpenAI.Chat.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'add', parameters: { type: 'object' } } },
  { type: 'function', function: { name: 'now' } },
];

test('runs the tools of the official client, streamed, to an answer with their results', async () => {
  const { client, requests } = await start();
  const runner = client.chat.completions.runTools({
    model: 'gpt-5.4-mini',
    stream: true,
    messages: [{ role: 'user', content: 'tool: add {"a":1,"b":2}\ntool: now' }],
    tools: [
      {
        type: 'function',
        function: {
          name: 'add',
          description: 'Adds.',
          parameters: { type: 'object' },
          parse: JSON.parse,
          function: ({ a, b }: { a: number; b: number }) => a + b,
        },
      },
      {
        type: 'function',
        function: {
          name: 'now',
          description: 'The time.',
          parameters: { type: 'object' },
          function: () => '12:00',
        },
      },
    ],
  });
  expect(await runner.finalContent()).toMatch(/ Its tools returned:\nadd: 3\nnow: 12:00$/);
  expect(requests).toHaveLength(2);
  expect(requests[1]?.messages?.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
  ]);
});

test('answers its clients as ever, with the faults that were named', async () => {
  const { client, requests } = await start('rate-limit:1');
  const ask = () =>
    client.chat.completions.create({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'Hi' }],
      tools,
    });
  await expect(ask()).rejects.toMatchObject({ status: 429, code: 'rate_limited' });
  expect((await ask()).choices[0]?.message.content).toContain('No model is behind it');
  expect(requests.map(({ model }) => model)).toEqual(['gpt-5.4-mini', 'gpt-5.4-mini']);
});

test('shows the bodies of images, too, and no uploads', async () => {
  const { baseURL, requests } = await start();
  await fetch(`${baseURL}/images/generations/async`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-image-2', prompt: 'A fox', size: '256x256' }),
  });
  await fetch(`${baseURL}/models`);
  await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: '[1]' });
  expect(requests).toEqual([{ model: 'gpt-image-2', prompt: 'A fox', size: '256x256' }]);
});

test('refuses a fault that does not exist', async () => {
  const starting = startSandbox({ faults: ['rate-limt' as Fault] });
  await expect(starting).rejects.toMatchObject({
    exitCode: 2,
    message: 'no fault is called "rate-limt"',
  });
});

test('a closed one frees its port', async () => {
  const { baseURL, close } = await startSandbox();
  await close();
  await close();
  await expect(fetch(`${baseURL}/models`)).rejects.toThrow('fetch failed');
});
