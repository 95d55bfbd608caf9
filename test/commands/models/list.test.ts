import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import {
  type Listed,
  list,
  models,
  modelsById,
  plainRoutes,
  type Routes,
  several,
} from '../../helpers/model-gateway.ts';

describe('models into a pipe', () => {
  test('prints ids, one a line, and nothing else', async () => {
    const { code, world } = await models(plainRoutes());
    expect(code).toBe(0);
    expect(world.out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
    expect(world.err()).toBe('2 image and video models are not shown: --kind all\n');
  });

  test.each([
    [['--kind', 'image'], 'gpt-image-2\n'],
    [['--kind=all', '--filter', 'GPT'], 'gpt-5.4-nano\ngpt-image-2\n'],
    [['--kind', 'image'], 'gpt-image-2\n'],
    [['--kind', 'video'], 'seedance-2.0\n'],
    [['--kind', 'all'], 'gpt-5.4-nano\ngpt-image-2\nkimi-k2.6\nseedance-2.0\n'],
    [['--kind', 'all', '--filter', 'GPT'], 'gpt-5.4-nano\ngpt-image-2\n'],
    [['--filter', 'kimi'], 'kimi-k2.6\n'],
    [['--filter', 'KiMi'], 'kimi-k2.6\n'],
  ])('%j', async (argv, out) => {
    expect((await models(plainRoutes(), argv)).world.out()).toBe(out);
  });

  test('finds a word of the name, too', async () => {
    const routes = { '/v1/models': list({ id: 'm1', display_name: 'Moonlight Sonata' }) };
    expect((await models(routes, ['--filter', 'sonata'])).world.out()).toBe('m1\n');
  });

  test('--prices adds input, output, cached input and context, exactly', async () => {
    const { world } = await models(plainRoutes(), ['--prices']);
    expect(world.out()).toBe(
      'gpt-5.4-nano\t0.2\t1.25\t0.02\t400000\nkimi-k2.6\tunknown\tunknown\tunknown\tunknown\n',
    );
  });

  test.each([
    ['id', ['cheap', 'dear', 'free', 'middle', 'nobody-knows']],
    ['input', ['free', 'cheap', 'middle', 'dear', 'nobody-knows']],
    ['output', ['free', 'dear', 'middle', 'cheap', 'nobody-knows']],
    ['context', ['cheap', 'middle', 'dear', 'free', 'nobody-knows']],
  ])('--sort %s: the lowest first, what is not known last', async (by, ids) => {
    const { world } = await models(several, ['--sort', by]);
    expect(world.out().trimEnd().split('\n')).toEqual(ids);
  });

  test('--limit says how many it left out', async () => {
    const { world } = await models(several, ['--limit', '2', '--sort', 'input']);
    expect(world.out()).toBe('free\ncheap\n');
    expect(errLines(world)).toEqual(['3 more models are left out; see --limit']);
  });
});

describe('nothing to list', () => {
  const note = async (routes: Routes, argv: string[]): Promise<string[]> => {
    const { code, world } = await models(routes, argv);
    expect([code, world.out()]).toEqual([0, '']);
    return errLines(world);
  };

  test('is no failure, and names the nearest word', async () => {
    expect(await note(plainRoutes(), ['--filter', 'kimmi'])).toEqual([
      'no chat model has "kimmi" in its id or name; did you mean "kimi"?',
    ]);
  });

  test('says so when another kind has the word', async () => {
    expect((await note(plainRoutes(), ['--filter', 'seedance']))[0]).toContain(
      'alltoken models --kind all --filter "seedance"',
    );
  });

  test('says so when the gateway lists none', async () => {
    expect(await note({ '/v1/models': { data: null } }, [])).toEqual([
      'the gateway lists no models',
    ]);
  });

  test('is an empty list in JSON', async () => {
    const { code, world } = await models(plainRoutes(), ['--json', '--filter', 'zzz']);
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ ok: true, total: 0, models: [] });
  });
});

describe('models --json', () => {
  const document = async (listed: Promise<Listed>): Promise<Record<string, unknown>> => {
    const { code, world } = await listed;
    expect(code).toBe(0);
    return world.json();
  };

  test('says everything, and null for what is not known', async () => {
    expect(await document(models(plainRoutes(), ['--json']))).toEqual({
      schema: 'alltoken.models.v1',
      ok: true,
      exit: 0,
      command: 'models',
      gateway: 'alltoken',
      fetched_at: '2026-11-22T12:00:00.000Z',
      age_seconds: 0,
      total: 2,
      models: [
        {
          id: 'gpt-5.4-nano',
          kind: 'chat',
          name: null,
          description: null,
          prices: {
            input: '0.2',
            output: '1.25',
            cached_input: '0.02',
            unit: 'per_million_tokens',
          },
          context: 400_000,
          max_output: null,
          input_modalities: null,
          output_modalities: null,
          capabilities: null,
        },
        {
          id: 'kimi-k2.6',
          kind: 'chat',
          name: 'Kimi',
          description: null,
          prices: { input: null, output: null, cached_input: null, unit: 'per_million_tokens' },
          context: null,
          max_output: null,
          input_modalities: null,
          output_modalities: null,
          capabilities: null,
        },
      ],
    });
  });

  test('counts all of them under a limit', async () => {
    const { world } = await models(several, ['--json', '--limit', '1']);
    expect(world.json().total).toBe(5);
    expect(Object.keys(modelsById(world))).toEqual(['cheap']);
  });
});

describe('a mistake', () => {
  test.each([
    [['--kind', 'sound'], 'invalid_argument'],
    [['--sort', 'price'], 'invalid_argument'],
    [['--limit', '0'], 'invalid_argument'],
    [['--health', '--providers'], 'conflicting_option'],
    [['--rankings', '--filter', 'x'], 'conflicting_option'],
    [['gpt-5.4', '--limit', '3'], 'conflicting_option'],
    [['gpt-5.4', '--health'], 'conflicting_option'],
  ])('%j sends nothing: 2', async (argv, code) => {
    const { code: exit, world, server } = await models(plainRoutes(), [...argv, '--json']);
    expect(exit).toBe(2);
    expect(world.json()).toMatchObject({ ok: false, error: { exit: 2, code } });
    expect(server.requests).toEqual([]);
  });
});
