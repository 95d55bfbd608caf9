import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { filesBelow, stream } from '../../helpers/ask.ts';
import {
  budgetFile,
  buy,
  buyAgain,
  type Customer,
  openShop,
  type Shop,
} from '../../helpers/priced.ts';
import { goodStream } from '../../helpers/server.ts';

const hundred = ['--max-tokens', '100', 'Hi'];

/** A shop, and a home that has bought something for 0.001 USD today with the tag ci. */
async function after(budget: object): Promise<{ shop: Shop; first: Customer }> {
  const shop = await openShop(stream(goodStream('Hello', '0.001')));
  const first = await buy(shop, budget, ['chat', '--tag', 'ci', ...hundred]);
  expect(first.code, first.err()).toBe(0);
  return { shop, first };
}

/** The verdict of a dry run, which changes no file and sends nothing. */
async function verdict(first: Customer, shop: Shop, ...argv: string[]) {
  const before = filesBelow(first.home);
  const requests = shop.server.requests.length;
  const env = { ALLTOKEN_API_KEY: '' };
  const [command = 'chat', ...rest] = argv;
  const world = await buyAgain(first, shop, [command, '--dry-run', '--json', ...rest], { env });
  expect(world.code, world.err()).toBe(0);
  expect(filesBelow(first.home)).toEqual(before);
  expect(shop.server.requests).toHaveLength(requests);
  expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
  return world.json().verdict as { fits: boolean; caps: object[] };
}

describe('--dry-run under a budget', () => {
  test('says for each cap what is spent and reserved, and whether the call fits', async () => {
    const budget = { call: '0.01', day: '0.002', month: '1', tags: { ci: { day: '0.1' } } };
    const { shop, first } = await after(budget);
    const bound = expect.stringMatching(/^0\.0011\d+$/);
    const known = { bound, known: true, waits: false };
    const single = { spent: null, reserved: null, unsettled: null };
    const argv = ['--tag', 'ci', '--max-cost', '0.5', ...hundred];
    expect(await verdict(first, shop, 'chat', ...argv)).toEqual({
      fits: false,
      bound,
      open: null,
      caps: [
        { name: '--max-cost', limit: '0.5', ...single, ...known, fits: true },
        { name: 'budget.call', limit: '0.01', ...single, ...known, fits: true },
        {
          name: 'budget.day',
          limit: '0.002',
          spent: '0.001',
          reserved: '0',
          unsettled: '0',
          ...known,
          fits: false,
        },
        {
          name: 'budget.month',
          limit: '1',
          spent: '0.001',
          reserved: '0',
          unsettled: '0',
          ...known,
          fits: true,
        },
        {
          name: 'budget.tags.ci.day',
          limit: '0.1',
          spent: '0.001',
          reserved: '0',
          unsettled: '0',
          ...known,
          fits: true,
        },
      ],
    });
  });

  test('decides as the call does', async () => {
    const { shop, first } = await after({ day: '0.0025' });
    expect((await verdict(first, shop, 'chat', ...hundred)).fits).toBe(true);
    expect((await buyAgain(first, shop, ['chat', ...hundred])).code).toBe(0);
    expect((await verdict(first, shop, 'chat', ...hundred)).fits).toBe(false);
    expect((await buyAgain(first, shop, ['chat', ...hundred])).code).toBe(27);
  });

  test('reserves nothing', async () => {
    const { shop, first } = await after({ day: '0.0025' });
    const before = readFileSync(budgetFile(first), 'utf8');
    for (let run = 0; run < 3; run += 1)
      expect((await verdict(first, shop, 'chat', ...hundred)).fits).toBe(true);
    expect(readFileSync(budgetFile(first), 'utf8')).toBe(before);
  });

  test('makes no state where there is none', async () => {
    const shop = await openShop();
    const argv = ['chat', '--dry-run', '--json', ...hundred];
    const { code, home, json } = await buy(shop, { day: '1' }, argv);
    expect(code).toBe(0);
    expect(json().verdict).toMatchObject({
      fits: true,
      bound: '0.001155',
      caps: [{ spent: '0', known: true }],
    });
    for (const name of ['budget', 'ledger']) expect(existsSync(join(home, name))).toBe(false);
    expect(shop.chats()).toEqual([]);
  });

  test('of a search says why it may cost more', async () => {
    const { shop, first } = await after({ day: '1' });
    expect(await verdict(first, shop, 'search', ...hundred)).toMatchObject({
      fits: true,
      bound: '0.000579',
      open: expect.stringMatching(/search/),
      caps: [{ name: 'budget.day', known: false, fits: true }],
    });
  });

  test('with --max-cost and no price does not fit, as the call would not', async () => {
    const { shop, first } = await after({ day: '1' });
    const argv = ['-m', 'gpt-99', '--max-cost', '1', ...hundred];
    const { fits, caps } = await verdict(first, shop, 'chat', ...argv);
    expect(fits).toBe(false);
    expect(caps).toMatchObject([
      { name: '--max-cost', fits: false },
      { name: 'budget.day', fits: true },
    ]);
    expect((await buyAgain(first, shop, ['chat', ...argv])).code).toBe(27);
  });

  test('holds the fallbacks against the caps too, as the call does', async () => {
    const { shop, first } = await after({ call: '0.01', day: '1' });
    const argv = [...hundred, '--fallback', 'gpt-5.4-pro'];
    expect((await buyAgain(first, shop, ['chat', ...argv])).code).toBe(27);
    expect((await verdict(first, shop, 'chat', ...argv)).fits).toBe(false);
  });
});
