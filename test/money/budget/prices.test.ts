import { describe, expect, test } from 'vitest';
import { chat, expectNoKey, filesBelow, whole, worldAt } from '../../helpers/ask.ts';
import { notConnected } from '../../helpers/network.ts';
import { buy, buyAgain, openShop, prices } from '../../helpers/priced.ts';

const hundred = ['chat', '--max-tokens', '100', 'Hi'];
const minutes = 60_000;
const noon = Date.parse('2026-11-22T12:00:00Z');

describe('the prices that a cap is kept by', () => {
  test.each([
    ['budget.call', { call: '1' }, []],
    ['budget.month', { month: '1' }, []],
    ['a budget of the tag', { tags: { ci: { day: '1' } } }, ['--tag', 'ci']],
    ['--max-cost', {}, ['--max-cost', '1']],
  ])('are asked for without a key: %s', async (_what, budget, flags) => {
    const shop = await openShop();
    const { code, err } = await buy(shop, budget, [...hundred, ...flags]);
    expect(code, err()).toBe(0);
    expect(shop.lists()).toHaveLength(1);
    expect(shop.lists()[0]).toMatchObject({ method: 'GET', body: '' });
    expect(shop.lists()[0]?.headers).not.toHaveProperty('authorization');
    expect(shop.server.requests).toHaveLength(2);
  });

  test('are not asked for without a cap', async () => {
    const shop = await openShop();
    await buy(shop, { tags: { ci: { day: '1' } } }, hundred);
    expect(shop.lists()).toEqual([]);
  });

  test('are kept for an hour', async () => {
    const shop = await openShop();
    const at = (now: number) => ({ now: () => now });
    const first = await buy(shop, { day: '1' }, hundred, at(noon));
    await buyAgain(first, shop, hundred, at(noon + 59 * minutes));
    expect(shop.lists()).toHaveLength(1);
    await buyAgain(first, shop, hundred, at(noon + 60 * minutes));
    expect(shop.lists()).toHaveLength(2);
  });

  test('are the kept ones, with a warning, when the new ones cannot be had', async () => {
    const listed = [...prices];
    const shop = await openShop(undefined, listed);
    const first = await buy(shop, { call: '0.001' }, hundred);
    expect(first.code).toBe(27);
    const closed = await openShop(undefined, null);
    const env = { ALLTOKEN_HOME: first.home, ALLTOKEN_BASE_URL: shop.server.baseUrl };
    const later = worldAt(closed.server, { env, now: () => noon + 120 * minutes });
    listed.length = 0;
    later.deps.openNetwork = async () => async () => {
      throw notConnected('ECONNREFUSED');
    };
    expect(await later.run(...hundred)).toBe(27);
    expect(later.err()).toMatch(/^warning: .*the cached list is 2 h old$/m);
    expect(later.err()).toContain('more than budget.call 0.001');
  });

  test('that cannot be had leave a budget with a warning, and the call is sent', async () => {
    const shop = await openShop(undefined, null);
    const { code, err } = await buy(shop, { day: '1' }, hundred);
    expect(code, err()).toBe(0);
    expect(err()).toMatch(/^warning: no prices: /m);
    expect(err()).toMatch(
      /^warning: the price of gpt-5\.4-mini is unknown; budget\.day 1 can only/m,
    );
    expect(shop.chats()).toHaveLength(1);
  });

  test('that cannot be had are 27 with --max-cost, and nothing is sent', async () => {
    const shop = await openShop(undefined, null);
    const { code, err } = await buy(shop, {}, [...hundred, '--max-cost', '1']);
    expect(code).toBe(27);
    expect(err()).toMatch(
      /--max-cost cannot be enforced: the price .*\[budget code=cost_unbounded\]/,
    );
    expect(err()).toMatch(
      /^hint: alltoken models --refresh -g alltoken, or leave out --max-cost$/m,
    );
    expect(shop.chats()).toEqual([]);
  });
});

describe('a cost that the gateway does not tell', () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010 };
  const message = { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' };
  const body = { id: 'c', model: 'gpt-5.4-mini', choices: [message] };
  const answer = whole(200, 'application/json', JSON.stringify({ ...body, usage }));
  const argv = ['chat', '--no-stream', '--json', 'Hi'];

  test('is an estimate where tokens and prices are known, in the books too', async () => {
    const shop = await openShop(answer);
    const { json, ledger } = await buy(shop, { day: '1' }, argv);
    const cost = { amount: '0.0011', currency: 'USD', source: 'catalog' };
    expect(json()).toMatchObject({ ok: true, cost });
    expect(ledger()[1]).toMatchObject({ event: 'outcome', billed: 'yes', cost });
  });

  test('is an estimate by any list that is kept', async () => {
    const shop = await openShop(answer);
    const first = worldAt(shop.server);
    expect(await first.run('cost', 'gpt-5.4-mini', '1', '1')).toBe(0);
    const again = await buyAgain(first, shop, argv);
    expect(again.json().cost).toMatchObject({ amount: '0.0011', source: 'catalog' });
  });

  test('takes what was cached at its own price', async () => {
    const listed = [{ ...prices[0], cached_input_price: '0.10' }];
    const details = { prompt_tokens_details: { cached_tokens: 900 } };
    const reply = JSON.stringify({ ...body, usage: { ...usage, ...details } });
    const shop = await openShop(whole(200, 'application/json', reply), listed);
    const { json } = await buy(shop, { day: '1' }, argv);
    expect(json().cost).toMatchObject({ amount: '0.00029', source: 'catalog' });
  });

  test.each([
    ['no list', null, { ...body, usage }],
    ['a list without the model', prices.slice(1), { ...body, usage }],
    ['no tokens', prices, body],
    ['half of the tokens', prices, { ...body, usage: { prompt_tokens: 5 } }],
  ])('is unknown with %s', async (_what, listed, reply) => {
    const shop = await openShop(whole(200, 'application/json', JSON.stringify(reply)), listed);
    const { json, ledger } = await buy(shop, { day: '1' }, argv);
    const cost = { amount: null, currency: 'USD', source: 'unknown' };
    expect(json()).toMatchObject({ ok: true, cost });
    expect(ledger()[1]).toMatchObject({ cost });
  });

  test('is what the gateway tells where it does', async () => {
    const shop = await openShop();
    const { json } = await buy(shop, { day: '1' }, ['chat', '--json', 'Hi']);
    expect(json().cost).toMatchObject({ amount: '0.0000188000', source: 'gateway' });
  });
});

test('a cap leaves no file with the key, and no prompt', async () => {
  const shop = await openShop();
  const world = worldAt(shop.server, { home: { 'config.json': { budget: { day: '1' } } } });
  expect(await chat(world, 'A secret question')).toBe(0);
  expectNoKey(world);
  for (const [path, content] of Object.entries(filesBelow(world.home)))
    if (!path.startsWith('sessions')) expect(content, path).not.toContain('secret question');
});
