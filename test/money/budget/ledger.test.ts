import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/base/deps.ts';
import { files as realFiles } from '../../../src/system/files.ts';
import { lostReply, type Reply, stream } from '../../helpers/ask.ts';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import {
  besideRecords,
  type Drawn,
  expectFailed,
  imageWorld,
  records,
  runIn,
} from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { budgetFile, buy, buyAgain, openShop } from '../../helpers/priced.ts';
import { goodStream } from '../../helpers/server.ts';
import { journalOf, systemError, withGateway } from '../../helpers/video-world.ts';

/** 100 tokens for 10 USD a million: its bound is a little above 0.001 USD. */
const hundred = ['chat', '--max-tokens', '100', 'Hi'];
const search = ['search', '--max-tokens', '100', 'Hi'];

/** A disk that takes this many lines of the ledger, and then no more. */
function fullAfter(lines: number): Partial<Files> {
  let count = 0;
  return {
    async appendLine(path, line) {
      if (count >= lines) throw systemError('ENOSPC');
      await realFiles.appendLine(path, line);
      count += 1;
    },
  };
}

function reservations(world: FakeWorld): unknown[] {
  return (JSON.parse(readFileSync(budgetFile(world), 'utf8')) as { reservations: unknown[] })
    .reservations;
}

const running = [
  ['budget.day', { day: '1' }],
  ['budget.month', { month: '1' }],
  ['a budget of its tag', { tags: { ci: { day: '1' } } }],
  ['a budget of its tag, and one on calls', { call: '1', tags: { ci: { month: '1' } } }],
] as const;
const single = [
  ['budget.call', { call: '1' }, []],
  ['--max-cost', {}, ['--max-cost', '1']],
  ['a budget of another tag', { tags: { docs: { day: '1' } } }, []],
] as const;

describe('with a ledger that cannot be written', () => {
  const noLedger = {
    exit: 50,
    name: 'local_io',
    code: 'no_ledger',
    message: /the ledger in .* cannot be written \(ENOSPC\).*; nothing was bought/,
    hint: /alltoken config unset budget/,
    billed: 'no',
  } as const;

  describe.each([
    ['chat', hundred],
    ['search', search],
  ])('%s', (_name, argv) => {
    test.each(running)(
      'is not sent under %s, and nothing stays reserved',
      async (_what, budget) => {
        const shop = await openShop();
        const world = await buy(shop, budget, [...argv, '--tag', 'ci', '--json'], {
          files: fullAfter(0),
        });
        expect(world.code, world.err()).toBe(50);
        expect(world.json()).toMatchObject({
          ok: false,
          exit: 50,
          cost: { amount: null, source: 'unknown' },
          error: { name: 'local_io', code: 'no_ledger', billed: 'no' },
        });
        expect(shop.chats()).toEqual([]);
        expect(world.ledger()).toEqual([]);
        expect(reservations(world)).toEqual([]);
      },
    );

    test.each(single)('is sent under %s, with one warning', async (_what, budget, flags) => {
      const shop = await openShop();
      const flagged = [...argv, '--tag', 'ci', ...flags];
      const { code, out, err } = await buy(shop, budget, flagged, { files: fullAfter(0) });
      // A search under a cap on single calls may cost more, which is said too.
      expect(code, err()).toBe(0);
      expect(out()).toBe('Hello wörld\n');
      expect(err().match(/^warning: the ledger .*ENOSPC/gm)).toHaveLength(1);
      expect(shop.chats()).toHaveLength(1);
    });
  });

  test.each(running)('no picture is bought under %s; no job is left', async (_what, budget) => {
    const gateway = await startImageGateway();
    const home = { 'config.json': { budget: { ...budget, call: undefined } } };
    const world = imageWorld(gateway, { home, files: fullAfter(0) });
    const code = await runIn(world, 'image', '--tag', 'ci', 'A cat');
    expectFailed({ code, world, gateway } satisfies Drawn, noLedger);
    expect(gateway.requests).toEqual([]);
    expect([...records(world), ...besideRecords(world)]).toEqual([]);
    expect(reservations(world)).toEqual([]);
  });

  test('no video is bought under a budget; no job is left', async () => {
    const home = { 'config.json': { budget: { month: '1' } } };
    const { gateway, world } = await withGateway({}, { home, files: fullAfter(0) });
    expect(await world.video('A boat')).toBe(50);
    expect(world.err()).toMatch(/nothing was bought \[local_io code=no_ledger\]\nhint: /);
    expect(gateway.requests).toEqual([]);
    expect(journalOf(world)).toEqual([]);
    expect(reservations(world)).toEqual([]);
  });

  test('a video is bought under budget.call, with one warning', async () => {
    const home = { 'config.json': { budget: { call: '1' } } };
    const { gateway, world } = await withGateway({}, { home, files: fullAfter(0) });
    expect(await world.video('A boat'), world.err()).toBe(0);
    expect(world.err().match(/^warning: the ledger .*ENOSPC/gm)).toHaveLength(1);
    expect(gateway.to('create')).toHaveLength(1);
  });
});

describe('with a ledger that takes the intent and not the outcome', () => {
  const known = stream(goodStream('Hello', '0.0009'));

  test.each<[string, Reply, number, RegExp]>([
    ['a cost that was told', known, 0, /with \$0\.0009 spent today that/],
    ['its bound when nobody told it', lostReply, 46, /with \$0\.0011\d+ spent today that/],
  ])('a call counts, with %s', async (_what, reply, exit, words) => {
    const shop = await openShop(reply);
    const first = await buy(shop, { day: '0.0019' }, hundred, { files: fullAfter(1) });
    expect(first.code, first.err()).toBe(exit);
    expect(first.ledger()).toMatchObject([{ event: 'intent' }]);
    expect(reservations(first)).toEqual([]);
    const second = await buyAgain(first, shop, hundred);
    expect(second.code).toBe(27);
    expect(second.err()).toMatch(words);
  });

  test('a call counts once, and for its tags', async () => {
    const shop = await openShop(known);
    const budget = { day: '1', tags: { ci: { day: '0.0029' } } };
    const tagged = [...hundred, '--tag', 'ci'];
    const first = await buy(shop, budget, tagged, { files: fullAfter(1) });
    expect((await buyAgain(first, shop, tagged)).code).toBe(0);
    const third = await buyAgain(first, shop, tagged);
    expect(third.code).toBe(27);
    expect(third.err()).toMatch(
      /with \$0\.0018 spent today that is more than budget\.tags\.ci\.day/,
    );
  });

  test('a call still gives its answer where the budget cannot be written either', async () => {
    let isFull = false;
    const shop = await openShop((response, request, count) => {
      isFull = true;
      return known(response, request, count);
    });
    const guard =
      <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
      (...args: Args): Promise<T> =>
        isFull ? Promise.reject(systemError('ENOSPC')) : work(...args);
    const { code, out } = await buy(shop, { day: '1' }, hundred, {
      files: {
        appendLine: guard(realFiles.appendLine),
        replace: guard(realFiles.replace),
        openToWrite: guard(realFiles.openToWrite),
      },
    });
    expect(code).toBe(0);
    expect(out()).toBe('Hello\n');
  });

  test('a picture is made, and nothing stays reserved', async () => {
    const gateway = await startImageGateway();
    const home = { 'config.json': { budget: { day: '1' } } };
    const world = imageWorld(gateway, { home, files: fullAfter(1) });
    expect(await runIn(world, 'image', 'A cat'), world.err()).toBe(0);
    expect(reservations(world)).toEqual([]);
  });
});
