/** Budgets of the config, of the server and of a request, held by the proxy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AskOptions, Reply } from '../helpers/ask.ts';
import { worldAt } from '../helpers/ask.ts';
import { openShop, prices, type Shop } from '../helpers/priced.ts';
import { chunk, goodStream, sendStream, startServer } from '../helpers/server.ts';
import { hello, type ServedProxy, send, startProxy } from '../helpers/serving.ts';

interface Store extends ServedProxy {
  shop: Shop;
}

/** gpt-5.4-mini costs $10 for a million tokens of answer, and writes 500 at most. */
async function store(
  budget: object | null,
  argv: string[] = [],
  reply?: Reply,
  options: AskOptions = {},
): Promise<Store> {
  const shop = await openShop(reply);
  const world = worldAt(shop.server, {
    ...options,
    home: budget === null ? {} : { 'config.json': { budget } },
  });
  return { ...(await startProxy(world, ...argv)), shop };
}

const limited = { body: hello({ max_tokens: 100 }) };

describe('a call that does not fit', () => {
  test.each([
    ['budget.day', { day: '0.0005' }, [], {}, 'budget_day'],
    ['budget.month', { month: '0.0005' }, [], {}, 'budget_month'],
    ['budget.call', { call: '0.0005' }, [], {}, 'budget_call'],
    ['--max-cost', null, ['--max-cost', '0.0005'], {}, 'max_cost'],
    ['a header', null, [], { 'x-alltoken-max-cost': '0.0005' }, 'max_cost'],
    [
      'a tag of a header',
      { tags: { ci: { day: '0.0005' } } },
      [],
      { 'x-alltoken-tag': 'ci' },
      'budget_day',
    ],
    ['a tag of the server', { tags: { ci: { day: '0.0005' } } }, ['--tag', 'ci'], {}, 'budget_day'],
  ])('is 402 for %s, with the cap and the bound', async (_name, budget, argv, headers, code) => {
    const at = await store(budget, argv);
    const reply = await send(at, { ...limited, headers });
    expect(reply).toMatchObject({ status: 402, json: { error: { code } } });
    expect(reply.headers).toMatchObject({ 'x-should-retry': 'false', 'x-alltoken-billed': 'no' });
    expect(reply.json?.error).toMatchObject({
      type: 'insufficient_quota',
      alltoken: {
        billed: 'no',
        cap: { limit: '0.0005' },
        bound: expect.stringMatching(/^0\.00\d+$/),
      },
    });
    expect(at.shop.chats()).toEqual([]);
    expect(at.world.ledger()).toEqual([]);
  });

  test('because of calls that run waits for them, and is 429 after --hold', async () => {
    let free = (): void => {};
    const reply: Reply = (response, _request, count) => {
      if (count > 1) return sendStream(response, goodStream());
      free = () => sendStream(response, goodStream());
    };
    const at = await store({ day: '0.0025' }, ['--hold', '0'], reply);
    const first = send(at, limited);
    while (at.shop.chats().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await send(at, { body: hello({ max_tokens: 150 }) });
    expect(second).toMatchObject({ status: 429, json: { error: { code: 'budget_reserved' } } });
    expect(second.headers).toMatchObject({ 'retry-after': '5', 'x-should-retry': 'true' });
    free();
    expect((await first).status).toBe(200);
  });

  test('is let in where the header allows more than the config: it may only lower', async () => {
    const at = await store({ call: '0.0005' });
    const reply = await send(at, { ...limited, headers: { 'x-alltoken-max-cost': '5' } });
    expect(reply).toMatchObject({ status: 402, json: { error: { code: 'budget_call' } } });
  });

  test('has a price that is not known', async () => {
    const at = await store(null, ['--max-cost', '1']);
    const reply = await send(at, { body: hello({ model: 'gpt-nobody-knows', max_tokens: 1 }) });
    expect(reply).toMatchObject({ status: 402, json: { error: { code: 'cost_unbounded' } } });
  });
});

describe('a request without a model', () => {
  const nameless = { body: { messages: [{ role: 'user', content: 'Hi' }] } };

  test.each([
    ['a total', ['--max-cost', '1'], {}],
    ['a limit of its own', [], { 'x-alltoken-max-cost': '1' }],
    ['a list of models', ['--model-allow', 'gpt-*'], {}],
  ])('is 400 where it cannot be judged by %s', async (_what, argv, headers) => {
    const at = await store(null, argv);
    const reply = await send(at, { ...nameless, headers });
    expect(reply).toMatchObject({
      status: 400,
      json: { error: { type: 'invalid_request_error', code: 'missing_model', param: 'model' } },
    });
    expect(at.shop.chats()).toEqual([]);
    expect(at.world.ledger()).toEqual([]);
  });

  test('passes where nothing judges it: servers with one model need none', async () => {
    const at = await store(null);
    expect((await send(at, nameless)).status).toBe(200);
  });
});

describe('a limit where the price is not known', () => {
  test.each([
    ['the proxy', ['--max-cost', '1'], {}, /start the proxy without --max-cost$/],
    ['the request', [], { 'x-alltoken-max-cost': '1' }, /leave out x-alltoken-max-cost$/],
  ])('of %s can be left out, says the hint', async (_whose, argv, headers, hint) => {
    const at = await store(null, argv);
    const image = {
      path: '/v1/images/generations/async',
      body: { model: 'gpt-image-2', prompt: 'A cat' },
    };
    const chat = { body: hello({ model: 'gpt-nobody-knows', max_tokens: 1 }) };
    for (const wish of [image, chat]) {
      const { status, json } = await send(at, { ...wish, headers });
      expect(status).toBe(402);
      const { error } = json as { error: { message: string; alltoken: { hint: string } } };
      expect(error.alltoken.hint).toMatch(hint);
      if (wish === image)
        expect(error.message).toContain('the cost of an image is not known in advance');
    }
  });
});

describe('several answers at once', () => {
  const four = { body: hello({ max_tokens: 100, n: 4 }) };

  test.each([
    ['budget.day', { day: '0.0025' }, [], {}, 'budget_day'],
    ['budget.call', { call: '0.0025' }, [], {}, 'budget_call'],
    ['--max-cost', null, ['--max-cost', '0.0025'], {}, 'max_cost'],
    ['a header', null, [], { 'x-alltoken-max-cost': '0.0025' }, 'max_cost'],
  ])('each count under %s', async (_name, budget, argv, headers, code) => {
    const at = await store(budget, argv);
    const reply = await send(at, { ...four, headers });
    expect(reply).toMatchObject({ status: 402, json: { error: { code } } });
    expect(at.shop.chats()).toEqual([]);
  });

  test.each([
    ['budget.day', { day: '0.006' }, [], {}],
    ['budget.call', { call: '0.006' }, [], {}],
    ['--max-cost', null, ['--max-cost', '0.006'], {}],
    ['a header', null, [], { 'x-alltoken-max-cost': '0.006' }],
  ])('are bought where they fit under %s', async (_name, budget, argv, headers) => {
    const at = await store(budget, argv);
    expect((await send(at, { ...four, headers })).status).toBe(200);
    expect(at.shop.chats()[0]?.json).toMatchObject({ n: 4, max_tokens: 100 });
    const [intent] = at.world.ledger();
    // 400 tokens of answer at $10 for a million, and the prompt.
    expect(Number(intent?.bound)).toBeGreaterThan(0.004);
    expect(Number(intent?.bound)).toBeLessThan(0.006);
  });

  test.each([0, -1, 1.5, '4', 1e300, [4]])('of the number %j have no bound', async (n) => {
    const at = await store(null, ['--max-cost', '1']);
    const reply = await send(at, { body: hello({ max_tokens: 1, n }) });
    expect(reply).toMatchObject({ status: 402, json: { error: { code: 'cost_unbounded' } } });
  });

  test('without a limit are made shorter so that all of them fit', async () => {
    const at = await store({ call: '0.05' });
    const reply = await send(at, { body: hello({ model: 'deepseek-v4-pro', n: 4 }) });
    expect(reply.status).toBe(200);
    const limit = Number(at.shop.chats()[0]?.json?.max_tokens);
    expect(limit).toBeGreaterThan(3000);
    expect(limit * 4 * 0.000_004).toBeLessThanOrEqual(0.05);
  });
});

describe('a call without a limit of its own', () => {
  const cut: Reply = (response) =>
    sendStream(
      response,
      `${chunk({ content: 'Hel' })}${chunk({}, 'length')}data: [DONE]\n\n: {"cost":"0.02"}\n\n`,
    );

  test.each([
    ['a header of the reply', {}, 'headers'],
    ['a trailer of a stream', { stream: true }, 'trailers'],
  ] as const)('is made shorter by a cap, and says so in %s', async (_name, more, where) => {
    const at = await store({ call: '0.05' }, [], cut);
    const reply = await send(at, { body: hello({ ...more, model: 'deepseek-v4-pro' }) });
    const limit = Number(at.shop.chats()[0]?.json?.max_tokens ?? 8000);
    expect(limit).toBe(8000);
    const dear = await send(at, { body: hello({ ...more, model: 'gpt-5.4-pro' }) }).catch(
      () => null,
    );
    expect(dear?.status).toBe(402);
    const lower = await store({ call: '0.02' }, [], cut);
    const short = await send(lower, { body: hello({ ...more, model: 'deepseek-v4-pro' }) });
    const tokens = Number(lower.shop.chats()[0]?.json?.max_tokens);
    expect(tokens).toBeGreaterThan(1024);
    expect(tokens).toBeLessThan(5000);
    expect(short[where]['x-alltoken-cut']).toBe('budget.call');
    expect(short.body).toContain('"finish_reason":"length"');
    expect(reply[where]['x-alltoken-cut']).toBeUndefined();
  });
});

test('32 programs under one cap: the sum stays below it, and all that fit are served', async () => {
  const cost = '0.0010000000';
  // Each may cost a little more than $0.00115, and costs less: the one after the 21st could go beyond.
  const at = await store({ day: '0.0215' }, [], (response) =>
    sendStream(response, goodStream('Hi', cost)),
  );
  const body = hello({ max_tokens: 100 });
  const replies = await Promise.all(Array.from({ length: 32 }, () => send(at, { body })));
  const served = replies.filter(({ status }) => status === 200).length;
  expect(served).toBe(21);
  expect(replies.filter(({ status }) => status === 402)).toHaveLength(11);
  const outcomes = at.world.ledger().filter(({ event }) => event === 'outcome');
  expect(outcomes).toHaveLength(served);
});

test('the total of a server counts all its calls, and is gone with it', async () => {
  const at = await store(null, ['--max-cost', '0.0025'], (response) =>
    sendStream(response, goodStream('Hi', '0.001')),
  );
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await send(at, limited)).status);
  expect(statuses).toEqual([200, 200, 402, 402]);
  expect(await at.stop()).toBe(143);
  expect(at.world.err()).toContain('[usage] calls=2 cost=$0.002 refused=2\n');
});

