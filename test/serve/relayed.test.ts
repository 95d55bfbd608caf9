/** Routes in other shapes than a chat, and those that order images: every byte passes, and the books know the cost. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { secretKey, worldAt } from '../helpers/ask.ts';
import { openShop } from '../helpers/priced.ts';
import { sendError, startServer } from '../helpers/server.ts';
import { type ServedProxy, send, startProxy } from '../helpers/serving.ts';

const messages = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":25,"output_tokens":1}}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hällo"}}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
].join('');

const responses = [
  'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1","model":"gpt-5.4-mini","usage":null}}\n\n',
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n',
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_1","model":"gpt-5.4-mini","usage":{"input_tokens":100,"output_tokens":10,"total_tokens":110}}}\n\n',
].join('');

type Answer = Parameters<typeof startServer>[0];

async function proxyTo(answer: Answer, ...argv: string[]) {
  const server = await startServer(answer);
  return { ...(await startProxy(worldAt(server), ...argv)), server };
}

const outcome = (at: ServedProxy) => at.world.ledger().findLast(({ event }) => event === 'outcome');

describe('another shape', () => {
  test('of a stream passes byte for byte, and its usage is booked', async () => {
    const at = await proxyTo((response) => {
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'r-1' })
        .end(messages);
    });
    const text = '{"model":"claude-x","max_tokens":100,"stream":true,"messages":[]}';
    const headers = { 'anthropic-version': '2023-06-01', authorization: '', 'x-api-key': at.token };
    const reply = await send(at, { path: '/v1/messages', body: text, headers });
    expect(reply.body).toBe(messages);
    expect(reply.headers['request-id']).toBe('r-1');
    expect(reply.trailers).toMatchObject({
      'x-alltoken-billed': 'yes',
      'x-alltoken-cost-source': 'unknown',
    });
    expect(at.server.requests[0]).toMatchObject({
      path: '/v1/messages',
      body: text,
      headers: {
        authorization: `Bearer ${secretKey}`,
        'x-api-key': secretKey,
        'anthropic-version': '2023-06-01',
      },
    });
    expect(outcome(at)).toMatchObject({
      model: 'claude-x',
      billed: 'yes',
      usage: { input_tokens: 25, output_tokens: 15 },
    });
  });

  test('costs what the list says, and a cap holds it', async () => {
    const shop = await openShop();
    const server = await startServer((response, request) => {
      if (request.path === '/v1/responses')
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(responses);
      else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(
          '{"data":[{"id":"gpt-5.4-mini","input_price":"1.00","output_price":"10.00","max_output_tokens":500}]}',
        );
      }
    });
    const world = worldAt(server, { home: { 'config.json': { budget: { day: '0.011' } } } });
    const at = await startProxy(world);
    const body = { model: 'gpt-5.4-mini', input: 'Hi', stream: true, max_output_tokens: 500 };
    const reply = await send(at, { path: '/v1/responses', body });
    expect(reply.body).toBe(responses);
    expect(reply.trailers).toMatchObject({
      'x-alltoken-cost': '0.0002',
      'x-alltoken-cost-source': 'catalog',
    });
    const dear = await send(at, {
      path: '/v1/responses',
      body: { ...body, max_output_tokens: 5000 },
    });
    expect(dear).toMatchObject({ status: 402, json: { error: { code: 'budget_day' } } });
    expect(shop.chats()).toEqual([]);
  });

  test('in one piece passes as it is', async () => {
    const document =
      '{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":5,"total_tokens":5}}';
    const at = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(document);
    });
    const reply = await send(at, {
      path: '/v1/embeddings',
      body: { model: 'text-embedding-v4', input: 'a' },
    });
    expect(reply.body).toBe(document);
    expect(outcome(at)).toMatchObject({ billed: 'yes', usage: { prompt_tokens: 5 } });
  });

  test('has its own kind of refusal', async () => {
    const at = await proxyTo((response) => sendError(response, 503, 'overloaded'));
    const refused = await send({ ...at, token: 'x' }, { path: '/v1/messages', body: {} });
    expect(refused).toMatchObject({
      status: 401,
      json: { type: 'error', error: { type: 'authentication_error', code: 'proxy_token' } },
    });
    const sent = await send(at, { path: '/anthropic/v1/messages', body: { model: 'claude-x' } });
    expect(sent).toMatchObject({ status: 503, json: { error: { code: 'overloaded' } } });
    expect(at.server.requests[0]?.path).toBe('/anthropic/v1/messages');
  });

  test('that breaks off breaks off for the client, and is of unknown cost', async () => {
    const at = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(messages.slice(0, 150), () => response.destroy());
    });
    const reply = await send(at, { path: '/v1/messages', body: { model: 'm', stream: true } });
    expect(reply.isCut).toBe(true);
    expect(outcome(at)).toMatchObject({ billed: 'unknown', cost: { amount: null } });
  });

  test('that the gateway does not have is 404', async () => {
    const server = await startServer((response) => void response.end());
    const world = worldAt(server, {
      env: { ALTLLM_API_KEY: 'sk-alt-0123456789' },
    });
    const at = await startProxy(world, '-g', 'altllm');
    for (const path of [
      '/v1/messages',
      '/v1/responses',
      '/v1/embeddings',
      '/anthropic/v1/messages',
    ])
      expect((await send(at, { path, body: {} })).status).toBe(404);
    expect(server.requests).toEqual([]);
  });
});

test('lists of models pass as they are, also of a client that has only the token', async () => {
  const at = await proxyTo((response, { path }) => {
    response.writeHead(path.includes('none') ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ path }));
  });
  for (const path of [
    '/v1/models',
    '/v1/models/vendor/model?x=1',
    '/v1/videos/models',
    '/v1/models/none',
  ])
    expect((await send(at, { path })).json).toEqual({ path });
  expect((await send(at, { path: '/v1/models/none' })).status).toBe(404);
  for (const { headers } of at.server.requests)
    expect(headers.authorization).toBe(`Bearer ${secretKey}`);
  // As docs/serve.md has it.
  for (const path of ['/v1/models', '/v1/models/x', '/v1/images/models', '/v1/videos/models'])
    expect(
      (await send({ ...at, token: '' }, { path, headers: { authorization: '' } })).status,
    ).toBe(401);
  const pub = await send(
    { ...at, token: '' },
    { path: '/api-account/models', headers: { authorization: '' } },
  );
  expect(pub.json).toEqual({ path: '/api-account/models' });
  expect(at.server.requests.at(-1)?.headers.authorization).toBeUndefined();
});

describe('an image', () => {
  const large = randomBytes(150_000).toString('base64');
  const done = JSON.stringify({
    id: 'igen_1',
    status: 'completed',
    data: [{ b64_json: large }],
    usage: { input_tokens: 5, output_tokens: 272, total_tokens: 277 },
  });

  test('is on the disk before it is passed on, and is given again from there', async () => {
    let polls = 0;
    const at = await proxyTo((response, { method, path: requested }) => {
      if (!requested.startsWith('/v1/images')) return void response.writeHead(404).end();
      response.setHeader('content-type', 'application/json');
      if (method === 'POST') response.writeHead(202).end('{"id":"igen_1","status":"queued"}');
      else {
        polls += 1;
        if (polls === 1) response.end('{"id":"igen_1","status":"queued","next_poll_after_ms":10}');
        else if (polls === 2) response.end(done);
        else sendError(response, 410, 'image_already_retrieved');
      }
    });
    const path = '/v1/images/generations';
    const order = await send(at, {
      path: `${path}/async`,
      body: { model: 'gpt-image-2', prompt: 'a cat' },
    });
    expect(order).toMatchObject({ status: 202, json: { id: 'igen_1' } });
    expect(order.headers['x-alltoken-billed']).toBe('unknown');
    expect((await send(at, { path: `${path}/igen_1` })).json).toMatchObject({ status: 'queued' });
    expect((await send(at, { path: `${path}/igen_1` })).body).toBe(done);
    expect((await send(at, { path: `${path}/igen_1` })).body).toBe(done);
    expect(polls).toBe(2);
    expect(outcome(at)).toMatchObject({
      task_id: 'igen_1',
      billed: 'yes',
      usage: { output_tokens: 272 },
    });
  });

  test('counts in the total once its cost is known', async () => {
    const listed = [{ id: 'gpt-image-2', input_price: '5', output_price: '30' }];
    const at = await proxyTo((response, { method, path }) => {
      response.setHeader('content-type', 'application/json');
      if (path === '/api-account/models') response.end(JSON.stringify({ data: listed }));
      else if (method === 'POST') response.writeHead(202).end('{"id":"igen_1","status":"queued"}');
      else response.end(done);
    });
    const path = '/v1/images/generations';
    await send(at, { path: `${path}/async`, body: { model: 'gpt-image-2', prompt: 'a cat' } });
    for (const _ of [1, 2]) await send(at, { path: `${path}/igen_1` });
    await at.stop();
    expect(outcome(at)).toMatchObject({ cost: { amount: '0.008185', source: 'catalog' } });
    expect(at.world.err()).toContain('[usage] calls=1 cost=$0.008185\n');
  });

  test('is kept for its day, though the clock is set forward meanwhile', async () => {
    const given = new Set<string>();
    const at = await proxyTo((response, { path }) => {
      if (!path.startsWith('/v1/images')) return void response.writeHead(404).end();
      if (given.has(path)) return sendError(response, 410, 'image_already_retrieved');
      given.add(path);
      response.writeHead(200, { 'content-type': 'application/json' }).end(done);
    });
    const of = (id: string) => send(at, { path: `/v1/images/generations/${id}` });
    expect((await of('igen_1')).body).toBe(done);
    at.world.clock.now = () => Date.now() + 400 * 86_400_000;
    // What is too old is cleared away when another one is stored.
    expect((await of('igen_2')).body).toBe(done);
    expect((await of('igen_1')).body).toBe(done);
  });

  test('that does not arrive as a whole is not kept', async () => {
    let polls = 0;
    const at = await proxyTo((response) => {
      polls += 1;
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': done.length,
      });
      if (polls === 1) response.write(done.slice(0, 100_000), () => response.destroy());
      else response.end(done);
    });
    const path = '/v1/images/generations/igen_2';
    expect((await send(at, { path })).status).toBe(502);
    expect((await send(at, { path })).body).toBe(done);
  });

  test('that is ordered and not known in price does not fit a total', async () => {
    const at = await proxyTo((response) => void response.end('{}'), '--max-cost', '1');
    const reply = await send(at, {
      path: '/v1/images/generations/async',
      body: { model: 'gpt-image-2' },
    });
    expect(reply).toMatchObject({ status: 402, json: { error: { code: 'cost_unbounded' } } });
    expect(at.server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('--fallback', () => {
  const body = '{"model":"a-1", "seed":12345678901234567890,"input":"Hi","messages":[]}';

  /** The first model cannot be served; `others` can. */
  const tryAt = async (path: string, isSure = true) => {
    const at = await proxyTo(
      (response, request) => {
        if (request.json?.model !== 'a-1')
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(`{"id":"r","model":"${String(request.json?.model)}","usage":{"input_tokens":1}}`);
        else if (isSure) sendError(response, 503, 'all_providers_failed');
        else response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
      },
      ...['--fallback', 'a-2,a-3'],
    );
    return { at, reply: await send(at, { path, body }) };
  };

  test.each(['/v1/responses', '/v1/messages', '/anthropic/v1/messages'])(
    'holds for %s: only the model of the request changes',
    async (path) => {
      const { at, reply } = await tryAt(path);
      expect(reply).toMatchObject({ status: 200, json: { model: 'a-2' } });
      expect(at.server.requests.map((one) => one.body)).toEqual([body, body.replace('a-1', 'a-2')]);
      const outcomes = at.world.ledger().filter(({ event }) => event === 'outcome');
      expect(outcomes).toMatchObject([
        { requested_model: 'a-1', billed: 'no' },
        { requested_model: 'a-2', billed: 'yes' },
      ]);
    },
  );

  test('is not tried where the first may have bought something', async () => {
    const { at, reply } = await tryAt('/v1/messages', false);
    expect(reply.status).toBe(502);
    expect(at.server.requests).toHaveLength(1);
  });

  test.each(['/v1/embeddings', '/v1/images/generations'])(
    'means nothing for %s, whose results are not those of another model',
    async (path) => {
      const { at, reply } = await tryAt(path);
      expect(reply.status).toBe(503);
      expect(at.server.requests).toHaveLength(1);
    },
  );

  test('that fails, too, gives the last error', async () => {
    const at = await proxyTo(
      (response, request) => sendError(response, 503, `no_${String(request.json?.model)}`),
      ...['--fallback', 'a-2'],
    );
    const { body: text, status } = await send(at, { path: '/v1/responses', body });
    expect(status).toBe(503);
    expect(text).toContain('no_a-2');
  });
});

