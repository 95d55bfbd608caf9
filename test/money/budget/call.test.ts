import { describe, expect, test } from 'vitest';
import { buy, openShop } from '../../helpers/priced.ts';

const hundred = ['chat', '--max-tokens', '100', 'Hi'];
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(99, 7)]);

/** What is said before the answer, one line each. */
async function warningsOf(budget: object, argv: readonly string[]): Promise<string[]> {
  const { code, err } = await buy(await openShop(), budget, argv, { home: { 'p.png': png } });
  expect(code, err()).toBe(0);
  return err()
    .split('\n')
    .filter((line) => line.startsWith('warning: '));
}

describe('budget.call', () => {
  test('holds for every call, and --max-cost cannot lift it', async () => {
    const shop = await openShop();
    const { code, err } = await buy(shop, { call: '0.001' }, [...hundred, '--max-cost', '1']);
    expect(code).toBe(27);
    expect(err()).toMatch(/could cost up to \$0\.0011\d+, more than budget\.call 0\.001; nothing/);
    expect(shop.chats()).toEqual([]);
  });

  test('names in its hint what would help', async () => {
    const { code, err } = await buy(await openShop(), { call: '0.001' }, hundred);
    expect(code).toBe(27);
    expect(err()).toMatch(/^hint: .*alltoken config set budget\.call [\d.]+/m);
    expect(err()).not.toContain('--max-cost');
  });

  test('lets through what fits, without a word', async () => {
    expect(await warningsOf({ call: '0.0013' }, hundred)).toEqual([]);
  });

  test('never stops a model that is free', async () => {
    expect(await warningsOf({ call: '0' }, ['chat', '-m', 'glm-4.7-flash', 'Hi'])).toEqual([]);
  });
});

