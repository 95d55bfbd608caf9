import { describe, expect, test } from 'vitest';
import { stream } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { list, modelServer } from '../helpers/model-gateway.ts';
import { buy, openShop } from '../helpers/priced.ts';
import { chunk } from '../helpers/server.ts';

/** `cost --json …argv` at an OpenRouter whose public list has these models. */
async function estimate(listed: object | readonly object[], ...argv: string[]) {
  const server = await modelServer({ '/v1/models': list(...[listed].flat()) });
  const world = fakeDeps();
  const code = await world.run(
    'cost',
    '-g',
    'openrouter',
    '--base-url',
    server.baseUrl,
    '--json',
    ...argv,
  );
  expect(code, world.err()).toBe(0);
  return world.json() as { cost: { amount: string | null }; warnings: string[]; parts: object[] };
}

const sonar = {
  id: 'perplexity/sonar',
  pricing: { prompt: '0.000001', completion: '0.000001', request: '0.005' },
};
const gemini = {
  id: 'google/gemini-2.5-pro',
  pricing: {
    prompt: '0.00000125',
    completion: '0.00001',
    overrides: [{ min_prompt_tokens: 200000, prompt: '0.0000025', completion: '0.000015' }],
  },
};
const claude = {
  id: 'anthropic/claude',
  pricing: {
    prompt: '0.000003',
    completion: '0.000015',
    input_cache_read: '0.0000003',
    input_cache_write: '0.00000375',
  },
};

describe('an estimate counts all that the list tells', () => {
  test('M2 a price for the request', async () => {
    const document = await estimate(sonar, 'perplexity/sonar', '100', '10');
    expect(document.cost.amount).toBe('0.00511');
    expect(document.parts).toContainEqual({
      part: 'request',
      tokens: 0,
      price: '0.005',
      amount: '0.005',
    });
  });

  test.each([
    ['250000', '0.64'],
    ['200000', '0.515'],
    ['199999', '0.25999875'],
  ])('M3 the tier of a prompt of %s tokens', async (prompt, amount) =>
    expect((await estimate(gemini, gemini.id, prompt, '1000')).cost.amount).toBe(amount),
  );

  test.each([
    [
      'input_tiers',
      {
        input_tiers: [
          { cost: '0.00000125', min: 0, max: 200000 },
          { cost: '0.0000025', min: 200000 },
        ],
        output_tiers: [
          { cost: '0.00001', min: 0 },
          { cost: '0.000015', min: 200000 },
        ],
      },
    ],
    ['context_over_200k', { context_over_200k: { input: '0.0000025', output: '0.000015' } }],
    [
      'tiers in any order',
      {
        tiers: [
          { above: 200000, input: '0.0000025', output: '0.000015' },
          { above: 100000, input: '0.000002' },
        ],
      },
    ],
    [
      'upper limits',
      {
        tiers: [
          { max_prompt_tokens: 200000, input: '0.00000125' },
          { max_prompt_tokens: 1000000, input: '0.0000025', output: '0.000015' },
        ],
      },
    ],
  ])('M3 tiers as %s', async (_form, pricing) => {
    const { overrides: _, ...base } = gemini.pricing;
    const document = await estimate(
      { id: 'm', pricing: { ...base, ...pricing } },
      'm',
      '250000',
      '1000',
    );
    expect(document.cost.amount).toBe('0.64');
    expect(document.warnings).toEqual([]);
  });

  test('M4 tokens written to the cache', async () => {
    const argv = ['1000000', '10', '--cache-write', '1000000'];
    expect((await estimate(claude, claude.id, ...argv)).cost.amount).toBe('3.75015');
    const bare = { id: 'm', pricing: { prompt: '0.000003', completion: '0.000015' } };
    const unknown = await estimate(bare, 'm', ...argv);
    expect(unknown.cost.amount).toBeNull();
    expect(unknown.warnings).toEqual([
      'm has no price for tokens written to the cache in the list',
    ]);
  });

  test('reasoning that costs more than the rest of the answer', async () => {
    const pricing = { prompt: '0', completion: '0.00001', internal_reasoning: '0.00003' };
    const document = await estimate(
      { id: 'm', pricing },
      'm',
      '0',
      '100000',
      '--reasoning',
      '100000',
    );
    expect(document.cost.amount).toBe('4');
  });

  test('what it cannot count is named', async () => {
    const pricing = {
      ...claude.pricing,
      web_search: '0.01',
      image: '0',
      discount: 0.5,
      overrides: [{ from_hour: 2, prompt: '0' }],
    };
    const document = await estimate({ id: 'm', pricing }, 'm', '10', '10');
    expect(document).toMatchObject({
      cost: { amount: '0.00018' },
      prices: { not_counted: ['overrides', 'web_search'] },
    });
    expect(document.warnings).toEqual([
      'the list also has a price of m for overrides, web_search, which is not counted',
    ]);
  });

  test.each([
    ['the entry', { currency: 'CNY' }, {}],
    ['its prices', {}, { currency: 'cny' }],
  ])('M14 prices in another currency, said by %s, are unknown', async (_where, more, price) => {
    const document = await estimate(
      { id: 'm', ...more, pricing: { ...claude.pricing, ...price } },
      'm',
      '10',
      '10',
    );
    expect(document.cost).toEqual({ amount: null, currency: 'USD', source: 'unknown' });
    expect(document.warnings.join()).toMatch(/the prices of m are in CNY, not in USD/i);
  });

  test('M14 a list that says USD is in USD', async () => {
    expect(
      (await estimate({ ...claude, currency: 'usd' }, claude.id, '10', '10')).cost.amount,
    ).toBe('0.00018');
  });
});

