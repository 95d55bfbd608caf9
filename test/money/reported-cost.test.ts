import { describe, expect, test } from 'vitest';
import { readUsageCost } from '../../src/money/amount.ts';
import { stream, worldAt } from '../helpers/ask.ts';
import { buy, openShop } from '../helpers/priced.ts';
import { chunk, startServer } from '../helpers/server.ts';

const byok = {
  prompt_tokens: 9171,
  completion_tokens: 113,
  total_tokens: 9284,
  cost: 0,
  is_byok: true,
  cost_details: { upstream_inference_cost: 0.0360795 },
};

function amount(usage: object): string | null | undefined {
  return readUsageCost(usage as Record<string, unknown>)?.cost.amount;
}

describe('the cost in the usage', () => {
  test.each([
    ['of a call with a key of the user’s own (M1)', byok, '0.0360795'],
    ['and a fee', { ...byok, cost: '0.0018' }, '0.0378795'],
    [
      'in tiny numbers',
      { ...byok, cost: 1e-7, cost_details: { upstream_inference_cost: 2e-7 } },
      '0.0000003',
    ],
    [
      'of another call: its details are part of it',
      { ...byok, is_byok: false, cost: 0.04 },
      '0.04',
    ],
  ])('%s', (_what, usage, expected) => expect(amount(usage)).toBe(expected));

  test.each([
    ['null', { upstream_inference_cost: null }],
    ['absent', {}],
    ['negative', { upstream_inference_cost: -1 }],
    ['no details', null],
  ])('is unknown with a key of the user’s own and %s upstream (M1)', (_what, cost_details) => {
    const reported = readUsageCost({ ...byok, cost_details });
    expect(reported?.cost).toEqual({ amount: null, currency: 'USD', source: 'unknown' });
    expect(reported?.note).toMatch(/your own key/);
  });

  test('in another currency is unknown (M14)', () => {
    expect(readUsageCost({ cost: 1, currency: 'CNY' })).toMatchObject({
      cost: { amount: null },
      note: expect.stringMatching(/in CNY, not in USD/),
    });
    expect(amount({ cost: 1, currency: 'USD' })).toBe('1');
  });

  test('is unknown where the ledger could not read it again', () => {
    expect(amount({ cost: '1e-60' })).toBeUndefined();
    expect(amount({ cost: 1e40 })).toBeUndefined();
  });
});

describe('under budget.day', () => {
  test('M1 calls with a key of the user’s own count, and stop', async () => {
    const end = `data: ${JSON.stringify({ choices: [], usage: byok })}\n\ndata: [DONE]\n\n`;
    const pricing = { prompt: '0.0000001', completion: '0.0000001' };
    const reply = stream(chunk({ content: 'Hi' }), chunk({}, 'stop'), end);
    const server = await startServer((response, request, count) => {
      if (request.method === 'POST') return reply(response, request, count);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: [{ id: 'x/y', pricing }] }));
    });
    const codes: number[] = [];
    const env = { OPENROUTER_API_KEY: 'sk-or-0123456789abcdef' };
    const home = { 'config.json': { budget: { day: '0.05' } } };
    const first = worldAt(server, { env, home });
    for (let call = 0; call < 3; call += 1) {
      const world = worldAt(server, { env: { ...env, ALLTOKEN_HOME: first.home } });
      world.deps.uuid = () => `00000000-0000-4000-8000-${String(call).padStart(12, '0')}`;
      const base = ['-g', 'openrouter', '--base-url', server.baseUrl];
      codes.push(await world.run('chat', ...base, '-m', 'x/y', '--max-tokens', '9', 'Hi'));
    }
    expect(codes).toEqual([0, 0, 27]);
    expect(first.ledger().at(-1)).toMatchObject({ cost: { amount: '0.0360795' } });
  });

  test('M14 a cost comment in another currency is unknown, with a note', async () => {
    const usage = { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 };
    const shop = await openShop(
      stream(
        chunk({ content: 'Hi' }),
        chunk({}, 'stop'),
        `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`,
        ': {"cost":"0.5","currency":"CNY"}\n\n',
      ),
    );
    const world = await buy(shop, { day: '1' }, ['chat', '--json', '--max-tokens', '9', 'Hi']);
    const unknown = { amount: null, currency: 'USD', source: 'unknown' };
    expect(world.code, world.err()).toBe(0);
    expect(world.json()).toMatchObject({
      cost: unknown,
      warnings: ['the gateway reported the cost in CNY, not in USD; it counts as unknown'],
    });
    expect(world.ledger().at(-1)).toMatchObject({ cost: unknown });
  });
});
