import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Catalogue, CatalogueModel } from '../../../src/client/catalogue.ts';
import { type Cap, capsOf } from '../../../src/money/budget/caps.ts';
import type { Left } from '../../../src/money/budget/left.ts';
import { compare, formatDecimal, parseDecimal, zero } from '../../../src/money/decimal.ts';
import { boundsOf } from '../../../src/work/call/bounds.ts';
import { lower, type PlannedCall } from '../../../src/work/call/lower.ts';
import type { Pricing } from '../../../src/work/call/terms.ts';
import { runs } from '../../helpers/share.ts';

const money = (text: string) => parseDecimal(text) ?? zero;

interface Case {
  input: string;
  output: string;
  maxOutput: number | null;
  prompt: string;
  thinking?: number | undefined;
}

function planned({ input, output, maxOutput, prompt, thinking }: Case): [PlannedCall, Pricing] {
  const model = {
    ...{ id: 'm', kind: 'chat', name: null, description: null, context: null },
    ...{ max_output: maxOutput, input, output, cached_input: null },
    ...{ input_modalities: null, output_modalities: null, capabilities: null },
  } as CatalogueModel;
  const prices: Catalogue = { baseUrl: '', fetchedAt: null, models: [model] };
  const pricing = { extras: { param: [], thinking }, prices };
  const messages = [{ role: 'user' as const, content: prompt }];
  const more = thinking === undefined ? {} : { thinking: true, thinking_budget: thinking };
  const body = { model: 'm', messages, stream: true, ...more };
  const bounds = boundsOf('m', body, pricing);
  return [{ model: 'm', body, bounds, lowered: null }, pricing];
}

/** USD that the call can cost with this limit, counted from the request that would be sent. */
function costWith(call: PlannedCall, pricing: Pricing, tokens: number) {
  const body = { ...(call.lowered?.from.body ?? call.body), max_tokens: tokens };
  const { bound } = boundsOf('m', body, pricing);
  return money(bound.amount);
}

const [callCap, dayCap] = capsOf({ call: '1', day: '1' }, undefined, []) as [Cap, Cap];

function left(cap: Cap, now: string, most = now): Left[] {
  return [{ cap: { ...cap, limit: most }, now: money(now), most: money(most) }];
}

/** A decimal with up to six places. */
const amounts = (max: number) =>
  fc
    .integer({ min: 0, max: max * 1_000_000 })
    .map((micro) => formatDecimal({ units: BigInt(micro), places: 6 }));

const cases = fc.record({
  input: amounts(60),
  output: amounts(200),
  maxOutput: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: null }),
  prompt: fc.string({ unit: 'grapheme', maxLength: 3000 }),
  thinking: fc.option(fc.integer({ min: 1, max: 30_000 }), { nil: undefined }),
});

describe('a cap on a call', () => {
  test('gives the most tokens that it pays for, and never less than 1,024', () => {
    fc.assert(
      fc.property(cases, amounts(3), (one, limit) => {
        const [call, pricing] = planned(one);
        const fitted = lower(call, left(callCap, limit), pricing);
        const cap = money(limit);
        if (fitted.lowered === null) {
          // It fits as it is, or the model's own limit is lower still, or an answer costs nothing.
          const isSmall = one.maxOutput !== null && one.maxOutput < 1024;
          const isFree = one.output === '0' && one.maxOutput === null;
          const amount = money(fitted.bounds?.bound.amount ?? '0');
          expect(isSmall || isFree || compare(amount, cap) <= 0).toBe(true);
          return;
        }
        const { maxTokens } = fitted.lowered;
        expect(fitted.body.max_tokens).toBe(maxTokens);
        expect(maxTokens).toBeGreaterThanOrEqual(1024);
        const cost = costWith(fitted, pricing, maxTokens);
        expect(fitted.bounds?.bound.amount).toBe(formatDecimal(cost));
        if (compare(cost, cap) > 0) {
          // Refused: less than 1,024 tokens are paid for.
          expect(maxTokens).toBe(1024);
          return;
        }
        expect(fitted.bounds?.bound.openReason).toBe(null);
        const ceiling = one.maxOutput ?? 32_768;
        if (maxTokens < ceiling)
          expect(compare(costWith(fitted, pricing, maxTokens + 1), cap)).toBeGreaterThan(0);
      }),
      { numRuns: runs(400) },
    );
  });

  test('lowers nothing where the call fits as it is', () => {
    const [call, pricing] = planned({ input: '1', output: '10', maxOutput: 8000, prompt: 'Hi' });
    const exact = call.bounds?.bound.amount ?? '';
    expect(lower(call, left(callCap, exact), pricing)).toBe(call);
  });
});

describe('a cap on a period', () => {
  /** 100 tokens a cent, but for the prompt. */
  const usual = { input: '0', output: '100', maxOutput: 100_000, prompt: 'Hi' };

  test.each([
    ['an eighth of what is left', '8', '8', 10_000],
    ['but not below 4,096 tokens', '1', '1', 4096],
    ['or the rest', '0.3', '0.3', 3000],
    ['all of it where that is the model’s own limit', '80', '80', null],
    // Less than 1,024 tokens: the check that follows refuses it.
    ['the least, which does not fit', '0.1', '0.1', 1024],
    ['what running calls may give back', '0.01', '0.3', 3000],
    ['the least where more is spent than allowed', '0', '0', 1024],
  ])('gives %s', (_what, now, most, tokens) => {
    const [call, pricing] = planned(usual);
    const { lowered } = lower(call, left(dayCap, now, most), pricing);
    expect(lowered?.maxTokens ?? null).toBe(tokens);
  });

  test('and one on the call: the lower of the two, by its name', () => {
    const [call, pricing] = planned(usual);
    const both = [...left(callCap, '0.2'), ...left(dayCap, '8')];
    expect(lower(call, both, pricing).lowered).toMatchObject({
      maxTokens: 2000,
      cap: { name: 'budget.call' },
    });
    const other = [...left(callCap, '5'), ...left(dayCap, '8')];
    expect(lower(call, other, pricing).lowered?.cap.name).toBe('budget.day');
  });

  test('starts from the call as it was when it is held against others', () => {
    const [call, pricing] = planned(usual);
    const first = lower(call, left(callCap, '0.2'), pricing);
    const second = lower(first, left(callCap, '0.3'), pricing);
    expect(second.lowered?.maxTokens).toBe(3000);
  });
});

test.each([
  ['a model without a price', { input: '', output: '10', maxOutput: 8000, prompt: 'Hi' }],
  [
    'a model with a limit of its own below 1,024',
    { input: '1', output: '10', maxOutput: 900, prompt: 'Hi' },
  ],
])('%s is left as it is', (_what, one) => {
  const [call, pricing] = planned(one);
  expect(lower(call, left(callCap, '0.000001'), pricing)).toBe(call);
});
