import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import {
  asModel,
  intent,
  jobOutcome,
  type Line,
  outcome,
  writeLedger,
} from '../../money/ledger/lines.ts';

const at = '2026-11-20T12:00:00.000Z';
const noon = Date.parse('2026-11-22T12:00:00Z');

/** A million tokens for 2 and 10 dollars; what was read before costs a tenth. */
const other = { id: 'glm-5', kind: 'chat', input: '2', output: '10', cached_input: '0.2' };

/** `cost --since 7d --what-if …argv` with this model list in the cache, and no network that anyone could use. */
async function whatIf(
  lines: readonly Line[],
  argv: readonly string[] = [],
  options: FakeOptions & { models?: object[] | null; age?: number; model?: string } = {},
): Promise<{ code: number; world: FakeWorld }> {
  const { models = [other], age = 0, model = 'glm-5', ...rest } = options;
  const openNetwork = async () => {
    throw new Error('it must stay offline');
  };
  const world = fakeDeps(rest);
  Object.assign(world.deps, { openNetwork });
  writeLedger(world.home, lines);
  const list = { v: 1, base_url: 'https://api.alltoken.ai/v1', fetched_at: noon - age, models };
  await world.deps.files.makeDirectory(`${world.home}/cache`);
  if (models !== null) world.write('cache/models-alltoken.json', JSON.stringify(list));
  return { code: await world.run('cost', '--since', '7d', '--what-if', model, ...argv), world };
}

function used(prompt: number, completion: number, more: object = {}): object {
  return { usage: { prompt_tokens: prompt, completion_tokens: completion, ...more } };
}

const lines = [
  outcome('a', at, '0.5', { ...asModel('gpt-5.4'), ...used(1000, 100) }),
  outcome('b', at, '0.25', { ...asModel('gpt-5.4'), ...used(500, 50) }),
  outcome('c', at, '0.001', { ...asModel('kimi-k2.6'), ...used(1_000_000, 0) }),
];

