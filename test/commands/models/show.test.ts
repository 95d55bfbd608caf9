import { describe, expect, test } from 'vitest';
import { errLines, worldAt } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import {
  asked,
  list,
  modelServer,
  models,
  modelsById,
  plainRoutes,
  type Routes,
} from '../../helpers/model-gateway.ts';

const capabilities = {
  ratios: { values: ['16:9', 'adaptive'], default: '16:9' },
  resolutions: { values: ['480p', '720p'], default: '720p' },
  duration: { type: 'range', min: 4, max: 15, step: 1, default: 5, supports_auto: true },
  frames: { min: 29, max: 289, step: 4, base: 25 },
  features: { generate_audio: true, camera_fixed: false, seed: true },
  prompt: { max_length: 2500 },
  content: {
    image_count: { min: 0, max: 9 },
    video_count: { min: 0, max: 0 },
    allowed_roles: null,
  },
  input_types: ['text', 'image_first_frame'],
};

/** The rows of `models <id>` for one video model that can do this. */
async function video(more: object): Promise<Record<string, string>> {
  const routes = { ...plainRoutes(), '/v1/videos/models': list({ id: 'v-1', ...more }) };
  const { code, world } = await models(routes, ['v-1']);
  expect(code).toBe(0);
  const lines = world.out().trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
}

describe('models <id>', () => {
  test('shows all that is known, a name and a value in each line', async () => {
    const { code, world } = await models(plainRoutes(), ['gpt-5.4-nano']);
    expect(code).toBe(0);
    expect(world.out()).toBe(
      [
        'id\tgpt-5.4-nano',
        'kind\tchat',
        'input $/M\t0.2',
        'output $/M\t1.25',
        'cached input $/M\t0.02',
        'context\t400000 tokens',
        'search\tthe gateway fails when it is to search (tried on 2026-05-12)',
        '',
      ].join('\n'),
    );
  });

  test('says what a video model takes, in words', async () => {
    expect(await video({ capabilities })).toEqual({
      id: 'v-1',
      kind: 'video',
      'input $/M': 'unknown',
      'output $/M': 'unknown',
      durations: '4 to 15 s, or -1: the model chooses (default: 5 s)',
      resolutions: '480p, 720p (default: 720p)',
      ratios: '16:9, adaptive (default: 16:9)',
      frames: '29 to 289 in steps of 4',
      prompt: 'at most 2500 characters',
      inputs: 'text, image first frame',
      files: '0 to 9 images',
      features: 'generate audio, seed',
    });
  });

  test('says it of lengths to choose from, and of none', async () => {
    const duration = { type: 'enum', values: [5, 10], default: 5, supports_auto: false };
    expect((await video({ capabilities: { duration } })).durations).toBe('5, 10 s (default: 5 s)');
    const hidden = await video({ capabilities: { duration: null, ratios: { values: null } } });
    expect(hidden.durations).toBe('the model decides');
    expect(hidden.ratios).toBeUndefined();
  });

  test.each([
    7,
    'all',
    [],
    { duration: 'long', ratios: [], features: 3, content: { image_count: 1 } },
  ])('survives what nobody understands: %j', async (odd) => {
    expect(Object.keys(await video({ capabilities: odd }))).toEqual([
      'id',
      'kind',
      'input $/M',
      'output $/M',
    ]);
  });

  test('takes an alias of the config', async () => {
    const world = worldAt(await modelServer(plainRoutes()), {
      home: { 'config.json': { aliases: { fast: 'gpt-5.4-nano' } } },
    });
    expect(await world.run('models', 'fast')).toBe(0);
    expect(world.out()).toMatch(/^id\tgpt-5\.4-nano\n/);
  });

  test('is the same document in JSON, with what is known of its search', async () => {
    const { world } = await models(plainRoutes(), ['gpt-5.4-nano', '--json']);
    expect(world.json()).toMatchObject({
      schema: 'alltoken.models.v1',
      total: 1,
      models: [{ id: 'gpt-5.4-nano' }],
      search: { effect: 'fails', probed: '2026-05-12' },
    });
  });

  test('says nothing of the search of a family that nobody tried', async () => {
    const { world } = await models({ '/v1/models': list({ id: 'new-gpt-1' }) }, ['new-gpt-1']);
    expect(world.out()).not.toContain('search');
  });

  test('is a table on a terminal', async () => {
    const { world } = await models(plainRoutes(), ['kimi-k2.6'], { stdoutIsTerminal: true });
    expect(world.out()).toMatch(/^id {10}kimi-k2\.6\nkind {8}chat\nname {8}Kimi\n/);
  });

  test('24: no such model, with those that are near', async () => {
    const { code, world } = await models(plainRoutes(), ['gpt-5.4-nono']);
    expect(code).toBe(24);
    expect(errLines(world)).toEqual([
      'alltoken: AllToken lists no model "gpt-5.4-nono" [not_found code=model_not_found]',
      'hint: did you mean gpt-5.4-nano?',
    ]);
  });
});

