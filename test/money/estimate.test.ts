import { describe, expect, test } from 'vitest';
import { costBounds, estimateCost } from '../../src/money/estimate.ts';
import { type ListedPrice, type PriceUnit, perMillion } from '../../src/money/prices.ts';

const sources: [string, PriceUnit, unknown, unknown][] = [
  ['texts per token', 'per_token', '0.0000002', '0.00000125'],
  ['numbers per token', 'per_token', 0.0000002, 0.00000125],
  ['texts per thousand', 'per_thousand_tokens', '0.0002000000', '0.0012500000'],
  ['numbers per thousand', 'per_thousand_tokens', 0.0002, 0.00125],
  ['texts per million', 'per_million_tokens', '0.20', '1.25'],
  ['numbers per million', 'per_million_tokens', 0.2, 1.25],
  ['web page texts', 'per_million_tokens', '$0.20', '$1.25'],
];

const nano: ListedPrice = { input: '0.2', output: '1.25', cached_input: '0.02' };
const tokens = { prompt: 19, completion: 12, cached: 0 };

function amount(price: ListedPrice | null, counts: Partial<typeof tokens> = {}): string | null {
  return estimateCost(price, { ...tokens, ...counts }).amount;
}

describe('an estimate', () => {
  test.each(sources)('of 19 and 12 tokens by %s is 0.0000188', (_what, unit, input, output) => {
    const price = {
      input: perMillion(input, unit),
      output: perMillion(output, unit),
      cached_input: null,
    };
    expect(estimateCost(price, tokens)).toEqual({
      amount: '0.0000188',
      currency: 'USD',
      source: 'catalog',
    });
  });

  test('takes cached tokens out of the prompt, at their own price where there is one', () => {
    expect(amount(nano, { prompt: 1_000_000, completion: 0, cached: 400_000 })).toBe('0.128');
    const plain = { ...nano, cached_input: null };
    expect(amount(plain, { prompt: 1_000_000, completion: 0, cached: 400_000 })).toBe('0.2');
  });

  test('never has more cached tokens than prompt', () => {
    expect(amount(nano, { prompt: 10, completion: 0, cached: 400 })).toBe('0.0000002');
  });

  test.each([
    ['no input price', { ...nano, input: null }],
    ['no output price', { ...nano, output: null }],
    ['no model', null],
  ])('is unknown with %s', (_what, price) => {
    expect(estimateCost(price, tokens)).toEqual({
      amount: null,
      currency: 'USD',
      source: 'unknown',
    });
  });

  test('needs no price of what was not used', () => {
    expect(amount({ ...nano, output: null }, { completion: 0 })).toBe('0.0000038');
  });

  test('of a free model is 0, which is known', () => {
    const free = { input: '0', output: '0', cached_input: null };
    expect(estimateCost(free, tokens)).toMatchObject({ amount: '0', source: 'catalog' });
  });

  test('is exact at any size', () => {
    const big = { prompt: 9_007_199_254_740_991, completion: 1, cached: 0 };
    expect(amount({ ...nano, input: '0.1' }, big)).toBe('900719925.47410035');
  });
});

describe('the bounds of a call', () => {
  test('go from one token each way to all that is allowed', () => {
    expect(costBounds(nano, 1000, 500)).toMatchObject({ min: '0.00000145', max: '0.000825' });
  });

  test('have no upper one where the tokens are not bounded', () => {
    expect(costBounds(nano, 1000, null).max).toBeNull();
    expect(costBounds(null, 1000, 500)).toMatchObject({ min: null, source: 'unknown' });
  });
});
