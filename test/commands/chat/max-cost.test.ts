import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/start.ts';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { fakeClock } from '../../helpers/fake-clock.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';

/** 0.20 and 1.25 USD for a million tokens; answers of at most 128,000. */
const ask = ['chat', '-g', 'sandbox', '-m', 'gpt-5.4-nano', 'Hi'];

describe('chat --max-cost', () => {
  test('sends when the call cannot cost more', async () => {
    const world = fakeDeps();
    expect(await world.run(...ask, '--max-tokens', '100', '--max-cost', '0.01')).toBe(0);
    expect(world.out()).toContain('alltoken sandbox');
    expect(world.err()).not.toContain('warning');
  });

  test('27: sends nothing when it could', async () => {
    const world = fakeDeps();
    expect(await world.run(...ask, '--max-tokens', '100000', '--max-cost', '0.01')).toBe(27);
    expect(world.err()).toMatch(
      /^alltoken: gpt-5\.4-nano: this call could cost up to \$0\.125\d+, more than --max-cost 0\.01; nothing was sent \[budget code=max_cost\]\nhint: allow less: --max-tokens \d+, or allow more: --max-cost 0\.13\n$/,
    );
    expect(world.ledger()).toEqual([]);
  });

  test.each([
    ['--max-cost', ['--max-cost', '0.01'], {}],
    ['budget.day', [], { day: '0.01' }],
  ])(
    '27 by %s: the tokens of the hint fit, and one more does not',
    async (_name, flags, budget) => {
      const world = fakeDeps();
      writeFileSync(join(world.home, 'config.json'), JSON.stringify({ budget }));
      expect(await world.run(...ask, '--max-tokens', '100000', ...flags)).toBe(27);
      const [, tokens] = /\nhint: allow less: --max-tokens (\d+), or/.exec(world.err()) ?? [];
      const more = String(Number(tokens) + 1);
      expect(await world.run(...ask, '--max-tokens', more, ...flags)).toBe(27);
      expect(await world.run(...ask, '--max-tokens', String(tokens), ...flags)).toBe(0);
    },
  );

  test('27 where the prompt alone does not fit: no number, but what remains', async () => {
    const world = fakeDeps();
    const budget = { day: '0.000001' };
    writeFileSync(join(world.home, 'config.json'), JSON.stringify({ budget }));
    for (const flags of [[], ['--max-tokens', '100']])
      expect(await world.run(...ask, ...flags)).toBe(27);
    for (const line of world.err().trim().split('\n'))
      expect(line).toMatch(
        /nothing was sent; no answer fits, however short \[|^hint: wait for the next day \(UTC\), or allow more: alltoken config set budget\.day [\d.]+$/,
      );
  });

  test('27: counts to the last digit', async () => {
    const world = fakeDeps();
    const limited = [...ask, '--max-tokens', '100'];
    // Keeps the prices for the dry run.
    expect(await world.run(...limited, '--max-cost', '0.01')).toBe(0);
    const before = world.out().length;
    await world.run(...limited, '--dry-run', '--json');
    const { price } = JSON.parse(world.out().slice(before)) as { price: { max: string } };
    expect(await world.run(...limited, '--max-cost', price.max)).toBe(0);
    const less = price.max.replace(/[1-9](?=0*$)/, (digit) => String(Number(digit) - 1));
    expect(await world.run(...limited, '--max-cost', less)).toBe(27);
  });

  test('holds an answer without a limit against the longest one of the model', async () => {
    const cap = async (limit: string) => {
      const world = fakeDeps();
      expect(await world.run(...ask, '--json', '--max-cost', limit)).toBe(0);
      return world.json().cap;
    };
    expect(await cap('0.161')).toBe(null);
    expect(await cap('0.16')).toMatchObject({ max_tokens: expect.any(Number) });
  });

  test('27: sends nothing when no price of a model that may be asked is known', async () => {
    const world = fakeDeps();
    expect(await world.run(...ask, '--max-cost', '1', '--fallback', 'gpt-99')).toBe(27);
    expect(world.err()).toMatch(
      /--max-cost cannot be enforced: the price of gpt-99 is unknown; nothing was sent \[budget code=cost_unbounded\]/,
    );
    expect(world.err()).toMatch(
      /^hint: alltoken models --refresh -g sandbox, or leave out --max-cost$/m,
    );
    expect(world.ledger()).toEqual([]);
  });

  test('27: says to leave the limit out where the gateway publishes no prices', async () => {
    const world = fakeDeps();
    const server = await startSandbox({ port: 0, faults: [], clock: fakeClock() });
    const mine = { kind: 'openai', base_url: server.baseUrl };
    world.write('config.json', JSON.stringify({ gateways: { mine } }));
    try {
      const argv = ['chat', '-g', 'mine', '-m', 'gpt-5.4-mini', '--max-cost', '1', 'Hi'];
      expect(await world.run(...argv)).toBe(27);
    } finally {
      await server.close();
    }
    expect(world.err()).toMatch(/^hint: leave out --max-cost$/m);
  });

  test('27 with --json: one document, nothing billed', async () => {
    const sandbox = await startSandbox({ port: 0, faults: [], clock: fakeClock() });
    try {
      const world = fakeDeps();
      const argv = [...ask, '--base-url', sandbox.baseUrl, '--max-cost', '0.001', '--json'];
      expect(await world.run(...argv)).toBe(27);
      expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
      expect(world.json()).toMatchObject({
        ok: false,
        exit: 27,
        attempts: 0,
        error: { name: 'budget', code: 'max_cost', billed: 'no', retryable: false },
      });
    } finally {
      await sandbox.close();
    }
  });

  test.each(['x', '-1', '1e3', '', '0x10', '.5', '1.', ' 1', '$1', 'NaN'])(
    '2: an amount of %j',
    async (amount) => {
      const world = fakeDeps();
      expect(await world.run(...ask, '--max-cost', amount)).toBe(2);
      expect(world.ledger()).toEqual([]);
    },
  );

  test('of 0 lets through what is free, and nothing else', async () => {
    const free = fakeDeps();
    const argv = ['chat', '-g', 'sandbox', '-m', 'glm-4.7-flash', 'Hi', '--max-cost', '0'];
    expect(await free.run(...argv)).toBe(0);
    expect(await fakeDeps().run(...ask, '--max-tokens', '1', '--max-cost', '0')).toBe(27);
  });
});
