import { describe, expect, test } from 'vitest';
import { abilities, builtInGateways } from '../../../src/gateways/index.ts';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

interface Listed {
  name: string;
  default: boolean;
  kind: string | null;
  base_url: string | null;
  key: { required: boolean; source: string | null; state: string };
  abilities: Record<string, boolean>;
}

async function list(
  argv: readonly string[] = [],
  { config = {}, ...options }: FakeOptions & { config?: object } = {},
): Promise<{ code: number; world: FakeWorld }> {
  const refuse = async (): Promise<never> => {
    throw new Error('nobody is to be asked');
  };
  const world = fakeDeps({
    runCommand: () => {
      throw new Error('nothing is to be run');
    },
    ...options,
  });
  Object.assign(world.deps, { openNetwork: refuse });
  world.write('config.json', JSON.stringify(config));
  return { code: await world.run('config', 'gateways', ...argv), world };
}

async function listed(
  options: FakeOptions & { config?: object } = {},
  argv: readonly string[] = [],
): Promise<Map<string, Listed>> {
  const { code, world } = await list(['--json', ...argv], options);
  expect(code, world.err()).toBe(0);
  const gateways = world.json().gateways as Listed[];
  return new Map(gateways.map((gateway) => [gateway.name, gateway]));
}

const mine = { kind: 'openai', base_url: 'http://127.0.0.1:8081/v1' };

describe('config gateways', () => {
  test('lists the built-in ones in their order, then those of the config', async () => {
    const config = { gateways: { mine, altllm: { base_url: 'https://alt.example/v1' } } };
    const gateways = await listed({ config });
    expect([...gateways.keys()]).toEqual([...builtInGateways.keys(), 'mine']);
    expect(gateways.get('mine')).toMatchObject({ kind: 'openai', base_url: mine.base_url });
    expect(gateways.get('altllm')).toMatchObject({
      kind: null,
      base_url: 'https://alt.example/v1',
    });
    expect(gateways.get('sandbox')?.base_url).toBeNull();
  });

  test('has a boolean for every ability of each', async () => {
    for (const { name, abilities: told } of (
      await listed({ config: { gateways: { mine } } })
    ).values()) {
      expect(Object.keys(told), name).toHaveLength(Object.keys(abilities).length);
      expect(Object.values(told).every((can) => typeof can === 'boolean')).toBe(true);
    }
  });

  test.each([
    [
      'alltoken',
      ['chat', 'search', 'image', 'image_edits', 'video', 'uploads', 'prices', 'cost'],
      [],
    ],
    ['tokenhub', ['chat', 'image', 'video', 'models'], ['search', 'image_edits', 'prices', 'cost']],
    ['altllm', ['chat', 'video', 'prices', 'health'], ['search', 'image', 'cost']],
    ['openrouter', ['chat', 'models', 'prices', 'cost'], ['search', 'image', 'video']],
    ['ollama', ['chat', 'models'], ['search', 'image', 'video', 'prices', 'cost']],
  ])('%s does what it is known for, and no more', async (name, can, cannot) => {
    const told = (await listed()).get(name)?.abilities ?? {};
    expect(can.filter((ability) => !told[ability])).toEqual([]);
    expect(cannot.filter((ability) => told[ability] !== false)).toEqual([]);
  });

  test('an unknown -g is an error', async () => {
    const { code, world } = await list(['-g', 'nope']);
    expect(code).toBe(2);
    expect(errLines(world)[0]).toContain('unknown gateway "nope"');
  });
});

describe('config gateways, the default', () => {
  const config = { gateway: 'mine', gateways: { mine } };

  test.each([
    ['alltoken', 'built in', [], {}, {}],
    ['mine', 'config', [], {}, config],
    ['tokenhub', 'ALLTOKEN_GATEWAY', [], { ALLTOKEN_GATEWAY: 'tokenhub' }, config],
    ['ollama', '--gateway', ['-g', 'ollama'], { ALLTOKEN_GATEWAY: 'tokenhub' }, config],
  ])('%s, by %s', async (name, source, argv, env, told) => {
    const { world } = await list(['--json', ...argv], { env, config: told });
    expect(world.json().default).toEqual({ name, source });
    const marked = (world.json().gateways as Listed[]).filter((gateway) => gateway.default);
    expect(marked.map((gateway) => gateway.name)).toEqual([name]);
    const piped = await list(argv, { env, config: told });
    const rows = piped.world
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.filter(([, by]) => by !== '-')).toEqual([expect.arrayContaining([name, source])]);
  });

  test('is where ALLTOKEN_BASE_URL says, which is noted; the others stay', async () => {
    const env = { ALLTOKEN_BASE_URL: 'https://proxy.example/v1' };
    const { world } = await list(['--json'], { env });
    expect(errLines(world)[0]).toMatch(/ALLTOKEN_BASE_URL .* https:\/\/proxy\.example\/v1/);
    const gateways = world.json().gateways as Listed[];
    expect(world.json().base_url_override).toBe('https://proxy.example/v1');
    expect(gateways.filter(({ base_url }) => base_url === 'https://proxy.example/v1')).toEqual([
      expect.objectContaining({ name: 'alltoken' }),
    ]);
  });
});

