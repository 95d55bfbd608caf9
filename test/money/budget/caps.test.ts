import { describe, expect, test } from 'vitest';
import { type Bound, capsOf, checkCaps, type Spending } from '../../../src/money/budget/caps.ts';
import { parseDecimal, zero } from '../../../src/money/decimal.ts';

const budget = {
  call: '0.50',
  day: '5',
  month: '50',
  tags: { ci: { day: '1' }, docs: { call: '0.01', month: '2' } },
};

const known = (amount: string): Bound => ({
  amount,
  openReason: null,
  priceUnknown: false,
  uncapped: false,
});
const open = (amount: string): Bound => ({
  amount,
  openReason: 'nobody knows',
  priceUnknown: amount === '0',
  uncapped: false,
});

/** The same for every tag, today and this month. */
function spending(spent: string, reserved = '0'): Spending {
  const amount = parseDecimal(spent) ?? zero;
  return {
    spent: () => ({ day: amount, month: amount }),
    unsettled: () => ({ day: zero, month: zero }),
    reserved: () => parseDecimal(reserved) ?? zero,
  };
}

function fits(limit: string, bound: Bound, spent: Spending): boolean | undefined {
  const [check] = checkCaps(capsOf({ day: limit }, undefined, []), bound, spent);
  return check?.fits && !check.waits;
}

describe('the caps of a call', () => {
  test('are the flag, the budget, and the budget of each of its tags', () => {
    const names = capsOf(budget, '0.1', ['docs', 'other', 'ci']).map(({ name }) => name);
    expect(names).toEqual([
      '--max-cost',
      'budget.call',
      'budget.day',
      'budget.month',
      'budget.tags.docs.call',
      'budget.tags.docs.month',
      'budget.tags.ci.day',
    ]);
  });

  test('are none where nobody set any', () => {
    expect(capsOf(undefined, undefined, ['ci'])).toEqual([]);
    expect(capsOf({}, undefined, [])).toEqual([]);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty'])('the tag %s has no budget', (tag) => {
    expect(capsOf({ tags: {} }, undefined, [tag])).toEqual([]);
  });
});

describe('a call fits', () => {
  test.each([
    ['1', '0', '0', true],
    ['1.000000000001', '0', '0', false],
    ['0.3', '0.7', '0', true],
    ['0.3', '0.4', '0.3', true],
    ['0.3', '0.4', '0.300000000001', false],
    ['0', '1', '0', true],
    ['0.0000000001', '1', '0', false],
  ])('a bound of %s with %s spent and %s reserved under 1: %s', (bound, spent, held, fit) => {
    expect(fits('1', known(bound), spending(spent, held))).toBe(fit);
  });

  test('to the last digit, where a float would not', () => {
    expect(fits('0.3', known('0.1'), spending('0.2'))).toBe(true);
    expect(fits('0.3', known('0.1'), spending('0.20000000000000001'))).toBe(false);
  });

  test('with what is known of it, where not all is', () => {
    expect(fits('1', open('0.4'), spending('0.5'))).toBe(true);
    expect(fits('1', open('0.6'), spending('0.5'))).toBe(false);
  });

  test('not when nothing is known of it and the cap is used up', () => {
    expect(fits('1', open('0'), spending('0.99'))).toBe(true);
    expect(fits('1', open('0'), spending('1'))).toBe(false);
    expect(fits('1', open('0'), spending('0.5', '0.5'))).toBe(false);
  });

  test('under a cap on single calls whatever was spent', () => {
    const caps = capsOf({ call: '1' }, undefined, []);
    expect(checkCaps(caps, known('1'), spending('100'))).toEqual([
      {
        name: 'budget.call',
        limit: '1',
        spent: null,
        reserved: null,
        unsettled: null,
        bound: '1',
        known: true,
        fits: true,
        waits: false,
      },
    ]);
  });

  test('under one cap and not under another', () => {
    const checks = checkCaps(capsOf(budget, '0.2', ['ci']), known('0.3'), spending('0.9'));
    expect(checks.map(({ name, fits }) => [name, fits])).toEqual([
      ['--max-cost', false],
      ['budget.call', true],
      ['budget.day', true],
      ['budget.month', true],
      ['budget.tags.ci.day', false],
    ]);
  });
});
