import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { envelope, type Reply, stream, worldAt } from '../../helpers/ask.ts';
import { buy, buyAgain, openShop } from '../../helpers/priced.ts';
import { chunk, goodStream } from '../../helpers/server.ts';
import { outcome, writeLedger } from '../../money/ledger/lines.ts';

/** USD for a million tokens, and long answers. */
const listed = [
  { id: 'gpt-5.4-mini', input_price: '1.00', output_price: '10.00', max_output_tokens: 128_000 },
  { id: 'gpt-5.4', input_price: '2.00', output_price: '20.00', max_output_tokens: 128_000 },
  { id: 'gpt-5.4-pro', input_price: '30.00', output_price: '180.00' },
  { id: 'deepseek-v4-pro', input_price: '1.00', output_price: '4.00', max_output_tokens: 8000 },
];

const cut = stream(
  chunk({ content: 'Once upon a' }),
  chunk({}, 'length'),
  'data: {"id":"c","model":"gpt-5.4-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4900}}\n\n',
  'data: [DONE]\n\n',
);

const shopOf = (reply?: Reply) => openShop(reply, listed);
const sent = (shop: Awaited<ReturnType<typeof shopOf>>) => shop.chats().map(({ json }) => json);

describe('M10: a cap on a call', () => {
  test.each([
    ['--max-cost', {}, ['--max-cost', '0.05']],
    ['budget.call', { call: '0.05' }, []],
    ['budget.tags.ci.call', { tags: { ci: { call: '0.05' } } }, ['--tag', 'ci']],
  ])('lowers max_tokens to what it pays for: %s', async (name, budget, flags) => {
    const shop = await shopOf();
    const world = await buy(shop, budget, ['chat', '--json', ...flags, 'Hello']);
    expect(world.code, world.err()).toBe(0);
    const [body] = sent(shop);
    expect(body?.max_tokens).toBeGreaterThan(4900);
    expect(body?.max_tokens).toBeLessThan(5000);
    expect(world.json()).toMatchObject({
      cap: { name, limit: '0.05', left: null, max_tokens: body?.max_tokens },
    });
    const { bound } = world.json().cap as { bound: string };
    expect(Number(bound)).toBeLessThanOrEqual(0.05);
    expect(Number(bound) + 0.00001).toBeGreaterThan(0.05);
    expect(world.ledger()[0]).toMatchObject({ event: 'intent', bound });
    expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
    expect(world.err()).not.toMatch(/warning|lowered/);
  });

  test('is said with -v, in one line', async () => {
    const { err } = await buy(await shopOf(), {}, ['chat', '-v', '--max-cost', '0.05', 'Hello']);
    expect(err()).toMatch(
      /^\[verbose\] max_tokens is lowered to 49\d\d by --max-cost 0\.05: this call can cost up to \$0\.0499\d*$/m,
    );
    const quiet = await buy(await shopOf(), {}, ['chat', '--max-cost', '0.05', 'Hello']);
    expect(quiet.err()).not.toContain('lowered');
  });

  test.each([
    ['the flag', ['--max-tokens', '9000'], {}],
    ['--param', ['--param', 'max_tokens=9000'], {}],
    ['--param max_completion_tokens', ['--param', 'max_completion_tokens=9000'], {}],
    ['the config', [], { defaults: { chat: { max_tokens: 9000 } } }],
  ])('lowers nothing that somebody has set: %s', async (_how, flags, config) => {
    const shop = await shopOf();
    const argv = ['chat', '--json', '--max-cost', '0.05', ...flags, 'Hello'];
    const world = await buy(shop, {}, argv, { home: { 'config.json': config } });
    expect(world.code).toBe(27);
    expect(world.json()).toMatchObject({ cap: null, error: { code: 'max_cost' } });
    expect(shop.chats()).toEqual([]);
  });

  test('lowers nothing where the call fits as it is', async () => {
    const shop = await shopOf();
    const { code, json } = await buy(shop, {}, ['chat', '--json', '--max-cost', '2', 'Hello']);
    expect(code).toBe(0);
    expect(json().cap).toBe(null);
    expect(sent(shop)[0]).not.toHaveProperty('max_tokens');
  });

  test('uses the other field where max_tokens is left out', async () => {
    const shop = await shopOf();
    const argv = ['chat', '--param', 'max_tokens=null', '--max-cost', '0.05', 'Hello'];
    expect((await buy(shop, {}, argv)).code).toBe(0);
    expect(sent(shop)[0]).not.toHaveProperty('max_tokens');
    expect(sent(shop)[0]?.max_completion_tokens).toBeGreaterThan(4900);
  });

  test('gives a limit to a model that the list has none for', async () => {
    const shop = await shopOf();
    const argv = ['chat', '-m', 'gpt-5.4-pro', '--max-cost', '0.5', 'Hello'];
    const { code, err } = await buy(shop, {}, argv);
    expect(code, err()).toBe(0);
    expect(err()).not.toContain('warning');
    expect(sent(shop)[0]?.max_tokens).toBeGreaterThan(2600);
  });

  test.each([
    ['budget.day', { day: '5' }, 'gpt-5.4-pro', 'max_tokens'],
    ['budget.day that does not pay for it', { day: '0.01' }, 'gpt-5.4-pro', null],
    ['--max-cost for a model that is free', {}, 'free-1', undefined],
  ])('M10: warns of no missing limit: %s', async (_, budget, model, field) => {
    const free = { id: 'free-1', input_price: '0', output_price: '0' };
    const shop = await openShop(undefined, [...listed, free]);
    const flags = 'day' in budget ? [] : ['--max-cost', '0.05'];
    const world = await buy(shop, budget, ['chat', ...flags, '-m', model, 'Hello']);
    expect(world.code, world.err()).toBe(field === null ? 27 : 0);
    if (field !== null)
      expect(typeof sent(shop)[0]?.max_tokens).toBe(field ? 'number' : 'undefined');
    expect(world.err()).not.toContain('warning');
  });

  test('27: below 1,024 tokens, with how many it would pay for', async () => {
    const shop = await shopOf();
    const world = await buy(shop, {}, ['chat', '--max-cost', '0.005', 'Hello']);
    expect(world.code).toBe(27);
    expect(world.err()).toMatch(
      /^alltoken: gpt-5\.4-mini: this call, with an answer of 1024 tokens, could cost up to \$0\.0103\d*, more than --max-cost 0\.005; nothing was sent \[budget code=max_cost\]\nhint: allow less: --max-tokens 4\d\d, or allow more: --max-cost 0\.011$/m,
    );
    const tokens = /--max-tokens (\d+)/.exec(world.err())?.[1] ?? '';
    const taken = ['chat', '--max-cost', '0.005', '--max-tokens', tokens, 'Hello'];
    expect((await buyAgain(world, shop, taken)).code).toBe(0);
    expect(sent(shop)).toHaveLength(1);
  });

  test('27: a prompt that costs more than the cap, and no number of tokens helps', async () => {
    const shop = await shopOf();
    const { code, err } = await buy(shop, {}, ['chat', '--max-cost', '0.0001', 'Hello'.repeat(99)]);
    expect(code).toBe(27);
    expect(err()).toMatch(/^hint: allow more: --max-cost 0\.011$/m);
    // With that amount it is sent.
    expect((await buy(shop, {}, ['chat', '--max-cost', '0.011', 'Hello'.repeat(99)])).code).toBe(0);
  });

  test('27 is data too: the cap, its limit and the bound', async () => {
    const shop = await shopOf();
    const { json } = await buy(shop, {}, ['chat', '--json', '--max-cost', '0.005', 'Hello']);
    expect(chatDocumentSchema.safeParse(json()).error).toBeUndefined();
    expect(json()).toMatchObject({
      error: {
        code: 'max_cost',
        cap: { name: '--max-cost', limit: '0.005', fits: false, known: true },
        next: [
          { do: 'set-flag', flag: '--max-tokens', value: expect.stringMatching(/^4\d\d$/) },
          { do: 'set-flag', flag: '--max-cost' },
        ],
      },
    });
  });

  test.each([
    [
      ['-m', 'gpt-99'],
      /the price of gpt-99 is unknown; nothing.*cost_unbounded\]\nhint: alltoken models --refresh/,
    ],
    [
      ['--param', 'wizard=3'],
      /the cost of --param wizard is unknown; nothing.*cost_unbounded\]\nhint: leave out --param/,
    ],
    [
      ['--thinking', '--max-tokens', '9'],
      /no token limit.*cost_unbounded\]\nhint: limit the tokens: --thinking 4096/,
    ],
  ])('27 with the reason where the cost has no limit: %j', async (flags, words) => {
    const shop = await shopOf();
    const { code, err } = await buy(shop, {}, ['chat', '--max-cost', '5', ...flags, 'Hello']);
    expect(code, err()).toBe(27);
    expect(err()).toMatch(words);
    expect(shop.chats()).toEqual([]);
  });

  test('counts the thinking on top', async () => {
    const shop = await shopOf();
    const argv = ['chat', '--thinking', '2000', '--max-cost', '0.05', 'Hello'];
    expect((await buy(shop, {}, argv)).code).toBe(0);
    expect(sent(shop)[0]?.max_tokens).toBeGreaterThan(2900);
    expect(sent(shop)[0]?.max_tokens).toBeLessThan(3000);
  });

  test('leaves room for what cannot be counted: a search', async () => {
    const shop = await shopOf();
    const argv = ['chat', '--search', '--force', '--max-cost', '0.08', 'Hello'];
    const { code, err } = await buy(shop, {}, argv);
    expect(code, err()).toBe(0);
    expect(err()).toMatch(/^warning: this call may cost more than .* search are not known/m);
    expect(sent(shop)[0]?.max_tokens).toBe(4096);
  });

  test('is each fallback’s own', async () => {
    const shop = await shopOf(async (response, request, count) =>
      (count === 1 ? envelope(404, 'model_not_found') : stream(goodStream()))(
        response,
        request,
        count,
      ),
    );
    const argv = ['chat', '--json', '--fallback', 'gpt-5.4', '--max-cost', '0.05', 'Hello'];
    const { code, json } = await buy(shop, {}, argv);
    expect(code).toBe(0);
    const [first, second] = sent(shop).map((body) => Number(body?.max_tokens));
    expect(first).toBeGreaterThan(4900);
    expect(second).toBeGreaterThan(2400);
    expect(second).toBeLessThan(2500);
    expect(json().cap).toMatchObject({ max_tokens: second });
  });

  test('holds for all tries of one call', async () => {
    const shop = await shopOf((response, request, count) =>
      (count === 1 ? envelope(503, 'all_providers_failed') : stream(goodStream()))(
        response,
        request,
        count,
      ),
    );
    expect((await buy(shop, {}, ['chat', '--max-cost', '0.05', 'Hello'])).code).toBe(0);
    const [first, second] = sent(shop);
    expect(second).toEqual(first);
  });
});

