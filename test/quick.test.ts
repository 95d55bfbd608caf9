import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quickAnswer } from '../src/quick.ts';
import { type FakeWorld, fakeDeps } from './helpers/fake-deps.ts';
import { outcome, writeLedger } from './money/ledger/lines.ts';

/** A home with this list of models, just fetched. */
function withModels(...models: object[]): FakeWorld {
  const world = fakeDeps();
  const base = { v: 1, base_url: 'https://api.alltoken.ai/v1', fetched_at: world.deps.clock.now() };
  world.deps.files.makeDirectory(join(world.home, 'cache'));
  world.write('cache/models-alltoken.json', JSON.stringify({ ...base, models }));
  return world;
}

describe('the answer without the program', () => {
  test('is the ids of the chat models', async () => {
    const { deps } = withModels({ id: 'b' }, { id: 'a', kind: 'chat' }, { id: 'c', kind: 'image' });
    expect(await quickAnswer('models', deps)).toEqual({
      stdout: 'a\nb\n',
      stderr: '1 image model is not shown: --kind all\n',
    });
  });

  test.each([[[]], [[{ id: 'c', kind: 'image' }]]])(
    'is left to the program where nothing would be printed: %j',
    async (models) => {
      expect(await quickAnswer('models', withModels(...models).deps)).toBeNull();
    },
  );

  test.each([
    ['dollars', { amount: '0.5', currency: 'USD', source: 'gateway' }, '0.5\n'],
    ['euros', { amount: '0.5', currency: 'EUR', source: 'gateway' }, 'unknown\n'],
    ['no number', { amount: 'NaN', currency: 'USD', source: 'gateway' }, 'unknown\n'],
    ['nothing, as nothing was bought', null, '0\n'],
  ])('is what the last call cost: %s', async (_what, cost, text) => {
    const { deps, home } = fakeDeps();
    const play = outcome('b', '2026-11-22T11:00:00.000Z', '9', { gateway: 'sandbox' });
    const more = cost === null ? { billed: 'no' } : { cost };
    writeLedger(home, [outcome('a', '2026-11-22T11:00:00.000Z', null, more), play]);
    expect(await quickAnswer('cost', deps)).toEqual({ stdout: text, stderr: '' });
  });

  test('is of play money where the environment has chosen the sandbox', async () => {
    const { deps, home } = fakeDeps({ env: { ALLTOKEN_GATEWAY: 'sandbox' } });
    const at = '2026-11-22T11:00:00.000Z';
    writeLedger(home, [outcome('b', at, '9', { gateway: 'sandbox' }), outcome('a', at, '1')]);
    expect(await quickAnswer('cost', deps)).toEqual({ stdout: '9\n', stderr: '' });
  });

  test.each([
    ['the sandbox', { gateway: 'sandbox' }, '9\n'],
    ['another gateway', { gateway: 'alltoken' }, '1\n'],
    ['none', { budget: { day: '5' } }, '1\n'],
  ])(
    'is of the calls that the config has chosen, once it was checked: %s',
    async (_what, config, text) => {
      const world = fakeDeps();
      const at = '2026-11-22T11:00:00.000Z';
      writeLedger(world.home, [
        outcome('b', at, '9', { gateway: 'sandbox' }),
        outcome('a', at, '1'),
      ]);
      world.write('config.json', JSON.stringify(config));
      expect(await quickAnswer('cost', world.deps)).toBeNull();
      await world.run('config', 'list');
      expect(await quickAnswer('cost', world.deps)).toEqual({ stdout: text, stderr: '' });
    },
  );

  test.each([
    ['no ledger', () => {}],
    ['a file in its place', (world: FakeWorld) => void world.write('ledger', 'a file')],
    ['nothing of ours in it', ({ home }: FakeWorld) => writeLedger(home, ['not ours\n'])],
  ])('is left to the program where there is no call: %s', async (_what, prepare) => {
    const world = fakeDeps();
    prepare(world);
    expect(await quickAnswer('cost', world.deps)).toBeNull();
  });
});
