/** OpenAI's own library through the proxy, beside the same without it. */
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { worldAt } from '../helpers/ask.ts';
import { chunk, goodStream, sendError, sendStream, startServer } from '../helpers/server.ts';
import { startProxy } from '../helpers/serving.ts';

type Answer = Parameters<typeof startServer>[0];

const messages = [{ role: 'user' as const, content: 'Hi' }];
const wish = { model: 'gpt-5.4-mini', messages };

async function clients(answer: Answer, options: { timeout?: number } = {}) {
  const server = await startServer(answer);
  const proxy = await startProxy(worldAt(server));
  const through = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: proxy.token, ...options });
  const bare = new OpenAI({ baseURL: server.baseUrl, apiKey: 'sk-test', ...options });
  return { server, proxy, through, bare };
}

async function chunksOf(client: OpenAI, more: object = {}): Promise<unknown[]> {
  const stream = await client.chat.completions.create({ ...wish, ...more, stream: true });
  const all: unknown[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

describe('the openai package', () => {
  test('reads the same stream as without the proxy', async () => {
    const { through, bare } = await clients((response) => sendStream(response, goodStream()));
    const options = { stream_options: { include_usage: true } };
    expect(await chunksOf(through, options)).toEqual(await chunksOf(bare, options));
    const without = await chunksOf(through);
    expect(without).toEqual((await chunksOf(bare)).filter((one) => !('usage' in (one as object))));
  });

  test('gets a whole answer with tools, and its cost', async () => {
    const { through, proxy } = await clients((response) =>
      sendStream(
        response,
        [
          chunk({
            role: 'assistant',
            tool_calls: [
              { index: 0, id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } },
            ],
          }),
          chunk({}, 'tool_calls'),
          goodStream().split('\n\n').slice(3).join('\n\n'),
        ].join(''),
      ),
    );
    const { data, response } = await through.chat.completions.create(wish).withResponse();
    expect(data.choices[0]?.message.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } },
    ]);
    expect(data.usage?.total_tokens).toBe(31);
    expect(response.headers.get('x-alltoken-cost')).toBe('0.0000188000');
    expect(proxy.world.ledger()).toHaveLength(2);
  });

  test('throws the same error as without it', async () => {
    const { through, bare } = await clients((response) =>
      sendError(response, 404, 'model_not_found'),
    );
    const errorOf = (client: OpenAI) =>
      client.chat.completions.create(wish).catch((error: unknown) => error) as Promise<
        InstanceType<typeof OpenAI.APIError>
      >;
    const [one, other] = [await errorOf(through), await errorOf(bare)];
    expect(one.constructor.name).toBe('NotFoundError');
    expect([one.status, one.message, one.code]).toEqual([other.status, other.message, other.code]);
  });

  test('with a late reply and its retries buys once, and gets its answer', async () => {
    const { through, server, proxy } = await clients(
      (response) => void setTimeout(() => sendStream(response, goodStream('late')), 1500),
      { timeout: 700 },
    );
    const answer = await through.chat.completions.create(wish);
    expect(answer.choices[0]?.message.content).toBe('late');
    expect(server.requests).toHaveLength(1);
    expect(proxy.world.ledger()).toHaveLength(2);
  });

  test('does not try again what may have been bought', async () => {
    const { through, server } = await clients((response) => void response.destroy());
    await expect(through.chat.completions.create(wish)).rejects.toMatchObject({ status: 504 });
    expect(server.requests).toHaveLength(1);
  });
});