describe('what is free for clients of Anthropic', () => {
  test.each([
    ['POST', '/v1/messages/count_tokens', '/v1/messages/count_tokens'],
    ['POST', '/anthropic/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens'],
    ['GET', '/anthropic/v1/models', '/anthropic/v1/models'],
  ])('%s %s passes, and is no call', async (method, path, sent) => {
    const at = await proxyTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":12}');
    });
    const text = '{"model":"claude-x","messages":[]}';
    const reply = await send(at, {
      ...{ method, path: `${path}?beta=true` },
      ...(method === 'POST' && { body: text }),
    });
    expect(reply).toMatchObject({ status: 200, body: '{"input_tokens":12}' });
    const [request] = at.server.requests;
    expect(request).toMatchObject({
      path: `${sent}?beta=true`,
      headers: { authorization: `Bearer ${secretKey}`, 'x-api-key': secretKey },
    });
    expect(request?.body).toBe(method === 'POST' ? text : '');
    expect(at.world.ledger()).toEqual([]);
  });

  test('is an error of theirs where there is no such route', async () => {
    const at = await proxyTo((response) => void response.end());
    const reply = await send(at, { path: '/v1/messages/batches', body: '{}' });
    expect(reply).toMatchObject({
      status: 404,
      json: { type: 'error', error: { type: 'not_found_error' } },
    });
  });
});
