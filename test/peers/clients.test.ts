/**
 * Clients that we did not write, in front of a server that we did not write: each has to get through `alltoken serve` what it
 * gets without it. Those that are not among our own packages are installed with
 * `npm ci --ignore-scripts --prefix test/peers/clients`.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { startProxy } from '../helpers/serving.ts';
import { startAimock } from './aimock.ts';
import { peerKey, peerWorld } from './peer.ts';

const folder = join(import.meta.dirname, 'clients');
const isInstalled = existsSync(join(folder, 'node_modules'));
const load = createRequire(join(folder, 'package.json'));

interface Place {
  /** Without a path. */
  url: string;
  key: string;
}

const tool = { name: 'weather', arguments: '{"city":"Köln"}', id: 'call_a' };

/** By the model that is named. */
const answers = {
  words: { content: 'Hällo wörld 👋🏽, this is a longer answer' },
  json: { content: '{"city":"Köln","n":3}' },
  thinking: { content: '4', reasoning: 'two and two' },
  tools: { toolCalls: [tool] },
  busy: { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429 },
  gone: { error: { message: 'no such model', type: 'not_found_error' }, status: 404 },
};

type Run = (place: Place) => Promise<unknown>;

/** What a client got, without what differs from call to call. */
async function outcomeOf(run: Run, place: Place): Promise<unknown> {
  try {
    return { got: steady(await run(place)) };
  } catch (thrown) {
    const { name, status, statusCode } = thrown as Record<string, unknown>;
    return { name, status: status ?? statusCode, message: String(thrown) };
  }
}

const changing =
  /^(id|created|created_at|timestamp|headers|responseHeaders|url|system_fingerprint|item_id|call_id|.*Id|.*Ms|request|response)$/;

function steady(value: unknown): unknown {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    changing.test(key) || (key === 'usage' && inner === null) ? undefined : inner,
  );
  return text === undefined ? null : JSON.parse(text);
}

async function places() {
  const mock = await startAimock(
    Object.entries(answers).map(([model, response]) => ({
      match: { model },
      response,
      chunkSize: 7,
    })),
  );
  const proxy = await startProxy(peerWorld('alltoken', `${mock.url}/v1`));
  return {
    bare: { url: mock.url, key: peerKey },
    through: { url: proxy.url, key: proxy.token },
    posts: () => mock.getRequests().filter(({ method }) => method === 'POST').length,
  };
}

/** The same both ways, and as many requests. */
async function expectSame(run: Run): Promise<void> {
  const { bare, through, posts } = await places();
  const without = await outcomeOf(run, bare);
  const count = posts();
  expect(await outcomeOf(run, through)).toEqual(without);
  expect(posts()).toBe(2 * count);
  expect(count).toBeGreaterThan(0);
}

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const messages = [{ role: 'user' as const, content: 'Hi' }];
const models = Object.keys(answers);

describe('the openai package', () => {
  const client = ({ url, key }: Place) =>
    new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });

  test.each(models)('streams %s', (model) =>
    expectSame(async (place) =>
      all(
        await client(place).chat.completions.create({
          ...{ model, messages, stream: true },
          stream_options: { include_usage: true },
        }),
      ),
    ),
  );

  test.each(models)('reads a stream of /v1/responses: %s', (model) =>
    expectSame(async (place) =>
      all(await client(place).responses.create({ model, input: 'Hi', stream: true })),
    ),
  );

  test('sends 50 requests at once', async () => {
    const { through, posts } = await places();
    const one = client(through);
    const found = await Promise.all(
      Array.from({ length: 50 }, () => one.chat.completions.create({ model: 'words', messages })),
    );
    expect(new Set(found.map(({ choices }) => choices[0]?.message.content))).toEqual(
      new Set([answers.words.content]),
    );
    expect(posts()).toBe(50);
  });
});

interface Ai {
  generateText(options: object): Promise<{ text: string; finishReason: string; content: unknown }>;
  streamText(options: object): { fullStream: AsyncIterable<unknown> };
  jsonSchema(schema: object): unknown;
  generateObject(options: object): Promise<{ object: unknown }>;
}

