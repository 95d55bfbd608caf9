import { describe, expect, test } from 'vitest';
import {
  compare,
  type Decimal,
  formatDecimal,
  minus,
  parseDecimal,
  plus,
  round,
  shift,
  times,
  zero,
} from '../../src/money/decimal.ts';

function read(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`${text} is no number`);
  return value;
}

describe('a decimal', () => {
  test.each([
    ['0.0000188000', '0.0000188'],
    ['0', '0'],
    ['0.00', '0'],
    ['12', '12'],
    ['1200', '1200'],
    ['007.50', '7.5'],
    ['1.88e-5', '0.0000188'],
    ['2E3', '2000'],
    ['123456789012345678901234567890.1', '123456789012345678901234567890.1'],
  ])('%s is %s', (text, plain) => expect(formatDecimal(read(text))).toBe(plain));

  test.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '.5',
    '5.',
    'NaN',
    'Infinity',
    '1e999',
    '0x10',
    '1,5',
    '1.2.3',
  ])('%j is none', (text) => expect(parseDecimal(text)).toBeNull());

  test('is added without a float: 0.1 and 0.2 are 0.3', () => {
    expect(formatDecimal(plus(read('0.1'), read('0.2')))).toBe('0.3');
    expect(formatDecimal(plus(read('1000000000000000000'), read('0.0000000001')))).toBe(
      '1000000000000000000.0000000001',
    );
  });

  test('is taken away, also below zero', () => {
    expect(formatDecimal(minus(read('0.3'), read('0.1')))).toBe('0.2');
    expect(formatDecimal(minus(read('0.1'), read('0.35')))).toBe('-0.25');
    expect(formatDecimal(minus(read('0.10'), read('0.1')))).toBe('0');
  });

  test('is multiplied by tokens, and moved by places', () => {
    expect(formatDecimal(times(read('1.25'), 12))).toBe('15');
    expect(formatDecimal(shift(read('15'), -6))).toBe('0.000015');
    expect(formatDecimal(shift(read('0.0000002'), 6))).toBe('0.2');
    expect(formatDecimal(shift(read('3'), 3))).toBe('3000');
  });

  test.each([
    ['0.10', '0.1', 0],
    ['0.09', '0.1', -1],
    ['10', '9.99999', 1],
  ])('%s against %s: %d', (a, b, sign) => expect(compare(read(a), read(b))).toBe(sign));

  test.each([
    ['0.0000188', 6, '0.000019'],
    ['0.125', 2, '0.13'],
    ['0.1249', 2, '0.12'],
    ['0.12', 4, '0.12'],
    ['9.996', 2, '10'],
  ])('%s with %d places is %s for people', (text, places, plain) =>
    expect(formatDecimal(round(read(text), places))).toBe(plain),
  );

  test('below zero is rounded away from zero too', () => {
    const below = minus(zero, read('0.125'));
    expect(formatDecimal(round(below, 2))).toBe('-0.13');
  });
});
