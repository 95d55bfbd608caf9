import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { envelope, expectNoKey, lostReply, stream, worldAt } from '../../helpers/ask.ts';
import { budgetFile, buy, buyAgain, openShop } from '../../helpers/priced.ts';
import { chunk, goodStream } from '../../helpers/server.ts';

/** 100 tokens for 10 USD a million: its bound is a little above 0.001 USD. */
const hundred = ['chat', '--max-tokens', '100', 'Hi'];

describe('budget.day', () => {
  test('lets calls through until the next one might not fit', async () => {
    const shop = await openShop(stream(goodStream('Hello', '0.001')));
    const first = await buy(shop, { day: '0.0031' }, hundred);
    expect(first.code, first.err()).toBe(0);
    expect((await buyAgain(first, shop, hundred)).code).toBe(0);
    const third = await buyAgain(first, shop, [...hundred, '--json']);
    expect(third.code).toBe(27);
    expect(shop.chats()).toHaveLength(2);
    expect(third.json()).toMatchObject({
      ok: false,
      exit: 27,
      attempts: 0,
      cost: { amount: null, source: 'unknown' },
      error: {
        exit: 27,
        name: 'budget',
        code: 'budget_day',
        billed: 'no',
        retryable: false,
        message: expect.stringMatching(
          /^this call could cost up to \$0\.001\d+; with \$0\.002 spent today that is more than budget\.day 0\.0031; nothing was sent$/,
        ),
        hint: expect.stringMatching(/alltoken config set budget\.day 0\.0/),
      },
    });
    expect(first.ledger()).toHaveLength(4);
  });

  test('gives back what was reserved and not spent', async () => {
    const shop = await openShop(stream(goodStream('Hello', '0.0000001')));
    const first = await buy(shop, { day: '0.0013' }, hundred);
    for (let call = 0; call < 3; call += 1)
      expect((await buyAgain(first, shop, hundred)).code).toBe(0);
  });

  test.each([
    ['a reply that was lost', lostReply, 46],
    [
      'no cost comment and no tokens',
      stream(chunk({ content: 'x' }, 'stop'), 'data: [DONE]\n\n'),
      0,
    ],
    ['half an answer', stream(chunk({ content: 'x' })), 40],
  ])('counts the whole bound for %s', async (_what, reply, exit) => {
    const shop = await openShop(reply);
    const first = await buy(shop, { day: '0.002' }, hundred);
    expect(first.code, first.err()).toBe(exit);
    const second = await buyAgain(first, shop, hundred);
    expect(second.code).toBe(27);
    expect(second.err()).toMatch(/with \$0\.001\d+ spent today/);
  });

  test.each([
    [401, 'invalid_api_key', 21],
    [402, 'insufficient_balance', 22],
    [404, 'model_not_found', 24],
  ])('counts nothing for a refusal: %i', async (status, slug, exit) => {
    const shop = await openShop(envelope(status, slug));
    const first = await buy(shop, { day: '0.002' }, hundred);
    expect(first.code).toBe(exit);
    expect((await buyAgain(first, shop, hundred)).code).toBe(exit);
    expect(shop.chats()).toHaveLength(2);
  });

  test('reserves once for all tries of one call', async () => {
    const well = stream(goodStream('Hello', '0.0011'));
    const shop = await openShop((response, request, count) =>
      (count < 3 ? envelope(503, 'all_providers_failed') : well)(response, request, count),
    );
    const { code, err } = await buy(shop, { day: '0.0013' }, hundred);
    expect(code, err()).toBe(0);
    expect(shop.chats()).toHaveLength(3);
  });

  test('buys no fallback in place of a call that does not fit', async () => {
    const shop = await openShop();
    const argv = ['chat', '-m', 'gpt-5.4-pro', '--max-tokens', '100', 'Hi'];
    const fallback = ['--fallback', 'gpt-5.4-mini'];
    const { code, err } = await buy(shop, { day: '0.01' }, [...argv, ...fallback]);
    expect(code).toBe(27);
    expect(err()).not.toContain('gpt-5.4-mini');
    expect(shop.chats()).toEqual([]);
  });

  test('holds for a fallback too', async () => {
    const shop = await openShop(envelope(404, 'model_not_found'));
    const argv = [...hundred, '--fallback', 'gpt-5.4-pro'];
    const { code } = await buy(shop, { day: '0.01' }, argv);
    expect(code).toBe(27);
    expect(shop.chats().map(({ json }) => json?.model)).toEqual(['gpt-5.4-mini']);
  });

  test('is over with the day, in UTC', async () => {
    const shop = await openShop(stream(goodStream('Hello', '0.001')));
    const evening = () => Date.parse('2026-11-22T23:59:59Z');
    const first = await buy(shop, { day: '0.0015' }, hundred, { now: evening });
    expect(first.code).toBe(0);
    expect((await buyAgain(first, shop, hundred, { now: evening })).code).toBe(27);
    const morning = () => Date.parse('2026-11-23T00:00:00Z');
    expect((await buyAgain(first, shop, hundred, { now: morning })).code).toBe(0);
  });

  test('counts the calls of other commands and gateways', async () => {
    const shop = await openShop(stream(goodStream('Hello', '0.001')));
    const first = await buy(shop, { day: '0.0028' }, hundred);
    const config = { gateways: { mine: { kind: 'openai', base_url: shop.server.baseUrl } } };
    const path = join(first.home, 'config.json');
    const before = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...before, ...config }));
    const other = await buyAgain(first, shop, ['chat', '-g', 'mine', '-m', 'local', 'Hi']);
    expect(other.code, other.err()).toBe(0);
    const search = ['search', '--max-tokens', '250', 'Hi'];
    const third = await buyAgain(first, shop, search);
    expect(third.code).toBe(27);
    expect(third.err()).toContain('with $0.002 spent today');
  });

  test('is made again from the ledger when its state is deleted', async () => {
    const shop = await openShop(stream(goodStream('Hello', '0.001')));
    const first = await buy(shop, { day: '0.002' }, hundred);
    rmSync(join(first.home, 'budget'), { recursive: true });
    expect((await buyAgain(first, shop, hundred)).code).toBe(27);
    expect(readFileSync(budgetFile(first), 'utf8')).toContain('"month":"2026-11"');
  });

  test('counts a call of unknown cost with its bound when its state is deleted', async () => {
    const shop = await openShop(lostReply);
    const first = await buy(shop, { day: '0.002' }, hundred);
    const [{ bound } = {}, outcome] = first.ledger();
    expect(bound).toMatch(/^0\.0011\d+$/);
    expect(outcome).toMatchObject({ event: 'outcome', bound, cost: { amount: null } });
    rmSync(join(first.home, 'budget'), { recursive: true });
    const second = await buyAgain(first, shop, hundred);
    expect(second.code).toBe(27);
    expect(second.err()).toContain(`with $${bound} spent today that`);
  });

  test('is held by another container for ten seconds', async () => {
    const shop = await openShop();
    const home = { 'config.json': { budget: { day: '1' } } };
    const world = worldAt(shop.server, { home, processSpace: 'host_boot_1' });
    mkdirSync(join(world.home, 'budget'));
    const lock = join(world.home, 'budget', 'budget.lock-1-mark-host_boot_2');
    const now = world.deps.clock.now();
    world.deps.clock.now = () => now;
    const before = now - 9999;
    writeFileSync(lock, '');
    utimesSync(lock, before / 1000, before / 1000);
    expect(await world.run(...hundred)).toBe(50);
    expect(world.err()).toMatch(/held by process 1; nothing was sent .*budget_in_use/);
    utimesSync(lock, before / 1000, (before - 1) / 1000);
    expect(await world.run(...hundred)).toBe(0);
    expect(readdirSync(join(world.home, 'budget'))).toEqual(['budget.json']);
  });

  test('that cannot be kept is 50, and nothing is sent', async () => {
    const shop = await openShop();
    const home = { 'config.json': { budget: { day: '1' } }, budget: 'a file' };
    const world = worldAt(shop.server, { home });
    expect(await world.run(...hundred)).toBe(50);
    expectNoKey(world);
    expect(world.err()).toMatch(
      /^alltoken: the budget in .* cannot be enforced .* nothing was sent/m,
    );
    expect(shop.chats()).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });

  test('in use for ever by another process is 50, and nothing is sent', async () => {
    const shop = await openShop();
    const home = { 'config.json': { budget: { day: '1' } } };
    const world = worldAt(shop.server, { home, processes: { 99: 'other' } });
    mkdirSync(join(world.home, 'budget'));
    writeFileSync(join(world.home, 'budget', 'budget.lock-99-other'), '');
    expect(await world.run(...hundred)).toBe(50);
    expect(world.err()).toMatch(/held by process 99; nothing was sent .*budget_in_use/);
    expect(shop.chats()).toEqual([]);
  });
});