describe('search under a cap', () => {
  const argv = ['search', '--json', 'Hello'];

  test('keeps its own limit of the answer where the cap pays for it', async () => {
    const shop = await shopOf();
    const { code, json, err } = await buy(shop, {}, [...argv, '--max-cost', '0.01']);
    expect(code, err()).toBe(0);
    expect(sent(shop)[0]?.max_tokens).toBe(600);
    expect(json().cap).toBe(null);
  });

  test('27 where it does not, with the reason why it may cost more', async () => {
    const { code, json } = await buy(await shopOf(), {}, [...argv, '--max-cost', '0.001']);
    expect(code).toBe(27);
    expect(json().error).toMatchObject({
      message: expect.stringMatching(/at least .* \(the tokens of an image or a search are not/),
      cap: { known: false, fits: false },
    });
  });
});

describe('a cap on a period', () => {
  test('gives an eighth of what is left, and says so', async () => {
    const shop = await shopOf(stream(goodStream('Hello', '0.2')));
    const first = await buy(shop, { day: '1' }, ['chat', '--json', 'Hello']);
    expect(first.code, first.err()).toBe(0);
    const eighth = (limit: number) => [limit / 8 / 0.00001 - 60, limit / 8 / 0.00001] as const;
    const second = await buyAgain(first, shop, ['chat', '--json', 'Hello']);
    const [one, two] = sent(shop).map((body) => Number(body?.max_tokens));
    for (const [tokens, [least, most]] of [
      [one, eighth(1)],
      [two, eighth(0.8)],
    ] as const) {
      expect(tokens).toBeGreaterThan(least);
      expect(tokens).toBeLessThan(most);
    }
    expect(second.json().cap).toMatchObject({ name: 'budget.day', limit: '1', left: '0.8' });
  });

  test('gives 4,096 tokens where an eighth is less, then the rest, then 27', async () => {
    const shop = await shopOf(stream(goodStream('Hello', '0.04')));
    const first = await buy(shop, { day: '0.115' }, ['chat', 'Hello']);
    expect(first.code).toBe(0);
    expect((await buyAgain(first, shop, ['chat', 'Hello'])).code).toBe(0);
    expect((await buyAgain(first, shop, ['chat', 'Hello'])).code).toBe(0);
    const [one, two, three] = sent(shop).map((body) => Number(body?.max_tokens));
    expect([one, two]).toEqual([4096, 4096]);
    expect(three).toBeGreaterThan(3400);
    expect(three).toBeLessThan(3500);
    const last = await buyAgain(first, shop, ['chat', '--json', 'Hello']);
    expect(last.code).toBe(27);
    expect(last.json().error).toMatchObject({
      code: 'budget_day',
      cap: { name: 'budget.day', limit: '0.115', spent: '0.12', reserved: '0' },
    });
    expect(sent(shop)).toHaveLength(3);
  });

  test('M11: calls side by side all get a share, and together stay within it', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const shop = await shopOf(async (response, request, at) => {
      await released;
      return stream(goodStream('Hello', '0.01'))(response, request, at);
    });
    const first = await buy(shop, { day: '5' }, ['models']);
    const calls = Array.from({ length: 12 }, () => buyAgain(first, shop, ['chat', '--json', 'Hi']));
    await expect.poll(() => sent(shop).length, { timeout: 20_000 }).toBe(12);
    release();
    const worlds = await Promise.all(calls);
    expect(worlds.map(({ code }) => code)).toEqual(worlds.map(() => 0));
    const bounds = worlds.map(({ json }) => Number((json().cap as { bound: string }).bound));
    expect(bounds.reduce((sum, bound) => sum + bound, 0)).toBeLessThanOrEqual(5);
  });

  test.each([
    ['was lowered', 'gpt-5.4-mini', '0.9', '0.1'],
    ['had room for its own limit', 'deepseek-v4-pro', '0.98', '0.02'],
  ])(
    'gives less, not 27, where another call has spent what was left a moment ago: it %s',
    async (_, model, spent, left) => {
      const shop = await shopOf();
      const home = { 'config.json': { budget: { day: '1' } } };
      const world = worldAt(shop.server, { home });
      const { makeDirectory } = world.deps.files;
      let isSpent = false;
      world.deps.files.makeDirectory = async (path) => {
        await makeDirectory(path);
        // The first thing that is done to the budget, after what is left was read.
        if (isSpent || !path.endsWith('budget')) return;
        isSpent = true;
        writeLedger(world.home, [outcome('other', '2026-11-22T11:00:00.000Z', spent)]);
      };
      expect(await world.run('chat', '--json', '-m', model, 'Hello'), world.err()).toBe(0);
      expect(isSpent).toBe(true);
      expect(sent(shop)[0]?.max_tokens).toBe(4096);
      expect(world.json().cap).toMatchObject({ left });
    },
  );

  test('never overshoots, whatever the answers cost', async () => {
    let count = 0;
    const shop = await shopOf((response, request, at) => {
      count += 1;
      const tokens = Number(request.json?.max_tokens);
      // Each answer takes all that it may.
      const cost = (tokens * 0.00001).toFixed(8);
      return stream(goodStream('Hello', cost))(response, request, at);
    });
    const first = await buy(shop, { day: '0.2' }, ['chat', 'Hello']);
    let code = first.code;
    while (code === 0 && count < 30) code = (await buyAgain(first, shop, ['chat', 'Hello'])).code;
    expect(code).toBe(27);
    const spent = sent(shop).reduce((sum, body) => sum + Number(body?.max_tokens) * 0.00001, 0);
    expect(spent).toBeLessThanOrEqual(0.2);
    expect(spent).toBeGreaterThan(0.2 - 0.011);
  });
});