test('a price list that could not be had is soon looked for again', async () => {
  let hasList = false;
  const server = await startServer((response, request) => {
    if (request.path === '/v1/chat/completions') return sendStream(response, goodStream('Hi'));
    response.writeHead(hasList ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(hasList ? { data: prices } : {}));
  });
  const world = worldAt(server, { timers: 'by hand' });
  const at = await startProxy(world, '--max-cost', '1');
  const refused = await send(at, limited);
  expect(refused).toMatchObject({ status: 402, json: { error: { code: 'cost_unbounded' } } });
  hasList = true;
  await world.clock.pass(10_000);
  expect((await send(at, limited)).status).toBe(200);
});

test('tags and sessions of a request are in the ledger, and what is not used is given back', async () => {
  const at = await store({ day: '5' }, ['--tag', 'team']);
  const headers = { 'x-alltoken-tag': 'ci, nightly', 'x-alltoken-session': 'run-1' };
  expect((await send(at, { ...limited, headers })).status).toBe(200);
  for (const line of at.world.ledger())
    expect(line).toMatchObject({
      command: 'serve',
      tags: ['team', 'ci', 'nightly'],
      session: 'run-1',
    });
  await at.stop();
  const state = JSON.parse(readFileSync(join(at.world.home, 'budget', 'budget.json'), 'utf8'));
  expect(state.reservations).toEqual([]);
});
