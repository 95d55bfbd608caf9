import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { worldAt } from '../../helpers/ask.ts';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import { imageWorld, runIn } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { openShop } from '../../helpers/priced.ts';

const budget = { day: '0.002' };

/** A running process has reserved this much of the day. */
function reserve(world: FakeWorld, amount: string): void {
  mkdirSync(join(world.home, 'budget'));
  const held = { call: 'other', gateway: 'alltoken', amount, tags: [], at: world.deps.clock.now() };
  const empty = { offset: 0, beginning: '', accounts: {}, waiting: [], unsettled: {}, open: {} };
  const reservations = [{ ...held, pid: 99, mark: 'other', space: '' }];
  const state = { v: 2, month: '2026-11', ...empty, reservations };
  writeFileSync(join(world.home, 'budget', 'budget.json'), JSON.stringify(state));
}

function stateOf(world: FakeWorld): Record<string, unknown> {
  return JSON.parse(readFileSync(join(world.home, 'budget', 'budget.json'), 'utf8')) as never;
}

describe('a command that only running calls are in the way of', () => {
  const hundred = ['chat', '--max-tokens', '100', 'Hi'];

  async function blocked(...argv: string[]) {
    const shop = await openShop();
    const home = { 'config.json': { budget } };
    const world = worldAt(shop.server, { home, processes: { 99: 'other' } });
    reserve(world, '0.0015');
    return { code: await world.run(...argv), world, shop };
  }

  test('waits, says so once, and exits 30; no fallback is bought in its place', async () => {
    const { code, world, shop } = await blocked(...hundred, '--fallback', 'glm-4.7-flash');
    expect(code).toBe(30);
    expect(world.err().match(/waiting for calls that run now/g)).toHaveLength(1);
    expect(world.err()).toMatch(
      /none of them ended in 30 s; nothing was sent \[rate_limited code=budget_reserved\]/,
    );
    expect(world.err()).toMatch(
      /^hint: run the same command again, or wait longer: --hold \d+; nothing was bought$/m,
    );
    expect(shop.chats()).toEqual([]);
    expect(world.ledger()).toEqual([]);
    expect(stateOf(world)).toMatchObject({ waiting: [], reservations: [{ call: 'other' }] });
  });

  test('says it in one document', async () => {
    const { code, world } = await blocked(...hundred, '--json', '--hold', '5');
    expect(code).toBe(30);
    expect(world.json()).toMatchObject({
      ok: false,
      error: { code: 'budget_reserved', billed: 'no', retryable: true },
    });
  });

  test('does not wait with --hold 0, nor longer than --timeout', async () => {
    const none = await blocked(...hundred, '--hold', '0');
    expect([none.code, none.world.sleeps]).toEqual([30, []]);
    const short = await blocked(...hundred, '--timeout', '3');
    expect(short.code).toBe(33);
    expect(short.world.err()).toContain('[timeout code=total_timeout]');
  });

  test.each(['-1', 'soon', '86401', ''])('refuses --hold %j', async (value) => {
    expect((await blocked(...hundred, `--hold=${value}`)).code).toBe(2);
  });

  test('is an image, too', async () => {
    const gateway = await startImageGateway({});
    const home = { 'config.json': { budget } };
    const world = imageWorld(gateway, { home, processes: { 99: 'other' } });
    reserve(world, '0.002');
    expect(await runIn(world, 'image', 'A cat')).toBe(30);
    expect(gateway.requests).toEqual([]);
  });
});

test('a job that could not be begun gives its reservation back', async () => {
  const gateway = await startImageGateway({});
  const world = imageWorld(gateway, { home: { 'config.json': { budget }, tasks: 'a file' } });
  expect(await runIn(world, 'image', 'A cat')).toBe(50);
  expect(stateOf(world)).toMatchObject({ reservations: [] });
});