describe('an answer that our limit cut', () => {
  test('is 40 cut_by_cap, with the text kept and a hint that is taken', async () => {
    const shop = await shopOf(cut);
    const argv = ['chat', '--json', '--session', 's', '--max-cost', '0.05', 'Hello'];
    const world = await buy(shop, {}, argv);
    expect(world.code).toBe(40);
    expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
    const tokens = String(sent(shop)[0]?.max_tokens);
    expect(world.json()).toMatchObject({
      ok: false,
      exit: 40,
      text: 'Once upon a',
      finish_reason: 'length',
      cap: { name: '--max-cost', limit: '0.05' },
      error: {
        name: 'partial',
        code: 'cut_by_cap',
        billed: 'yes',
        message: `the answer was cut at the ${tokens} tokens that --max-cost 0.05 allows it`,
        next: [
          { do: 'set-flag', flag: '--max-cost' },
          { do: 'set-flag', flag: '--max-tokens', value: tokens },
        ],
      },
    });
    const saved = readFileSync(join(world.home, 'sessions', 's.jsonl'), 'utf8');
    expect(saved).toContain('Once upon a');
    expect(world.ledger()[1]).toMatchObject({ event: 'outcome', exit: 40, billed: 'yes' });
    // With the limit that it had, but set: an answer of that length is what was asked for.
    const short = ['chat', '--max-cost', '0.05', '--max-tokens', tokens, 'Hello'];
    expect((await buyAgain(world, shop, short)).code).toBe(0);
  });

  test('by a cap on a period names the number of tokens that the rest pays for', async () => {
    const shop = await shopOf(cut);
    const world = await buy(shop, { day: '1' }, ['chat', 'Hello']);
    expect(world.code).toBe(40);
    expect(world.out()).toBe('Once upon a\n');
    expect(world.err()).toMatch(
      /^alltoken: the answer was cut at the 124\d\d tokens that budget\.day 1 allows it \[partial code=cut_by_cap request_id=req-1\]\nhint: allow a longer answer: --max-tokens 99\d\d\d, or allow more: alltoken config set budget\.day USD$/m,
    );
  });

  test('by a limit that somebody has set is 0 with a warning, as ever', async () => {
    const shop = await shopOf(cut);
    const argv = ['chat', '--max-tokens', '100', '--max-cost', '0.05', 'Hello'];
    const { code, err } = await buy(shop, {}, argv);
    expect(code).toBe(0);
    expect(err()).toContain('warning: the answer was cut at the token limit');
  });
});