describe('a price that the list leaves out', () => {
  const path = '/api-account/models/vendor/m%201';
  const routes = (one: Routes[string]): Routes => ({
    '/v1/models': list({ id: 'vendor/m 1', context_length: 1000 }),
    '/api-account/models': list(),
    [path]: one,
  });
  const told = {
    id: 'x',
    input_price: '0.3',
    output_price: '2',
    context_length: 9,
    description: 'd',
  };

  test.each([
    ['bare', told],
    ['under data', { data: told }],
  ])('is asked for at the catalogue, without the key: %s', async (_name, body) => {
    const { code, world, server } = await models(routes(body), ['vendor/m 1', '--json']);
    expect(code).toBe(0);
    expect(modelsById(world)['vendor/m 1']).toMatchObject({
      prices: { input: '0.3', output: '2' },
      context: 1000,
      description: 'd',
    });
    expect(asked(server)).toContain(`GET ${path}`);
    const request = server.requests.find((received) => received.path === path);
    expect(request?.headers.authorization).toBeUndefined();
  });

  test('is what the gateway says, however low: one price is no reason to doubt its unit', async () => {
    const { world } = await models(routes({ ...told, input_price: '0.0003' }), ['vendor/m 1']);
    expect(world.out()).toContain('input $/M\t0.0003\n');
  });

  test.each([404, 503])('stays unknown when the catalogue answers %i', async (status) => {
    const { code, world } = await models(routes(status), ['vendor/m 1']);
    expect(code).toBe(0);
    expect(world.out()).toContain('input $/M\tunknown\n');
    if (status === 503)
      expect(world.err()).toMatch(/^warning: cannot look up .* in the catalogue/m);
  });
});

describe('the gateway’s own page of a model', () => {
  const path = '/api-account/models/gpt-5.4-nano';
  const page = {
    id: 'gpt-5.4-nano',
    input_price: '9',
    tags: ['cheap'],
    providers: [{ id: 'a' }],
    retired: false,
    none: null,
  };

  test('is asked for once, without the key, and adds what only it has', async () => {
    const { code, world, server } = await models({ ...plainRoutes(), [path]: { data: page } }, [
      'gpt-5.4-nano',
    ]);
    expect(code).toBe(0);
    expect(server.requests).toHaveLength(5);
    const request = server.requests.find((received) => received.path === path);
    expect(request?.headers.authorization).toBeUndefined();
    expect(world.out()).toContain('input $/M\t0.2\n');
    expect(world.out().split('\n').slice(-4)).toEqual([
      'tags\t["cheap"]',
      'providers\t[{"id":"a"}]',
      'retired\tfalse',
      '',
    ]);
  });

  test('is in the JSON as it was sent; null where there is none', async () => {
    const { world } = await models({ ...plainRoutes(), [path]: page }, ['gpt-5.4-nano', '--json']);
    expect(world.json().page).toEqual(page);
    const without = await models(plainRoutes(), ['gpt-5.4-nano', '--json']);
    expect(without.world.json().page).toBeNull();
    expect(without.world.err()).toBe('');
  });

  test.each(['"fine"', '[]', '{"data":7}', 'null', '{"id":""}'])(
    'of an odd shape is as good as none: %s',
    async (body) => {
      const { code, world } = await models({ ...plainRoutes(), [path]: body }, [
        'gpt-5.4-nano',
        '--json',
      ]);
      expect(code).toBe(0);
      expect(world.json().page).toBeNull();
    },
  );

  test('that fails costs a warning, not the list', async () => {
    const { code, world } = await models({ ...plainRoutes(), [path]: 503 }, ['gpt-5.4-nano']);
    expect(code).toBe(0);
    expect(world.err()).toMatch(/^warning: cannot look up gpt-5\.4-nano in the catalogue/m);
    expect(world.out()).toContain('input $/M\t0.2\n');
  });

  test('of AltLLM is below its list, and of the sandbox beside it', async () => {
    const world = worldAt(
      await modelServer({
        '/v1/models': list({ id: 'altllm-basic' }),
        '/v1/models/altllm-basic': { id: 'altllm-basic', supported_features: ['tools'] },
      }),
    );
    expect(await world.run('models', 'altllm-basic', '-g', 'altllm')).toBe(0);
    expect(world.out()).toContain('supported_features\t["tools"]\n');
    const sandbox = fakeDeps();
    expect(await sandbox.run('models', 'gpt-5.4', '-g', 'sandbox', '--json')).toBe(0);
    expect(sandbox.json().page).toMatchObject({ id: 'gpt-5.4', input_price: '2.50' });
  });
});
