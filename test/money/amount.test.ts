import { describe, expect, test } from 'vitest';
import { formatCost, readCostComment, unknownCost } from '../../src/money/amount.ts';

const amount = (comment: string): string | null | undefined =>
  readCostComment(comment)?.cost.amount;

describe('the cost comment', () => {
  test('is the gateway’s word, digit by digit', () => {
    expect(
      readCostComment(
        '{"cost":"0.0000188000","input_price":"0.0002000000","output_price":"0.0012500000","prompt_tokens":19,"completion_tokens":12}',
      ),
    ).toEqual({ cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' }, note: null });
  });

  test.each([
    ['{"cost":"0"}', '0'],
    ['{"cost":"0.0000000000"}', '0.0000000000'],
    ['{"cost":"12"}', '12'],
    ['{"cost":"1234567890.12345678901234567890"}', '1234567890.12345678901234567890'],
    ['  {"cost" : "0.10"}  ', '0.10'],
    ['{"input_price":"9","cost":"0.5"}', '0.5'],
    ['{"x":{"y":[1,{}]},"cost":"0.5"}', '0.5'],
  ])('%s costs %s', (comment, digits) => expect(amount(comment)).toBe(digits));

  test.each([
    ['{"cost":0.00001880}', '0.00001880'],
    ['{"cost": 0.1000000000000000055511151231257827 }', '0.1000000000000000055511151231257827'],
    ['{"cost":\n0.30\n}', '0.30'],
    ['{"a":1,"cost":9007199254740993}', '9007199254740993'],
    ['{"cost":0}', '0'],
    ['{"note":"\\"cost\\":9","cost":0.20}', '0.20'],
    ['{"total_cost":7,"cost":0.20}', '0.20'],
  ])('sent as a number keeps its digits: %s', (comment, digits) =>
    expect(amount(comment)).toBe(digits),
  );

  test('sent as a number is its own, not one inside another object', () => {
    expect(amount('{"details":{"cost":5},"cost":0.1}')).toBe('0.1');
    expect(amount('{"cost":0.1,"details":{"cost":5}}')).toBe('0.1');
    expect(amount('{"details":{"cost":"5"},"cost":0.1}')).toBe('0.1');
    expect(amount('{"note":"cost","cost":0.1}')).toBe('0.1');
  });

  test.each([
    'keep-alive',
    '',
    ' ',
    'null',
    '7',
    '"0.5"',
    '[{"cost":"0.5"}]',
    '["cost","0.5"]',
    '{}',
    '{"cost"}',
    '{"cost":"0.5"',
    '{"cost":"0.5"} trailing',
    '{cost:"0.5"}',
    'cost: {"cost":"0.5"}',
    '{"price":"0.5"}',
    '{"Cost":"0.5"}',
    '{"usage":{"cost":"0.5"}}',
    '{"__proto__":{"cost":"0.5"}}',
  ])('is not %j', (comment) => expect(readCostComment(comment)).toBeNull());

  test.each([
    'null',
    'true',
    'NaN',
    'Infinity',
    '"NaN"',
    '"Infinity"',
    '-1',
    '-0',
    '"-1"',
    '"-0.5"',
    '1e999',
    '"1e999"',
    '-1e999',
    '"+1"',
    '"$0.5"',
    '"0.5 USD"',
    '"0,5"',
    '"1,000.5"',
    '"1_000"',
    '"."',
    '".5"',
    '"5."',
    '"1.2.3"',
    '"0x10"',
    '"١"',
    '""',
    '" "',
    '"0.5\\n"',
    '"0.5\\u0000"',
    '"\\u001b[31m0.5"',
    '{"amount":"0.5"}',
    '["0.5"]',
    '[]',
    '{}',
    `"${'9'.repeat(5000)}"`,
    `"0.${'1'.repeat(5000)}"`,
    `${'9'.repeat(5000)}`,
  ])('with the cost %.40s leaves the cost unknown', (cost) => {
    expect(readCostComment(`{"cost":${cost}}`)).toBeNull();
  });

  test('of absurd length is read in no time', () => {
    expect(readCostComment(`{${' '.repeat(2_000_000)}`)).toBeNull();
    expect(amount(`{"x":"${'"cost" :'.replaceAll('"', '\\"').repeat(200_000)}","cost":1}`)).toBe(
      '1',
    );
    expect(amount(`{"x":${'['.repeat(2000)}${']'.repeat(2000)},"cost":"1"}`)).toBe('1');
  });
});

describe('a cost on the screen', () => {
  test('has its digits and who says so; unknown is not zero', () => {
    expect(formatCost({ amount: '0.0000188000', currency: 'USD', source: 'gateway' })).toBe(
      '$0.0000188000 (gateway)',
    );
    expect(formatCost({ amount: '1.50', currency: 'USD', source: 'catalog' })).toContain('catalog');
    expect(formatCost({ amount: '1.50', currency: 'EUR', source: 'gateway' })).not.toContain('$');
    expect(formatCost(unknownCost)).toBe('unknown');
    expect(unknownCost).toEqual({ amount: null, currency: 'USD', source: 'unknown' });
  });
});
