import { describe, expect, test } from 'vitest';
import { formatDecimal } from '../../src/money/decimal.ts';
import { Sum } from '../../src/money/sum.ts';

function sumOf(...amounts: string[]): string {
  const sum = new Sum();
  for (const amount of amounts) expect(sum.add(amount), amount).toBe(true);
  return formatDecimal(sum.total);
}

describe('a sum', () => {
  test('is exact where a float is not', () => {
    expect(sumOf('0.1', '0.2')).toBe('0.3');
    expect(sumOf(...Array.from({ length: 1000 }, () => '0.0000188000'))).toBe('0.0188');
  });

  test('takes amounts with different places, lengths and exponents', () => {
    expect(sumOf('1', '0.5', '0.0000000001', '1.88e-5', '12.3456789012345678901')).toBe(
      '13.8456977013345678901',
    );
  });

  test('stays exact beyond what a float can count', () => {
    const many = Array.from({ length: 2000 }, () => '99999999999999');
    expect(sumOf(...many, '0.01')).toBe('199999999999998000.01');
    expect(sumOf(...Array.from({ length: 2000 }, () => '9.9999999999999'))).toBe(
      '19999.9999999998',
    );
  });

  test('stays exact where the next amount leaves no room for a float to count', () => {
    const eight = Array.from({ length: 8 }, () => '999999999999999');
    expect(sumOf(...eight, '907199254740999', '999999999999998')).toBe('9907199254740989');
  });

  test('agrees with whole numbers over many amounts', () => {
    let units = 0n;
    const amounts = Array.from({ length: 5000 }, (_, i) => {
      const digits = BigInt(i) * 7919n * 104729n;
      units += digits;
      return digits
        .toString()
        .padStart(11, '0')
        .replace(/(\d{10})$/, '.$1');
    });
    const expected = units.toString().replace(/(\d{10})$/, '.$1');
    expect(sumOf(...amounts)).toBe(expected.replace(/0+$/, ''));
  });

  test('is zero of nothing', () => expect(sumOf()).toBe('0'));

  test.each(['', '.', '.5', '5.', '-1', '1..2', 'NaN', '1e999', ' 1', '١'])(
    'refuses %j and adds nothing',
    (text) => {
      const sum = new Sum();
      sum.add('0.25');
      expect(sum.add(text)).toBe(false);
      expect(formatDecimal(sum.total)).toBe('0.25');
    },
  );
});
