import { describe, expect, test } from 'vitest';
import { gatewaysWith } from '../../../src/gateways/index.ts';
import { modelsDocumentSchema } from '../../../src/schemas/models-document.ts';
import { errLines } from '../../helpers/ask.ts';
import { type FakeOptions, fakeDeps } from '../../helpers/fake-deps.ts';
import { type Listed, models } from '../../helpers/model-gateway.ts';

const health = { total_routes: 6, overall_availability: 99.97, note: null };
const paths = {
  health: '/api-account/health/summary',
  providers: '/api-account/providers',
  rankings: '/api-account/rankings/all',
} as const;

async function board(
  name: keyof typeof paths,
  body: object | number | string | null,
  argv: readonly string[] = [],
  options?: FakeOptions,
): Promise<Listed> {
  return models({ [paths[name]]: body }, [`--${name}`, ...argv], options);
}

describe('a public board', () => {
  test.each([
    ['bare', health],
    ['under data', { data: health }],
  ])('is asked for without a key, and told by names and values: %s', async (_name, body) => {
    const { code, world, server } = await board('health', body);
    expect(code).toBe(0);
    expect(world.out()).toBe('total_routes\t6\noverall_availability\t99.97\nnote\t\n');
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('is told whole in JSON, out of its envelope', async () => {
    const { world } = await board('health', { data: health }, ['--json']);
    expect(world.json()).toEqual({
      schema: 'alltoken.models.v1',
      ok: true,
      exit: 0,
      command: 'models',
      gateway: 'alltoken',
      board: 'health',
      data: health,
    });
  });

  test('needs no key at all', async () => {
    const world = fakeDeps();
    expect(await world.run('models', '--health', '-g', 'sandbox')).toBe(0);
    expect(world.out()).toMatch(/^healthy_routes\t\d+$/m);
  });

  test.each(['health', 'providers', 'rankings'] as const)('the sandbox has %s', async (name) => {
    const world = fakeDeps();
    expect(await world.run('models', `--${name}`, '-g', 'sandbox', '--json')).toBe(0);
    expect(world.json()).toMatchObject({ gateway: 'sandbox', board: name });
  });

  test('is unsupported where there is none, and says where there is one', async () => {
    const world = fakeDeps();
    expect(await world.run('models', '--rankings', '-g', 'altllm')).toBe(2);
    expect(errLines(world)).toEqual([
      `alltoken: AltLLM has no public board of rankings; these have: ${gatewaysWith('rankings').join(', ')} [usage code=unsupported]`,
      'hint: alltoken models --rankings -g alltoken',
    ]);
  });

  test('can fail as any request', async () => {
    const { code, world } = await board('providers', 503, ['--json']);
    expect(code).toBe(31);
    expect(world.json()).toMatchObject({ ok: false, command: 'models', error: { exit: 31 } });
  });
});

describe('a board of nonsense', () => {
  test('nested without end is 41, not a crash', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const { code, world } = await board('rankings', deep);
    expect(code, world.err()).toBe(41);
    expect(world.err()).toContain('nested too deeply');
  });

  test('that is an error object was never billed', async () => {
    const { code, world } = await board('rankings', { error: { message: 'boom' } });
    expect(code).toBe(41);
    expect(world.err()).toContain('boom');
    expect(world.err()).not.toContain('billed');
  });
});

describe('the boards behind others', () => {
  const at: readonly (readonly [string, readonly string[], object])[] = [
    ['/api-account/health/routes', ['--health', '--routes'], { board: 'routes' }],
    ['/api-account/models/filters', ['--filters'], { board: 'filters' }],
    [
      '/api-account/providers/a%2Fb%20c/stats',
      ['--providers', 'a/b c'],
      { board: 'provider', provider: 'a/b c' },
    ],
  ];

  test.each(at)('%s', async (path, argv, facts) => {
    const { code, world, server } = await models({ [path]: { data: [{ one: 1 }] } }, [
      ...argv,
      '--json',
    ]);
    expect(code, world.out()).toBe(0);
    expect(world.json()).toMatchObject({ ...facts, data: [{ one: 1 }] });
    expect(modelsDocumentSchema.safeParse(world.json()).success).toBe(true);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test.each([
    [['--health', '--routes'], /^gpt-5\.4-mini\tsandbox-east\thealthy\t/m],
    [['--providers', 'sandbox-west'], /^success_rate\t98\.7$/m],
    [['--providers'], /^sandbox-east\t/m],
    [['--filters'], /^modalities\ttext$/m],
  ] as const)('the sandbox has %j', async (argv, line) => {
    const world = fakeDeps();
    expect(await world.run('models', ...argv, '-g', 'sandbox')).toBe(0);
    expect(world.out()).toMatch(line);
  });

  test('24: of a provider that is not there, with the list of those that are', async () => {
    const world = fakeDeps();
    expect(await world.run('models', '--providers', 'nobody', '-g', 'sandbox')).toBe(24);
    expect(errLines(world).at(-1)).toBe('hint: alltoken models --providers -g sandbox');
  });

  test.each([
    [['--routes'], 'alltoken models --health --routes'],
    [['--providers', '--routes'], 'alltoken models --health --routes'],
  ])('2: %j', async (argv, hint) => {
    const world = fakeDeps();
    expect(await world.run('models', ...argv, '-g', 'sandbox')).toBe(2);
    expect(errLines(world).at(-1)).toBe(`hint: ${hint}`);
  });

  test.each([
    ['altllm', ['--providers', 'x'], 'alltoken models --providers -g alltoken'],
    ['altllm', ['--health', '--routes'], 'alltoken models --health --routes -g alltoken'],
    ['tokenhub', ['--filters'], 'alltoken models --filters -g alltoken'],
  ])('2: %s has no %j', async (gateway, argv, hint) => {
    const world = fakeDeps();
    expect(await world.run('models', ...argv, '-g', gateway)).toBe(2);
    expect(errLines(world).at(-1)).toBe(`hint: ${hint}`);
  });

  test.each(['summary', 'routes', 'providers', 'stats', 'rankings'])(
    'survive any shape: the odd %s of the sandbox',
    async (name) => {
      const argv = {
        summary: ['--health'],
        routes: ['--health', '--routes'],
        providers: ['--providers'],
        stats: ['--providers', 'sandbox-east'],
        rankings: ['--rankings'],
      }[name] as string[];
      const env = { ALLTOKEN_SANDBOX_FAULT: 'odd-boards' };
      for (const isTerminal of [true, false]) {
        const world = fakeDeps({ env, stdoutIsTerminal: isTerminal });
        expect(await world.run('models', ...argv, '-g', 'sandbox'), world.err()).toBe(0);
        expect(world.out()).not.toMatch(/undefined|\[object/);
      }
    },
  );
});

describe('a board of any shape', () => {
  const providers = [
    { id: 'a', models: 3, tags: ['x', 'y'] },
    { id: 'b', latency: { p50: 1, p95: 2 } },
  ];

  test('a list: a row each, a column for each field', async () => {
    const { world } = await board('providers', { data: providers });
    expect(world.out()).toBe('a\t3\t["x","y"]\t\nb\t\t\t{"p50":1,"p95":2}\n');
  });

  test('a list on a terminal has a head, and numbers on the right', async () => {
    const { world } = await board('providers', providers, ['--no-color'], {
      stdoutIsTerminal: true,
    });
    expect(world.out()).toBe(
      'id  models  tags       latency\na        3  ["x","y"]\nb                      {"p50":1,"p95":2}\n',
    );
  });

  const rankings = {
    updated: 'now',
    usage: [{ model: 'm', n: 1 }],
    leaders: { coding: 'c' },
    empty: [],
  };

  test('an object of lists: a table each', async () => {
    const { world } = await board('rankings', rankings);
    expect(world.out()).toBe(
      'rankings\tupdated\tnow\nrankings\tempty\t[]\nusage\tm\t1\nleaders\tcoding\tc\n',
    );
  });

  test('an object of lists on a terminal: a title over each', async () => {
    const { world } = await board('rankings', rankings, ['--no-color'], { stdoutIsTerminal: true });
    expect(world.out()).toBe(
      'rankings\nupdated  now\nempty    []\n\nusage\nmodel  n\nm      1\n\nleaders\ncoding  c\n',
    );
  });

  test('a title with a line break in it is one line, as every cell', async () => {
    const body = { 'a\n[usage] cost=$0': [{ 'b\nc': 'd\ne' }] };
    const { world } = await board('rankings', body, ['--no-color'], { stdoutIsTerminal: true });
    expect(world.out()).toBe('a [usage] cost=$0\nb c\nd e\n');
  });

  test('long nested values are cut on a terminal only', async () => {
    const body = [{ id: 'a', deep: { text: 'x'.repeat(100) } }];
    const piped = await board('providers', body);
    expect(piped.world.out()).toContain('x'.repeat(100));
    const shown = await board('providers', body, [], { stdoutIsTerminal: true, columns: 120 });
    expect(shown.world.out()).toContain(`{"text":"${'x'.repeat(50)}…`);
  });

  test.each([
    ['a list of words', ['a', 'b'], 'a\nb\n'],
    ['a list of anything', [1, null, { a: 1 }], '1\n\n{"a":1}\n'],
    ['a word', '"fine"', 'fine\n'],
    ['a number', '7', '7\n'],
    ['data that is no object', { data: 'x' }, 'data\tx\n'],
  ])('%s', async (_name, body, out) => {
    const { code, world } = await board('health', body);
    expect([code, world.out()]).toEqual([0, out]);
  });

  test.each([['{}'], ['[]'], ['null'], ['{"data":[]}']])('nothing at all: %s', async (body) => {
    const { code, world } = await board('health', body);
    expect([code, world.out()]).toEqual([0, '']);
    expect(errLines(world)).toEqual(['the board health is empty']);
  });

  test('--limit counts rows of each table', async () => {
    const { world } = await board('rankings', { a: [1, 2, 3], b: [4, 5] }, ['--limit', '1']);
    expect(world.out()).toBe('a\t1\nb\t4\n');
    expect(errLines(world)).toEqual(['3 more rows are left out; see --limit']);
  });

  test('names of fields bring no control sequence to a terminal', async () => {
    const body = { 'a\u001b[2J': [{ 'b\u001b]0;x\u0007': '\u009b31mc' }], d: 1 };
    const { world } = await board('health', body, ['--no-color'], { stdoutIsTerminal: true });
    expect(world.out()).toBe('health\nd  1\n\na\nb\nc\n');
  });
});