describe('the bound of a call', () => {
  const refused = async (limit: string, ...argv: string[]): Promise<string> => {
    const { code, err } = await buy(await openShop(), { call: limit }, ['chat', ...argv]);
    expect(code, err()).toBe(27);
    return err();
  };

  test.each([
    ['the longest answer of the model', [], /up to \$0\.0051\d+/],
    ['at least 1,024 tokens', ['-m', 'gpt-5.4'], /answer of 1024 tokens, .* up to \$0\.0207\d+/],
    ['--max-tokens', ['--max-tokens', '1000'], /up to \$0\.0101\d+/],
    ['max_completion_tokens', ['--param', 'max_completion_tokens=2000'], /up to \$0\.0201\d+/],
    [
      'the larger of two limits',
      ['--max-tokens', '1000', '--param', 'max_completion_tokens=2000'],
      /up to \$0\.0201\d+/,
    ],
    [
      '--max-tokens and the thinking',
      ['--max-tokens', '1000', '--thinking', '3000'],
      /up to \$0\.0401\d+/,
    ],
  ])('has %s', async (_what, argv, message) => {
    expect(await refused('0.001', ...argv, 'Hi')).toMatch(message);
  });

  test('has a token for each byte of all that is sent', async () => {
    const words = await refused('0.001', '--max-tokens', '1', '字'.repeat(3000));
    expect(words).toMatch(/up to \$0\.009[12]\d*/);
    const schema = await refused(
      '0.001',
      '--max-tokens',
      '1',
      '--param',
      `tools=${JSON.stringify([{ type: 'function', function: { name: 'x'.repeat(9000) } }])}`,
      'Hi',
    );
    expect(schema).toMatch(/up to \$0\.009[12]\d*/);
  });

  test.each([
    ['an image', ['-f', 'p.png', ...hundred.slice(1)], /image or a search/],
    ['a search', ['--search', ...hundred.slice(1)], /image or a search/],
  ])('is open with %s: said once, and sent', async (_what, argv, warning) => {
    const [first = '', ...others] = await warningsOf({ call: '1', day: '5' }, ['chat', ...argv]);
    expect(first).toMatch(
      /^warning: this call may cost more than the \$[\d.]+ that budget\.call, budget\.day reserves for it: /,
    );
    expect(first).toMatch(warning);
    expect(others).toEqual([]);
  });

  describe.each([
    [
      'a field that nobody knows',
      ['--param', 'wizard=true', ...hundred.slice(1)],
      /--param wizard/,
    ],
    [
      'thinking without end',
      ['--thinking', ...hundred.slice(1)],
      /the answer has no token limit .*--thinking/,
    ],
    ['a limit below zero', ['--param', 'max_tokens=-1', 'Hi'], /the answer has no token limit/],
    ['a limit of 0', ['--param', 'max_tokens=0', 'Hi'], /the answer has no token limit/],
    [
      'a limit that is no whole number',
      ['--param', 'max_tokens=1.5', 'Hi'],
      /the answer has no token limit/,
    ],
    [
      'a limit beyond all numbers',
      ['--param', 'max_tokens=1e400', 'Hi'],
      /the answer has no token limit/,
    ],
    ['a limit that is none', ['--param', 'max_tokens="9"', 'Hi'], /the answer has no token limit/],
    [
      'a tool that the gateway itself runs',
      ['--param', 'tools=[{"type":"web_search"}]', ...hundred.slice(1)],
      /--param tools/,
    ],
  ])('with %s, which the caller could leave out', (_what, argv, words) => {
    test.each([
      ['budget.call', { call: '1' }, []],
      ['--max-cost', {}, ['--max-cost', '1']],
    ])('cannot keep %s, and is not sent under it', async (name, budget, flags) => {
      const shop = await openShop();
      const { code, err } = await buy(shop, budget, ['chat', ...flags, ...argv]);
      expect(code).toBe(27);
      expect(err()).toContain(`alltoken: ${name} cannot be enforced: `);
      expect(err()).toMatch(words);
      expect(shop.chats()).toEqual([]);
    });

    test('is open for a day: said once, and sent', async () => {
      const [first = '', ...others] = await warningsOf({ day: '5' }, ['chat', ...argv]);
      expect(first).toMatch(/^warning: this call may cost more than the /);
      expect(first).toMatch(words);
      expect(others).toEqual([]);
    });
  });

  test('is held with its known part', async () => {
    const image = ['-f', 'p.png', '--max-tokens', '200', 'Hi'];
    const { code, err } = await buy(await openShop(), { call: '0.0019' }, ['chat', ...image], {
      home: { 'p.png': png },
    });
    expect(code).toBe(27);
    expect(err()).toContain('could cost at least $0.002224, more than budget.call 0.0019');
  });

  test('has the text that goes with a search', async () => {
    const argv = ['search', '--max-cost', '0.0005', '--max-tokens', '10', '-'];
    const shop = await openShop();
    const { code, err } = await buy(shop, {}, argv, { stdin: 'x'.repeat(120_000) });
    expect(code).toBe(27);
    expect(err()).toMatch(/could cost at least \$0\.1202\d+, more than --max-cost 0\.0005/);
    expect(shop.chats()).toEqual([]);
  });

  test('has the text that goes with an image, and not the image', async () => {
    const large = Buffer.concat([png, Buffer.alloc(120_000, 7)]);
    const argv = ['chat', '--max-cost', '0.01', '--max-tokens', '10', '-f', 'p.png'];
    const home = { 'p.png': large };
    const small = await buy(await openShop(), {}, [...argv, 'Hi'], { home });
    expect(small.code, small.err()).toBe(0);
    const long = await buy(await openShop(), {}, [...argv, 'x'.repeat(120_000)], { home });
    expect(long.code).toBe(27);
    expect(long.err()).toMatch(/could cost at least \$0\.120[23]\d+, more than --max-cost 0\.01/);
  });

  test.each(['', 'image/png;base64,'])('has a text that begins with data:%s', async (kind) => {
    const words = await refused('0.01', '--max-tokens', '1', `data:${kind}${'x'.repeat(120_000)}`);
    expect(words).toMatch(/up to \$0\.120[12]\d*/);
  });

  test('is not known at all without a price: said, and counted as nothing', async () => {
    const argv = ['chat', '-m', 'gpt-99', 'Hi'];
    expect(await warningsOf({ call: '0.01', month: '1' }, argv)).toEqual([
      'warning: the price of gpt-99 is unknown; budget.call 0.01, budget.month 1 can only count it afterwards, and may be exceeded by it',
    ]);
  });

  test('is that of each model that may be asked', async () => {
    const shop = await openShop();
    const argv = [...hundred, '--fallback', 'gpt-5.4-pro'];
    const { code, err } = await buy(shop, { call: '0.01' }, argv);
    expect(code).toBe(27);
    expect(err()).toContain('gpt-5.4-pro: this call could cost up to $0.02');
    expect(shop.chats()).toEqual([]);
  });

  test('of a call that nobody knows is not sent when the day is used up', async () => {
    const shop = await openShop();
    const { code, err } = await buy(shop, { day: '0' }, ['chat', '-m', 'gpt-99', 'Hi']);
    expect(code).toBe(27);
    expect(err()).toMatch(
      /^alltoken: budget\.day 0 is used up: \$0 spent today, and the cost of this call is not known in advance; nothing was sent \[budget code=budget_day\]$/m,
    );
    expect(shop.chats()).toEqual([]);
  });
});