describe('the bound of a call', () => {
  const few = ['--max-tokens', '10', 'Hi'];

  test('M2 has the price of the request: 27, nothing sent', async () => {
    const shop = await openShop(undefined, [sonar]);
    const argv = ['chat', '-m', sonar.id, '--json', '--max-cost', '0.001', ...few];
    const world = await buy(shop, {}, argv);
    expect(world.code).toBe(27);
    expect(shop.chats()).toEqual([]);
    expect(world.json()).toMatchObject({ error: { code: 'max_cost', billed: 'no' } });
    // 168 tokens at the list's price, a millionth of that here.
    expect(world.err()).toContain('could cost up to $0.005000000168, more than --max-cost 0.001');
  });

  test('M12 a dry run in a new home looks the prices up, without a key', async () => {
    const perMillion = { prompt: 1, completion: 1, request: '0.005' };
    const shop = await openShop(undefined, [{ id: sonar.id, pricing: perMillion }]);
    const argv = ['chat', '--dry-run', '--json', '-m', sonar.id, '--max-cost', '0.001', ...few];
    const world = await buy(shop, {}, argv, { env: { ALLTOKEN_API_KEY: '' } });
    expect(world.code, world.err()).toBe(0);
    expect(shop.lists()).toHaveLength(1);
    expect(shop.chats()).toEqual([]);
    const { tokens, price, verdict } = world.json() as {
      tokens: { prompt_max: number };
      price: { max: string };
      verdict: { fits: boolean };
    };
    // 5,000 for the request, and one for each token.
    expect(Number(price.max) * 1e6).toBeCloseTo(5000 + tokens.prompt_max + 10, 6);
    expect(verdict.fits).toBe(false);
  });

  test('M12 a dry run says when no prices can be had', async () => {
    const shop = await openShop(undefined, null);
    const world = await buy(shop, {}, ['chat', '--dry-run', '--json', ...few]);
    expect(world.code).toBe(0);
    expect(world.err()).toMatch(/^warning: no prices: /);
    expect(world.json()).toMatchObject({ price: { source: 'unknown' } });
  });

  const bound = async (pricing: object, ...argv: string[]) => {
    const shop = await openShop(undefined, [{ id: 'm', pricing }]);
    const world = await buy(shop, {}, ['chat', '--dry-run', '--json', '-m', 'm', ...argv]);
    return world.json() as {
      tokens: { prompt_max: number };
      verdict: { bound: string; open: string | null };
    };
  };

  test('takes the whole prompt at its dearest price', async () => {
    const { tokens, verdict } = await bound(
      { prompt: 1, completion: 10, input_cache_write: 1.25 },
      ...few,
    );
    expect(Number(verdict.bound) * 1e6).toBeCloseTo(tokens.prompt_max * 1.25 + 100, 6);
    expect(verdict.open).toBeNull();
  });

  test('of a long prompt is that of its tier', async () => {
    const pricing = {
      prompt: 1,
      completion: 10,
      overrides: [{ min_prompt_tokens: 1000, prompt: 2, completion: 20 }],
    };
    const { tokens, verdict } = await bound(pricing, '--max-tokens', '10', 'x'.repeat(1000));
    expect(Number(verdict.bound) * 1e6).toBeCloseTo(tokens.prompt_max * 2 + 200, 6);
  });

  test('is open where a listed price cannot be counted, and says so', async () => {
    const pricing = { prompt: 1, completion: 10, web_search: '0.01', image: '0.02' };
    const { verdict } = await bound(pricing, ...few);
    expect(verdict.open).toBe('the listed price of web_search of m is not counted');
  });
});

describe('a call without a reported cost', () => {
  const priced = [
    {
      id: 'm',
      pricing: { prompt: 3, completion: 15, input_cache_read: 0.3, input_cache_write: 3.75 },
    },
    { id: 'bare', pricing: { prompt: 3, completion: 15 } },
    { id: 'searching', pricing: { prompt: 3, completion: 15, web_search: '0.01' } },
  ];

  async function booked(usage: object, model = 'm'): Promise<string | null> {
    const end = `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
    const shop = await openShop(stream(chunk({ content: 'Hi' }), chunk({}, 'stop'), end), priced);
    const argv = ['chat', '-m', model, '--json', '--max-tokens', '10', 'Hi'];
    const world = await buy(shop, { day: '9' }, argv);
    expect(world.code, world.err()).toBe(0);
    const { cost } = world.json() as { cost: { amount: string | null } };
    expect(world.ledger().at(-1)).toMatchObject({ cost });
    return cost.amount;
  }

  test('W12 whose usage is all zeros is unknown', async () => {
    expect(await booked({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })).toBeNull();
  });

  test('M4 pays for what was written to the cache', async () => {
    const usage = { prompt_tokens: 1000000, completion_tokens: 10, total_tokens: 1000010 };
    const written = { ...usage, cache_creation_input_tokens: 1000000 };
    expect(await booked(written)).toBe('3.75015');
    expect(await booked(written, 'bare')).toBeNull();
  });

  test('M5 pays for cached tokens beside the prompt', async () => {
    expect(
      await booked({ input_tokens: 10, output_tokens: 10, cache_read_input_tokens: 1000000 }),
    ).toBe('0.30018');
  });

  test('is unknown if the list has a price that cannot be counted', async () => {
    expect(await booked({ prompt_tokens: 10, completion_tokens: 10 }, 'searching')).toBeNull();
  });
});
