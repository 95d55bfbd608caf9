/** A chat through the proxy, as clients with and without a stream see it. */
import { describe, expect, test } from 'vitest';
import { secretKey, worldAt } from '../helpers/ask.ts';
import { chunk, goodStream, sendError, sendStream, startServer } from '../helpers/server.ts';
import { hello, type ServedProxy, send, startProxy } from '../helpers/serving.ts';

type Answer = Parameters<typeof startServer>[0];

async function proxyTo(
  answer: Answer,
  ...argv: string[]
): Promise<ServedProxy & { server: Awaited<ReturnType<typeof startServer>> }> {
  const server = await startServer(answer);
  const proxy = await startProxy(worldAt(server), ...argv);
  return { ...proxy, server };
}

const good: Answer = (response) => sendStream(response, goodStream());

const usageChunk =
  'data: {"id":"chatcmpl-1","model":"gpt-5.4-mini","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":12,"total_tokens":31}}\n\n';

test('many at once make Node warn of nothing', async () => {
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on('warning', keep);
  const all: (() => void)[] = [];
  const proxy = await proxyTo((response) => {
    all.push(() => sendStream(response, goodStream()));
    if (all.length === 20) for (const answer of all) answer();
  });
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => send(proxy, { body: hello() })),
  );
  process.off('warning', keep);
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(warnings).toEqual([]);
});

