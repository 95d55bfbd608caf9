import { describe, expect, test } from 'vitest';
import { type PriceUnit, perMillion } from '../../src/money/prices.ts';

const same: [unknown, PriceUnit][] = [
  ['0.0000002', 'per_token'],
  [0.0000002, 'per_token'],
  ['2e-7', 'per_token'],
  ['0.0002', 'per_thousand_tokens'],
  ['0.0002000000', 'per_thousand_tokens'],
  [0.0002, 'per_thousand_tokens'],
  ['0.20', 'per_million_tokens'],
  [0.2, 'per_million_tokens'],
  ['$0.20', 'per_million_tokens'],
  [' 0.2 ', 'per_million_tokens'],
];

describe('a price', () => {
  test.each(same)('of %j %s is 0.2 for a million tokens', (price, unit) =>
    expect(perMillion(price, unit)).toBe('0.2'),
  );

  test.each(['Free', 'free', '0', 0, '0.00'])('of %j is nothing', (price) =>
    expect(perMillion(price, 'per_million_tokens')).toBe('0'),
  );

  test.each([undefined, null, '', 'n/a', '-1', -0.5, Number.NaN, '1e999', {}, [], true, '1,25'])(
    'of %j is not known, and not nothing',
    (price) => expect(perMillion(price, 'per_token')).toBeNull(),
  );

  test('keeps every digit', () => {
    expect(perMillion('0.00000123456789', 'per_token')).toBe('1.23456789');
    expect(perMillion('1234567.5', 'per_token')).toBe('1234567500000');
    expect(perMillion('15', 'per_million_tokens')).toBe('15');
    expect(perMillion('75.50', 'per_million_tokens')).toBe('75.5');
  });
});