describe('--dry-run', () => {
  test('shows the request with the lowered limit, and the verdict on it', async () => {
    const shop = await shopOf();
    const first = await buy(shop, {}, ['chat', '--max-cost', '0.05', 'Hello']);
    const argv = ['chat', '--dry-run', '--json', '--max-cost', '0.05', 'Hello'];
    const { code, json } = await buyAgain(first, shop, argv, { env: { ALLTOKEN_API_KEY: '' } });
    expect(code).toBe(0);
    expect(chatDocumentSchema.safeParse(json()).error).toBeUndefined();
    const tokens = sent(shop)[0]?.max_tokens;
    expect(json()).toMatchObject({
      request: { body: { max_tokens: tokens } },
      tokens: { completion_max: tokens },
      cap: { name: '--max-cost', max_tokens: tokens },
      verdict: { fits: true, open: null },
    });
  });

  test('and what a budget leaves, also that it does not fit', async () => {
    const shop = await shopOf(stream(goodStream('Hello', '0.2')));
    const first = await buy(shop, { day: '1' }, ['chat', 'Hello']);
    const dry = ['chat', '--dry-run', '--json', 'Hello'];
    const { json } = await buyAgain(first, shop, dry);
    expect(json()).toMatchObject({ cap: { left: '0.8' }, verdict: { fits: true } });
    const small = await buyAgain(first, shop, [...dry, '--max-cost', '0.001']);
    expect(small.json()).toMatchObject({
      cap: { name: '--max-cost', max_tokens: 1024 },
      verdict: { fits: false },
    });
  });
});