describe('a client without a stream', () => {
  test('gets the whole reply, and its exact cost in headers', async () => {
    const proxy = await proxyTo(good);
    const reply = await send(proxy, { body: hello() });
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-5.4-mini',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello wörld', refusal: null },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
    });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': 'req-1',
      'x-alltoken-cost': '0.0000188000',
      'x-alltoken-cost-source': 'gateway',
      'x-alltoken-billed': 'yes',
    });
    const [request] = proxy.server.requests;
    expect(request?.json).toEqual({
      ...hello(),
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(request?.headers.authorization).toBe(`Bearer ${secretKey}`);
  });

  test('gets an image of 20 MB that came in one event', async () => {
    const url = `data:image/png;base64,${Buffer.alloc(20_000_000, 7).toString('base64')}`;
    const proxy = await proxyTo((response) =>
      sendStream(
        response,
        `${chunk({ content: '', images: [url] })}${chunk({}, 'stop')}data: [DONE]\n\n`,
      ),
    );
    const reply = await send(proxy, { body: hello() });
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({ choices: [{ message: { images: [url] } }] });
  });

  test('gets every field of the chunks', async () => {
    const call = (index: number, rest: object) => ({ index, ...rest });
    const proxy = await proxyTo((response) =>
      sendStream(
        response,
        [
          chunk({ role: 'assistant', content: null, reasoning_content: 'Let ' }),
          chunk({ reasoning_content: 'me see' }),
          chunk({
            tool_calls: [
              call(0, { id: 'a', type: 'function', function: { name: 'add', arguments: '' } }),
            ],
          }),
          chunk({ tool_calls: [call(0, { function: { arguments: '{"x":' } })] }),
          chunk({ tool_calls: [call(0, { function: { arguments: '1}' } })] }),
          chunk({
            tool_calls: [
              call(1, {
                id: 'b',
                type: 'function',
                function: { name: 'sub', arguments: '{}' },
                extra_content: { signature: 's' },
              }),
            ],
          }),
          chunk({}, 'tool_calls'),
          'data: [DONE]\n\n',
        ].join(''),
      ),
    );
    const reply = await send(proxy, { body: hello() });
    expect(reply.json?.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          reasoning_content: 'Let me see',
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
            {
              id: 'b',
              type: 'function',
              function: { name: 'sub', arguments: '{}' },
              extra_content: { signature: 's' },
            },
          ],
        },
        finish_reason: 'tool_calls',
      },
    ]);
  });

  test('gets each of several choices', async () => {
    const piece = (index: number, content: string, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index, delta: { content }, finish_reason: finish }] })}\n\n`;
    const proxy = await proxyTo((response) =>
      sendStream(
        response,
        [
          piece(0, 'a'),
          piece(1, 'x'),
          piece(1, 'y'),
          piece(0, 'b'),
          piece(1, 'z', 'stop'),
          piece(0, 'c', 'length'),
          'data: [DONE]\n\n',
        ].join(''),
      ),
    );
    const reply = await send(proxy, { body: hello({ n: 2 }) });
    expect(reply.json?.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'abc', refusal: null },
        finish_reason: 'length',
      },
      {
        index: 1,
        message: { role: 'assistant', content: 'xyz', refusal: null },
        finish_reason: 'stop',
      },
    ]);
  });

  test('gets the reply as it is, where the gateway does not stream', async () => {
    const whole =
      '{"id":"c","object":"chat.completion","created":12345678901234567890,"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}';
    const proxy = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    });
    expect((await send(proxy, { body: hello() })).body).toBe(whole);
    const stream = await send(proxy, { body: hello({ stream: true }) });
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.body).toMatch(
      /"delta":\{"role":"assistant","content":"Hi"\}.*\n\ndata: \[DONE\]\n\n$/s,
    );
  });

  test('gets an error where the answer broke off', async () => {
    const proxy = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'Hel' }), () => response.destroy());
    });
    const reply = await send(proxy, { body: hello() });
    expect(reply.status).toBe(502);
    expect(reply.headers).toMatchObject({
      'x-should-retry': 'false',
      'x-alltoken-billed': 'unknown',
    });
    expect(reply.json).toMatchObject({ error: { code: 'cut_stream' } });
  });
});

describe('a client with a stream', () => {
  test('gets the bytes of the gateway, but for the usage that it did not request', async () => {
    const proxy = await proxyTo(good);
    const reply = await send(proxy, { body: hello({ stream: true }) });
    expect(reply.body).toBe(goodStream().replace(usageChunk, ''));
    expect(reply.headers['content-type']).toBe('text/event-stream');
    expect(reply.trailers).toMatchObject({
      'x-alltoken-cost': '0.0000188000',
      'x-alltoken-cost-source': 'gateway',
      'x-alltoken-billed': 'yes',
    });
  });

  test('gets all of them with the usage, however they are cut', async () => {
    const bytes = Buffer.from(goodStream('Grüße 😀'));
    const proxy = await proxyTo(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let at = 0; at < bytes.length; at += 7) {
        await new Promise<void>((resolve) =>
          response.write(bytes.subarray(at, at + 7), () => resolve()),
        );
      }
      response.end();
    });
    const options = { stream: true, stream_options: { include_usage: true } };
    expect((await send(proxy, { body: hello(options) })).body).toBe(bytes.toString());
    const without = bytes.toString().replace(usageChunk, '');
    expect((await send(proxy, { body: hello({ stream: true }) })).body).toBe(without);
  });

  test('can look up what it cost', async () => {
    const proxy = await proxyTo(good);
    const reply = await send(proxy, { body: hello({ stream: true }) });
    const id = String(reply.headers['x-alltoken-call']);
    const call = await send(proxy, { path: `/alltoken/v1/calls/${id}` });
    expect(call.json).toMatchObject({
      id,
      status: 'done',
      billed: 'yes',
      cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' },
      request_id: 'req-1',
    });
    expect(proxy.world.ledger().map(({ call }) => call)).toEqual([id, id]);
  });

  test('sees a connection that breaks where the gateway breaks off', async () => {
    const proxy = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'Hel' }), () => response.destroy());
    });
    const reply = await send(proxy, { body: hello({ stream: true }) });
    expect(reply.isCut).toBe(true);
    expect(reply.body).toBe(chunk({ content: 'Hel' }));
  });

  test('gets an error of the stream, and what follows it', async () => {
    const body = `${chunk({ content: 'Hel' })}data: {"error":{"message":"overloaded","code":"overloaded"}}\n\ndata: [DONE]\n\n`;
    const proxy = await proxyTo((response) => sendStream(response, body));
    const reply = await send(proxy, { body: hello({ stream: true }) });
    expect(reply.body).toBe(body);
  });
});

describe('a request', () => {
  test('goes out as it was written, with what is needed to know its cost', async () => {
    const proxy = await proxyTo(good);
    const text =
      '{ "seed": 12345678901234567890, "model":"gpt-5.4-mini","messages":[{"role":"user","content":"a \\"}\\u00e9"}] , "stream" : false,"x":1e2 }';
    await send(proxy, { body: text });
    expect(proxy.server.requests[0]?.body).toBe(
      text
        .replace('"stream" : false', '"stream" :true')
        .replace(' }', ' ,"stream_options":{"include_usage":true}}'),
    );
  });

  test('goes out and comes back as it is, if it says so', async () => {
    const whole =
      '{"object":"chat.completion","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}';
    const proxy = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    });
    const body = JSON.stringify(hello());
    const reply = await send(proxy, { body, headers: { 'x-alltoken-stream': 'as-sent' } });
    expect(proxy.server.requests[0]?.body).toBe(body);
    expect(reply.body).toBe(whole);
  });

  test('takes none of the client’s keys along', async () => {
    const proxy = await proxyTo(good);
    await send(proxy, {
      body: hello(),
      headers: {
        'x-api-key': 'sk-own',
        cookie: 'a=b',
        'openai-organization': 'org',
        'x-title': 'App',
      },
    });
    const headers = proxy.server.requests[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'x-title': 'App', authorization: `Bearer ${secretKey}` });
    for (const name of ['x-api-key', 'cookie', 'openai-organization'])
      expect(headers).not.toHaveProperty(name);
  });

  test.each([
    ['not JSON', '{', 400, 'bad_json'],
    ['a list', '[]', 400, 'bad_json'],
  ])('that is %s is refused', async (_name, body, status, code) => {
    const proxy = await proxyTo(good);
    const reply = await send(proxy, { body });
    expect(reply).toMatchObject({ status, json: { error: { code } } });
    expect(proxy.server.requests).toEqual([]);
  });

  test('is held against the models that are allowed', async () => {
    const proxy = await proxyTo(good, '--model-allow', 'gpt-*-mini', '--model-allow', 'glm-5');
    expect((await send(proxy, { body: hello() })).status).toBe(200);
    const refused = await send(proxy, { body: hello({ model: 'gpt-5.4' }) });
    expect(refused).toMatchObject({ status: 403, json: { error: { code: 'model' } } });
  });

  test('is tried with another model where the gateway has nothing to serve it', async () => {
    const proxy = await proxyTo(
      (response, request, count) => {
        if (count === 1) sendError(response, 503, 'all_providers_failed');
        else sendStream(response, goodStream(String(request.json?.model)));
      },
      '--fallback',
      'glm-5',
    );
    const reply = await send(proxy, { body: hello() });
    expect(reply.json).toMatchObject({ choices: [{ message: { content: 'glm-5' } }] });
    expect(proxy.world.ledger().filter(({ event }) => event === 'outcome')).toMatchObject([
      { requested_model: 'gpt-5.4-mini', billed: 'no' },
      { requested_model: 'glm-5', billed: 'yes' },
    ]);
  });
});

describe('an error', () => {
  test('of the gateway comes as it was sent, without its key', async () => {
    const proxy = await proxyTo((response) => {
      response.writeHead(401, { 'content-type': 'application/json', 'x-request-id': 'r' });
      response.end(
        `{"error":{"message":"Incorrect API key: ${secretKey}","code":"invalid_api_key"}}`,
      );
    });
    const reply = await send(proxy, { body: hello() });
    expect(reply.status).toBe(401);
    expect(reply.headers['x-request-id']).toBe('r');
    expect(reply.body).toBe(
      '{"error":{"message":"Incorrect API key: ***","code":"invalid_api_key"}}',
    );
  });

  test.each([
    [503, 'all_providers_failed', undefined],
    [429, 'rate_limited', undefined],
    [400, 'bad', undefined],
  ])('%i that bought nothing leaves the retry to the client', async (status, code, retry) => {
    const proxy = await proxyTo((response) => sendError(response, status, code));
    const reply = await send(proxy, { body: hello() });
    expect(reply.status).toBe(status);
    expect(reply.headers['x-should-retry']).toBe(retry);
    expect(proxy.server.requests).toHaveLength(1);
  });

  test('that may have bought something is not tried again', async () => {
    const proxy = await proxyTo((response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    });
    const reply = await send(proxy, { body: hello() });
    expect(reply).toMatchObject({ status: 502, body: '<h1>Bad gateway</h1>' });
    expect(reply.headers).toMatchObject({
      'x-should-retry': 'false',
      'x-alltoken-billed': 'unknown',
    });
  });

  test('of the network is 502 where the request never arrived, and 504 where it may have', async () => {
    const proxy = await proxyTo((response) => void response.destroy());
    const lost = await send(proxy, { body: hello() });
    expect(lost).toMatchObject({ status: 504, json: { error: { code: 'outcome_unknown' } } });
    expect(lost.headers['x-should-retry']).toBe('false');
    const world = worldAt({ baseUrl: 'http://127.0.0.1:9/v1', port: 9, requests: [] });
    const closed = await startProxy(world);
    const refused = await send(closed, { body: hello() });
    expect(refused).toMatchObject({ status: 502, json: { error: { code: 'network' } } });
    expect(refused.headers['x-should-retry']).toBe('true');
  });
});