describe.skipIf(!isInstalled)('the AI SDK with @ai-sdk/openai-compatible', () => {
  const ai = () => load('ai') as Ai;
  const modelAt = ({ url, key }: Place, name: string): unknown => {
    const { createOpenAICompatible } = load('@ai-sdk/openai-compatible') as {
      createOpenAICompatible(options: object): (model: string) => unknown;
    };
    const options = { name: 'any', baseURL: `${url}/v1`, apiKey: key, includeUsage: true };
    return createOpenAICompatible({ ...options, supportsStructuredOutputs: true })(name);
  };
  const quiet = { prompt: 'Hi', maxRetries: 0, onError: () => {} };

  test.each(models)('generates text: %s', (model) =>
    expectSame(async (place) => {
      const { text, finishReason, content } = await ai().generateText({
        ...quiet,
        model: modelAt(place, model),
      });
      return { text, finishReason, content };
    }),
  );

  test.each(models)('streams text: %s', (model) =>
    expectSame((place) =>
      all(ai().streamText({ ...quiet, model: modelAt(place, model) }).fullStream),
    ),
  );

  test('generates an object', () =>
    expectSame(async (place) => {
      const properties = { city: { type: 'string' }, n: { type: 'number' } };
      const schema = ai().jsonSchema({ type: 'object', properties, required: ['city', 'n'] });
      const model = modelAt(place, 'json');
      return (await ai().generateObject({ ...quiet, model, schema })).object;
    }));
});

interface Agents {
  Agent: new (options: object) => unknown;
  OpenAIProvider: new (options: object) => unknown;
  Runner: new (
    options: object,
  ) => {
    run(agent: unknown, input: string, options: object): Promise<Ran>;
  };
  tool(options: object): unknown;
}

/** What one run of an agent came to; of a stream its events, too. */
interface Ran extends AsyncIterable<unknown> {
  finalOutput: unknown;
  history: unknown;
}

describe.skipIf(!isInstalled)('the Agents SDK of OpenAI', () => {
  const runAt = async ({ url, key }: Place, model: string, useResponses: boolean, more: object) => {
    const { Agent, OpenAIProvider, Runner, tool: toolOf } = load('@openai/agents') as Agents;
    const options = { baseURL: `${url}/v1`, apiKey: key, useResponses };
    const runner = new Runner({
      modelProvider: new OpenAIProvider(options),
      tracingDisabled: true,
    });
    const weather = toolOf({
      name: 'weather',
      description: 'The weather of a city.',
      strict: false,
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
      execute: () => 'rain',
    });
    const modelSettings = { retry: { maxRetries: 0 } };
    const agent = new Agent({ name: 'any', model, tools: [weather], modelSettings });
    return runner.run(agent, 'Hi', { maxTurns: 2, ...more });
  };

  describe.each([
    ['chat completions', false],
    ['responses', true],
  ])('over %s', (_wire, useResponses) => {
    test.each(models)('runs an agent: %s', (model) =>
      expectSame(async (place) => {
        const { finalOutput, history } = await runAt(place, model, useResponses, {});
        return { finalOutput, history };
      }),
    );

    test.each(models)('streams a run: %s', (model) =>
      expectSame(async (place) => {
        const run = await runAt(place, model, useResponses, { stream: true });
        const events = await all(run);
        return { count: events.length, finalOutput: run.finalOutput, history: run.history };
      }),
    );
  });
});

interface Messages {
  create(options: object): Promise<unknown>;
  stream(options: object): { finalMessage(): Promise<unknown> };
}

describe.skipIf(!isInstalled)('the package of Anthropic', () => {
  const messagesAt = ({ url, key }: Place): Messages => {
    const { Anthropic } = load('@anthropic-ai/sdk') as {
      Anthropic: new (options: object) => { messages: Messages };
    };
    return new Anthropic({ baseURL: url, authToken: key, apiKey: null, maxRetries: 0 }).messages;
  };
  const wish = (model: string) => ({ model, max_tokens: 100, messages });

  test.each(models)('gets a message: %s', (model) =>
    expectSame((place) => messagesAt(place).create(wish(model))),
  );

  test.each(models)('streams a message: %s', (model) =>
    expectSame(async (place) => [
      await all(
        (await messagesAt(place).create({
          ...wish(model),
          stream: true,
        })) as AsyncIterable<unknown>,
      ),
      await messagesAt(place).stream(wish(model)).finalMessage(),
    ]),
  );
});

test.runIf(!isInstalled)('the clients of others are not installed', () => {});
