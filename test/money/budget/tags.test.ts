import { describe, expect, test } from 'vitest';
import { stream } from '../../helpers/ask.ts';
import { buy, buyAgain, openShop } from '../../helpers/priced.ts';
import { goodStream } from '../../helpers/server.ts';

const dear = stream(goodStream('Hello', '0.001'));
const hundred = ['chat', '--max-tokens', '100', 'Hi'];
const tagged = (...tags: string[]): string[] => [
  ...hundred,
  ...tags.flatMap((tag) => ['--tag', tag]),
];

function tagsIn(lines: Record<string, unknown>[]): unknown[] {
  return lines.map(({ tags }) => tags);
}

describe('tags', () => {
  test('stand in both lines of the ledger, each once', async () => {
    const { code, ledger } = await buy(await openShop(), {}, tagged('ci', 'docs', 'ci'));
    expect(code).toBe(0);
    expect(tagsIn(ledger())).toEqual([
      ['ci', 'docs'],
      ['ci', 'docs'],
    ]);
  });

  test('come from ALLTOKEN_TAG too, with commas between them', async () => {
    const env = { ALLTOKEN_TAG: ' nightly, ci,,nightly ' };
    const { code, ledger } = await buy(await openShop(), {}, tagged('ci'), { env });
    expect(code).toBe(0);
    expect(tagsIn(ledger())).toEqual([
      ['ci', 'nightly'],
      ['ci', 'nightly'],
    ]);
  });

  test.each(['', 'a b', 'a,b', '-x', '.x', 'ä', 'x'.repeat(65), '$(id)'])(
    '2: --tag %j is no name',
    async (tag) => {
      const shop = await openShop();
      expect((await buy(shop, {}, tagged(tag))).code).toBe(2);
      expect(shop.server.requests).toEqual([]);
    },
  );

  test('2: nor in ALLTOKEN_TAG', async () => {
    const shop = await openShop();
    const { code, err } = await buy(shop, {}, hundred, { env: { ALLTOKEN_TAG: 'ok,not ok' } });
    expect(code).toBe(2);
    expect(err()).toContain('ALLTOKEN_TAG: "not ok" is not a valid tag');
    expect(shop.server.requests).toEqual([]);
  });

  test('2: more than 16 of them, so that no budget is lost without a word', async () => {
    const shop = await openShop();
    const many = Array.from({ length: 16 }, (_, index) => `t${index}`);
    const env = { ALLTOKEN_TAG: [...many, 'ci'].join(',') };
    const budget = { tags: { ci: { day: '0.0000001' } } };
    const { code, err } = await buy(shop, budget, hundred, { env });
    expect(code, err()).toBe(2);
    expect(shop.chats()).toEqual([]);
  });
});

describe('budget.tags', () => {
  test.each([
    ['--tag', tagged('ci'), {}],
    ['ALLTOKEN_TAG', hundred, { ALLTOKEN_TAG: 'ci' }],
  ])('holds for calls with the tag, by %s', async (_how, argv, env) => {
    const shop = await openShop(dear);
    const budget = { day: '1', tags: { ci: { day: '0.002' } } };
    const first = await buy(shop, budget, argv, { env });
    expect(first.code).toBe(0);
    const second = await buyAgain(first, shop, argv, { env });
    expect(second.code).toBe(27);
    expect(second.err()).toMatch(
      /with \$0\.001 spent today that is more than budget\.tags\.ci\.day 0\.002; .*code=budget_day/,
    );
    expect(second.err()).toContain('alltoken config set budget.tags.ci.day 0.002');
    expect((await buyAgain(first, shop, hundred, { env: { ALLTOKEN_TAG: '' } })).code).toBe(0);
    expect((await buyAgain(first, shop, tagged('docs'))).code).toBe(0);
  });

  test('of every tag of a call hold', async () => {
    const shop = await openShop(dear);
    const budget = { tags: { ci: { month: '1' }, docs: { month: '0.002' } } };
    const first = await buy(shop, budget, tagged('docs'));
    expect(first.code).toBe(0);
    const second = await buyAgain(first, shop, tagged('ci', 'docs'));
    expect(second.code).toBe(27);
    expect(second.err()).toContain('code=budget_month');
    expect((await buyAgain(first, shop, tagged('ci'))).code).toBe(0);
  });

  test('of single calls need no state', async () => {
    const shop = await openShop();
    const budget = { tags: { ci: { call: '0.001' } } };
    const { code, err, ledger } = await buy(shop, budget, tagged('ci'), { home: { budget: '' } });
    expect(code).toBe(27);
    expect(err()).toContain('more than budget.tags.ci.call 0.001');
    expect(ledger()).toEqual([]);
    const other = await buy(await openShop(), budget, hundred, { home: { budget: '' } });
    expect(other.code, other.err()).toBe(0);
  });
});
