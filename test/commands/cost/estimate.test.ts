import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { asked, list, modelServer, type Routes } from '../../helpers/model-gateway.ts';
import type { TestServer } from '../../helpers/server.ts';

const nano = { id: 'gpt-5.4-nano', input_price: '0.20', output_price: 1.25 };

interface Estimated {
  code: number;
  world: FakeWorld;
  server: TestServer;
}

/** `cost …argv` without a key, at a gateway whose public catalogue lists these. */
async function estimate(
  argv: readonly string[],
  listed: readonly object[] = [nano],
  options: FakeOptions & { routes?: Routes; config?: object } = {},
): Promise<Estimated> {
  const { routes = {}, config = {}, ...rest } = options;
  const server = await modelServer({ '/api-account/models': list(...listed), ...routes });
  const world = fakeDeps({ ...rest, env: { ALLTOKEN_BASE_URL: server.baseUrl } });
  world.write('config.json', JSON.stringify(config));
  return { code: await world.run('cost', ...argv), world, server };
}

describe('cost <model> <prompt> <completion>', () => {
  test('is the bare amount, from the public catalogue and without a key', async () => {
    const { code, world, server } = await estimate(['gpt-5.4-nano', '19', '12']);
    expect(world.err()).toBe('');
    expect([code, world.out()]).toEqual([0, '0.0000188\n']);
    expect(asked(server)).toEqual(['GET /api-account/models']);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('takes an alias of the config', async () => {
    const config = { aliases: { small: 'gpt-5.4-nano' } };
    expect((await estimate(['small', '19', '12'], [nano], { config })).world.out()).toBe(
      '0.0000188\n',
    );
  });

  test('--cached is part of the prompt, --reasoning comes on top', async () => {
    const priced = { ...nano, cached_input_price: '0.02' };
    const argv = ['gpt-5.4-nano', '1000000', '0', '--cached', '500000', '--reasoning', '1000000'];
    const { world } = await estimate([...argv, '--json'], [priced]);
    expect(world.json()).toMatchObject({
      schema: 'alltoken.cost.v1',
      ok: true,
      exit: 0,
      command: 'cost',
      kind: 'estimate',
      gateway: 'alltoken',
      model: 'gpt-5.4-nano',
      cost: { amount: '1.36', currency: 'USD', source: 'catalog' },
      tokens: { prompt: 1_000_000, cached: 500_000, completion: 0, reasoning: 1_000_000 },
      prices: { input: '0.2', output: '1.25', cached_input: '0.02', unit: 'per_million_tokens' },
      parts: [
        { part: 'input', tokens: 500_000, price: '0.2', amount: '0.1' },
        { part: 'cached_input', tokens: 500_000, price: '0.02', amount: '0.01' },
        { part: 'output', tokens: 0, amount: '0' },
        { part: 'reasoning', tokens: 1_000_000, price: '1.25', amount: '1.25' },
      ],
      fetched_at: '2026-11-22T12:00:00.000Z',
      warnings: [],
    });
  });

  test('says where cached tokens have no price of their own', async () => {
    const { world } = await estimate(['gpt-5.4-nano', '1000', '0', '--cached', '1000']);
    expect(world.out()).toBe('0.0002\n');
    expect(errLines(world)).toEqual([expect.stringMatching(/^warning: .*no price for cached/)]);
  });

  test.each([
    ['none', { id: 'gpt-5.4-nano' }],
    ['only one for the prompt', { id: 'gpt-5.4-nano', input_price: 0.2 }],
    ['words for one', { id: 'gpt-5.4-nano', input_price: 'ask us', output_price: null }],
  ])('with %s is unknown, which is not 0', async (_what, item) => {
    const { code, world } = await estimate(['gpt-5.4-nano', '19', '12'], [item]);
    expect([code, world.out()]).toEqual([0, 'unknown\n']);
    expect(world.err()).toContain('warning: gpt-5.4-nano has no price in the list\n');
  });

  test('of a free model is 0', async () => {
    const free = { id: 'glm-4.7-flash', input_price: 'Free', output_price: 0 };
    const { world } = await estimate(['glm-4.7-flash', '19', '12'], [free]);
    expect([world.out(), world.err()]).toEqual(['0\n', '']);
  });

  test('asks the catalogue for a model that its list leaves out', async () => {
    const routes = { '/api-account/models/gpt-5.5': { data: { ...nano, id: 'gpt-5.5' } } };
    const { world } = await estimate(['gpt-5.5', '19', '12'], [nano], { routes });
    expect(world.out()).toBe('0.0000188\n');
  });

  test('of a model that nobody knows is 24, with the nearest names', async () => {
    const { code, world } = await estimate(['gpt-5.4-nanno', '19', '12']);
    expect(code).toBe(24);
    expect(world.out()).toBe('');
    expect(world.err()).toBe(
      'alltoken: AllToken lists no model "gpt-5.4-nanno" [not_found code=model_not_found]\nhint: did you mean gpt-5.4-nano?\n',
    );
    const inJson = await estimate(['gpt-5.4-nanno', '19', '12', '--json']);
    expect(inJson.world.json()).toMatchObject({ ok: false, error: { exit: 24, billed: 'no' } });
  });

  test('uses the list that is kept', async () => {
    const { world, server } = await estimate(['gpt-5.4-nano', '19', '12']);
    const env = { ALLTOKEN_HOME: world.home, ALLTOKEN_BASE_URL: server.baseUrl };
    const soon = fakeDeps({ env });
    expect(await soon.run('cost', 'gpt-5.4-nano', '1900', '1200')).toBe(0);
    expect(soon.out()).toBe('0.00188\n');
    expect(server.requests).toHaveLength(1);
  });

  test('on a terminal shows the parts', async () => {
    const { world } = await estimate(['gpt-5.4-nano', '19000', '12', '--no-color'], [nano], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe(
      [
        'tokens   count   $/M    cost $',
        'input   19,000  0.20  0.003800',
        'output      12  1.25  0.000015',
        'total                 0.003815',
        '',
      ].join('\n'),
    );
  });

  test('works with the sandbox, whose prices are those of the wire', async () => {
    const world = fakeDeps();
    expect(await world.run('cost', '-g', 'sandbox', 'gpt-5.4-nano', '19', '12')).toBe(0);
    expect(world.out()).toBe('0.0000188\n');
  });
});