describe('--what-if', () => {
  test('counts what was written to the cache at its own price', async () => {
    const usage = {
      usage: { input_tokens: 0, output_tokens: 1, cache_creation_input_tokens: 1_000_000 },
    };
    const written = [outcome('a', at, '1', usage), outcome('b', at, '1', usage)];
    const dear = { ...other, cache_write: '2.5' };
    const { world } = await whatIf(written, ['--json'], { models: [dear] });
    expect(world.json().totals).toMatchObject({ what_if: { amount: '5.00002' } });
    const { world: plain } = await whatIf(written, ['--json']);
    expect(plain.json().totals).toMatchObject({ what_if: { amount: '4.00002' } });
  });

  test('prices the same calls on another model, exactly and offline', async () => {
    const { code, world } = await whatIf(lines);
    expect(world.err()).toBe('');
    expect(code).toBe(0);
    expect(world.out()).toBe(
      'gpt-5.4\t2\t0.75\t0.0045\t-0.7455\t0\nkimi-k2.6\t1\t0.001\t2\t1.999\t0\n',
    );
  });

  test('--json has both amounts and the difference, in rows and in all', async () => {
    const { world } = await whatIf(lines, ['--json']);
    expect(world.json()).toMatchObject({
      schema: 'alltoken.cost.v1',
      kind: 'what_if',
      gateway: 'alltoken',
      model: 'glm-5',
      prices: { input: '2', output: '10', cached_input: '0.2', unit: 'per_million_tokens' },
      fetched_at: '2026-11-22T12:00:00.000Z',
      totals: {
        calls: 3,
        compared_calls: 3,
        prompt_tokens: 1_001_500,
        real: { amount: '0.751', source: 'gateway' },
        what_if: { amount: '2.0045', source: 'catalog' },
        difference: '1.2535',
        left_out_calls: 0,
      },
      rows: [{ key: 'gpt-5.4' }, { key: 'kimi-k2.6', difference: '1.999' }],
    });
  });

  test('gives cached tokens their price', async () => {
    const cached = used(1_000_000, 0, { prompt_tokens_details: { cached_tokens: 500_000 } });
    const { world } = await whatIf([outcome('a', at, '1', cached)]);
    expect(world.out()).toBe('gpt-5.4-nano\t1\t1\t1.1\t0.1\t0\n');
  });

  test('compares only what can be compared, and counts the rest', async () => {
    const mixed = [
      ...lines,
      outcome('no cost', at, null, { ...asModel('gpt-5.4'), ...used(1_000_000, 0) }),
      outcome('no usage', at, '0.3', { ...asModel('gpt-5.4'), usage: null }),
      intent('killed', at, { model: 'gpt-5.4' }),
      jobOutcome('film', at, '0.4', used(9, 9)),
    ];
    const { world } = await whatIf(mixed, ['--json']);
    expect(world.json()).toMatchObject({
      totals: {
        calls: 7,
        compared_calls: 3,
        real: { amount: '0.751' },
        difference: '1.2535',
        unknown_calls: 1,
        unknown_what_if: { amount: '2', source: 'catalog' },
        left_out_calls: 3,
      },
    });
    expect(errLines(world)).toEqual([
      'warning: the cost of one call is not known, so that they are not compared; on glm-5 it would have been $2',
      'warning: 3 calls without token counts left out',
    ]);
  });

  test('of calls that cannot be compared is unknown', async () => {
    const { world } = await whatIf([outcome('a', at, null, used(5, 5))]);
    expect(world.out()).toBe('gpt-5.4-nano\t0\tunknown\tunknown\tunknown\t1\n');
  });

  test('is unknown where the model has no price, and says so', async () => {
    const { code, world } = await whatIf(lines, [], { models: [{ id: 'glm-5' }] });
    expect(code).toBe(0);
    expect(world.out()).toContain('gpt-5.4\t2\t0.75\tunknown\tunknown\t0\n');
    expect(world.err()).toContain('warning: glm-5 has no price in the list\n');
  });

  test('says how old an old list is', async () => {
    const { code, world } = await whatIf(lines, [], { age: 5 * 3_600_000 });
    expect(code).toBe(0);
    expect(world.err()).toMatch(/5 h old/);
  });

  test('without a list says how to get one', async () => {
    const { code, world } = await whatIf(lines, [], { models: null });
    expect(code).toBe(2);
    expect(world.out()).toBe('');
    expect(world.err()).toMatch(/code=not_cached\]\nhint: alltoken models --refresh/);
  });

  test('a model that is not in it is 24', async () => {
    const { code, world } = await whatIf(lines, [], { model: 'glm-55' });
    expect(code).toBe(24);
    expect(world.err()).toMatch(/code=model_not_found\]\nhint: did you mean glm-5\?/);
  });

  test('--csv has every digit', async () => {
    const { world } = await whatIf(lines, ['--csv', '--limit', '1']);
    expect(world.out()).toBe(
      'model,calls,compared_calls,real_usd,what_if_usd,difference_usd,unknown_calls,left_out_calls\r\ngpt-5.4,2,2,0.75,0.0045,-0.7455,0,0\r\n',
    );
  });

  test('on a terminal is a table, also on 40 columns', async () => {
    const wide = await whatIf(lines, ['--no-color'], { stdoutIsTerminal: true, columns: 80 });
    expect(wide.world.out()).toBe(
      [
        'model      calls  real $  what if   change',
        'gpt-5.4        2  0.7500   0.0045  -0.7455',
        'kimi-k2.6      1  0.0010   2.0000   1.9990',
        'total          3  0.7510   2.0045   1.2535',
        '',
      ].join('\n'),
    );
    const narrow = await whatIf(lines, ['--no-color'], { stdoutIsTerminal: true, columns: 40 });
    for (const line of narrow.world.out().split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(narrow.world.out()).toMatch(/^total +3 +0\.7510 +2\.0045 +1\.2535$/m);
  });
});
