import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

/** A world whose price list is cached; gpt-5.4-nano costs 0.20 and 1.25 USD per million tokens there. */
async function withPrices(): Promise<FakeWorld> {
  const world = fakeDeps();
  expect(await world.run('config', 'doctor', '-g', 'sandbox', '--json')).toBe(0);
  return world;
}

const ask = ['chat', '-g', 'sandbox', '-m', 'gpt-5.4-nano', 'Hi'];

describe('chat --max-cost', () => {
  test('sends when the call cannot cost more', async () => {
    const world = await withPrices();
    expect(await world.run(...ask, '--max-tokens', '100', '--max-cost', '0.01')).toBe(0);
    expect(world.out()).toContain('alltoken sandbox');
  });

  test('27: sends nothing when it could', async () => {
    const world = await withPrices();
    expect(await world.run(...ask, '--max-tokens', '100000', '--max-cost', '0.01')).toBe(27);
    expect(world.err()).toMatch(
      /could cost up to \$0\.125\d+ with gpt-5\.4-nano, more than --max-cost 0\.01; nothing was sent \[budget code=max_cost\]/,
    );
    expect(world.ledger()).toEqual([]);
  });

  test('27: counts to the last digit', async () => {
    const world = await withPrices();
    const exact = world;
    await exact.run(...ask, '--max-tokens', '100', '--dry-run', '--json');
    const documents = exact.out().trim().split('\n');
    const { price } = JSON.parse(documents.at(-1) ?? '') as { price: { max: string } };
    expect(await world.run(...ask, '--max-tokens', '100', '--max-cost', price.max)).toBe(0);
    const less = price.max.replace(/[1-9](?=0*$)/, (digit) => String(Number(digit) - 1));
    expect(await world.run(...ask, '--max-tokens', '100', '--max-cost', less)).toBe(27);
  });

  test.each([
    ['nothing limits the answer', ['--max-cost', '1'], /--max-tokens/],
    [
      'no price of the fallback is known',
      ['--max-tokens', '9', '--max-cost', '1', '--fallback', 'gpt-99'],
      /config doctor/,
    ],
  ])('27: sends nothing when nobody can say: %s', async (_why, flags, hint) => {
    const world = await withPrices();
    expect(await world.run(...ask, ...flags)).toBe(27);
    expect(world.err()).toContain('[budget code=cost_unbounded]');
    expect(world.err()).toMatch(hint);
    expect(world.ledger()).toEqual([]);
  });

  test('27 with --json: one document, nothing billed', async () => {
    const sandbox = await startSandbox({ port: 0, faults: [] });
    try {
      const world = fakeDeps();
      expect(
        await world.run(...ask, '--base-url', sandbox.baseUrl, '--max-cost', '1', '--json'),
      ).toBe(27);
      expect(world.json()).toMatchObject({
        ok: false,
        exit: 27,
        error: { name: 'budget', billed: 'no', retryable: false },
      });
    } finally {
      await sandbox.close();
    }
  });

  test.each(['x', '-1', '1e3', '', '0x10', '.5'])('2: an amount of %j', async (amount) => {
    const world = fakeDeps();
    expect(await world.run(...ask, '--max-cost', amount)).toBe(2);
  });
});