describe('config gateways, keys', () => {
  const secret = 'th-0123456789abcdef0123';

  test.each([
    ['set', { TOKENHUB_API_KEY: secret }, 'set'],
    ['not set', {}, 'not_set'],
    ['no key at all', { TOKENHUB_API_KEY: `"${secret}"` }, 'malformed'],
    ['empty', { TOKENHUB_API_KEY: '' }, 'malformed'],
  ])('its own variable is %s', async (_what, env, state) => {
    const { world } = await list(['--json'], { env });
    const found = (world.json().gateways as Listed[]).find(({ name }) => name === 'tokenhub');
    expect(found?.key).toEqual({ required: true, source: 'TOKENHUB_API_KEY', state });
    expect(world.out() + world.err()).not.toContain(secret.slice(0, 8));
  });

  test.each([
    [{ api_key_env: 'MINE' }, { MINE: secret }, 'MINE', 'set'],
    [{ api_key_env: 'MINE' }, {}, 'MINE', 'not_set'],
    [{ api_key_file: '/keys/tr0ub4dor' }, {}, 'api_key_file', 'configured'],
    [{ api_key_command: ['echo', 'tr0ub4dor'] }, {}, 'api_key_command', 'configured'],
    [{}, {}, null, 'none_needed'],
  ])('of the config: %j is neither read nor run', async (settings, env, source, state) => {
    const config = { gateways: { mine: { ...mine, ...settings } } };
    const { world } = await list(['--json'], { config, env });
    const found = (world.json().gateways as Listed[]).find(({ name }) => name === 'mine');
    expect(found?.key).toMatchObject({ source, state });
    expect(world.out() + world.err()).not.toContain(secret);
    expect(world.out() + world.err()).not.toContain('tr0ub4dor');
  });

  test('the own variable outranks what is stored, unless it is not there', async () => {
    const config = { gateways: { altllm: { api_key_command: 'pass alt' } } };
    const without = await listed({ config });
    expect(without.get('altllm')?.key.source).toBe('api_key_command');
    const env = { ALTLLM_API_KEY: 'sk-alt-0123456789abcdef' };
    expect((await listed({ config, env })).get('altllm')?.key.source).toBe('ALTLLM_API_KEY');
    const bad = await listed({ config, env: { ALTLLM_API_KEY: '' } });
    expect(bad.get('altllm')?.key).toMatchObject({ source: 'ALTLLM_API_KEY', state: 'malformed' });
  });

  test('none is needed in the sandbox and on this machine', async () => {
    const gateways = await listed();
    const keyless = [...builtInGateways.values()].filter(({ keyRequired }) => !keyRequired);
    expect(keyless.map(({ id }) => id)).toEqual(expect.arrayContaining(['sandbox', 'ollama']));
    for (const { id } of keyless) expect(gateways.get(id)?.key.state, id).toBe('none_needed');
  });
});

describe('config gateways, for people and pipes', () => {
  const config = { gateways: { mine } };

  test('two tables that fit 80 columns, with marks', async () => {
    const { world } = await list(['--no-color'], { config, stdoutIsTerminal: true, columns: 80 });
    const lines = world.out().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(
      lines.some((line) => /^alltoken \* +https:\S+ +ALLTOKEN_API_KEY not set$/.test(line)),
    ).toBe(true);
    expect(lines.find((line) => /^name +chat +search +image/.test(line))).toBeDefined();
    expect(lines.find((line) => /^tokenhub +✓ +– +✓ +✓ +✓ +– +–/.test(line))).toBeDefined();
  });

  test('the details come where there is room, and go where there is none', async () => {
    const wide = await list(['--no-color'], { config, stdoutIsTerminal: true, columns: 160 });
    expect(wide.world.out()).toMatch(/rankings$/m);
    const narrow = await list(['--no-color'], { config, stdoutIsTerminal: true, columns: 62 });
    expect(narrow.world.out()).not.toContain('rankings');
    expect(narrow.world.out()).toMatch(/^ollama +✓/m);
  });

  test('a pipe gets one row a gateway', async () => {
    const { world } = await list([], { config });
    const rows = world
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows).toHaveLength(builtInGateways.size + 1);
    expect(rows.every((row) => row.length === 6 && row.every((cell) => cell !== ''))).toBe(true);
    expect(rows.at(-1)).toEqual([
      'mine',
      '-',
      mine.base_url,
      '-',
      'none_needed',
      'chat,image,responses,embeddings,models',
    ]);
  });
});
