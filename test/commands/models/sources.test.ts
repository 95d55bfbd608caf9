import { describe, expect, test } from 'vitest';
import { deadBaseUrl, errLines, secretKey } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import {
  asked,
  list,
  modelServer,
  models,
  modelsById,
  plainRoutes,
} from '../../helpers/model-gateway.ts';
import { pointedAt, startServer } from '../../helpers/server.ts';

const everything = ['--kind', 'all'];

describe('where the list comes from', () => {
  test('all lists with the key, and the public catalogue without it', async () => {
    const { server } = await models(plainRoutes());
    expect(asked(server).sort()).toEqual([
      'GET /api-account/models',
      'GET /v1/images/models',
      'GET /v1/models',
      'GET /v1/videos/models',
    ]);
    for (const { path, headers } of server.requests)
      expect(headers.authorization, path).toBe(
        path.startsWith('/v1/') ? `Bearer ${secretKey}` : undefined,
      );
  });

  test('all of them at the same time', async () => {
    const waiting: (() => void)[] = [];
    const server = await startServer((response, { path }) => {
      waiting.push(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(path === '/v1/models' ? list({ id: 'a-1' }) : list()));
      });
      // Answers none before the last has come.
      if (waiting.length === 4) for (const answer of waiting) answer();
    });
    const world = fakeDeps({ env: pointedAt(server) });
    expect(await world.run('models')).toBe(0);
    expect(world.out()).toBe('a-1\n');
  });

  test('a model that only the catalogue has is one too', async () => {
    const routes = {
      ...plainRoutes(),
      '/api-account/models': list({ id: 'only-there-1', output_modalities: ['text'] }),
    };
    expect((await models(routes)).world.out()).toBe('gpt-5.4-nano\nkimi-k2.6\nonly-there-1\n');
  });

  test('the list of one kind says which kind, whatever the list of all says', async () => {
    const routes = {
      '/v1/models': list({ id: 'gpt-image-2', object: 'model', owned_by: 'chat' }),
      '/v1/images/models': list({ id: 'gpt-image-2', object: 'model' }),
    };
    const { world } = await models(routes, [...everything, '--json']);
    expect(modelsById(world)['gpt-image-2']?.kind).toBe('image');
  });

  test('the list of one kind says more than the list of all', async () => {
    const routes = {
      '/v1/models': list({ id: 'film-1', description: 'a model' }),
      '/v1/videos/models': list({ id: 'film-1', description: 'a model for films' }),
    };
    const { world } = await models(routes, [...everything, '--json']);
    expect(modelsById(world)['film-1']?.description).toBe('a model for films');
  });

  test('what a video model can do comes with it', async () => {
    const capabilities = { ratios: { values: ['16:9'], default: '16:9' }, new_field: 1 };
    const routes = {
      ...plainRoutes(),
      '/v1/models': list({ id: 'seedance-2.0', modality: 'video' }),
      '/v1/videos/models': list({ id: 'seedance-2.0', capabilities }),
    };
    const { world } = await models(routes, [...everything, '--json']);
    expect(modelsById(world)['seedance-2.0']).toMatchObject({ kind: 'video', capabilities });
  });
});

describe('a part that does not come', () => {
  test('is not missed when there is none: 404', async () => {
    const { code, world } = await models({ '/v1/models': list({ id: 'a-1' }) });
    expect([code, world.out(), world.err()]).toEqual([0, 'a-1\n', '']);
  });

  test('is asked for again, and then left out with a warning', async () => {
    const routes = { ...plainRoutes(), '/v1/videos/models': 503 };
    const { code, world, server } = await models(routes, everything);
    expect(code).toBe(0);
    expect(world.out()).not.toContain('seedance');
    expect(errLines(world).at(-1)).toMatch(/^warning: the list of video models is left out: /);
    expect(asked(server).filter((line) => line.includes('videos'))).toHaveLength(3);
    // One pause before each repetition.
    expect(world.sleeps).toHaveLength(2);
    for (const pause of world.sleeps) expect(pause).toBeGreaterThanOrEqual(500);
  });

  test('is asked for again when the server says, or not at all where that is too late', async () => {
    const limitedFor = async (seconds: number) => {
      const server = await startServer((response, { path }) => {
        const isLimited = path.includes('videos');
        response.writeHead(isLimited ? 429 : 200, {
          'content-type': 'application/json',
          ...(isLimited && { 'retry-after': String(seconds) }),
        });
        const error = { code: 'rate_limited', message: 'too many', type: 'api_error' };
        response.end(JSON.stringify(isLimited ? { error } : list({ id: 'a-1' })));
      });
      const world = fakeDeps({ env: pointedAt(server) });
      expect(await world.run('models')).toBe(0);
      return {
        pause: world.sleeps[0],
        times: asked(server).filter((one) => one.includes('videos')),
      };
    };
    expect((await limitedFor(7)).pause).toBeGreaterThanOrEqual(7000);
    const late = await limitedFor(300);
    expect(late.pause).toBe(undefined);
    expect(late.times).toHaveLength(1);
  });

  test('costs the prices when it is the catalogue', async () => {
    const { code, world } = await models({ ...plainRoutes(), '/api-account/models': 403 }, [
      '--prices',
    ]);
    expect(code).toBe(0);
    expect(world.out()).toContain('gpt-5.4-nano\tunknown\t');
    expect(world.err()).toContain('warning: the public catalogue is left out');
  });

  test.each([
    [401, 21, 'auth'],
    [403, 23, 'forbidden'],
    [500, 31, 'upstream'],
  ])('is the failure when it is the list itself: %i', async (status, exit, name) => {
    const { code, world } = await models({ ...plainRoutes(), '/v1/models': status }, ['--json']);
    expect(code).toBe(exit);
    expect(world.json()).toMatchObject({ ok: false, error: { exit, name, billed: 'no' } });
  });

  test('32 where nobody answers, after one series of tries', async () => {
    const env = { ALLTOKEN_BASE_URL: await deadBaseUrl(), ALLTOKEN_API_KEY: secretKey };
    const world = fakeDeps({ env });
    expect(await world.run('models')).toBe(32);
    expect(world.sleeps).toHaveLength(2);
  });

  test('41 for a page that is no list', async () => {
    const { code, world } = await models({ '/v1/models': '<html><title>Hello</title></html>' });
    expect(code).toBe(41);
    expect(world.err()).toContain('Hello');
  });
});

describe('without a key', () => {
  test('is the public catalogue, and says so', async () => {
    const server = await modelServer(plainRoutes());
    const world = fakeDeps({ env: { ALLTOKEN_BASE_URL: server.baseUrl } });
    expect(await world.run('models')).toBe(0);
    expect(world.out()).toBe('gpt-5.4-nano\n');
    expect(asked(server)).toEqual(['GET /api-account/models']);
    expect(world.err()).toMatch(/^warning: no key for AllToken.*public catalogue/);
  });

  const setTheKey = /^alltoken login -g \w+, or export [A-Z]+_API_KEY=KEY/;

  test('20 where the gateway has no catalogue, and how to set the key', async () => {
    const world = fakeDeps();
    expect(await world.run('models', '-g', 'tokenhub', '--json')).toBe(20);
    expect(world.json()).toMatchObject({
      error: { exit: 20, code: 'missing_key', hint: expect.stringMatching(setTheKey) },
    });
  });

  test.each([401, 403, 404])(
    '20 where the catalogue is not public (%i), and how to set the key',
    async (status) => {
      const server = await modelServer({ '/api-account/models': status });
      const world = fakeDeps({ env: { ALLTOKEN_BASE_URL: server.baseUrl } });
      expect(await world.run('models', '--json')).toBe(20);
      expect(world.json()).toMatchObject({
        error: { exit: 20, code: 'missing_key', hint: expect.stringMatching(setTheKey) },
      });
    },
  );

  test('a server that needs none is asked without one', async () => {
    const server = await modelServer({
      '/v1/models': list({ id: 'qwen3-8b', pricing: { prompt: '0.0000006' } }),
    });
    const world = fakeDeps();
    const mine = { kind: 'openai', base_url: server.baseUrl };
    world.write('config.json', JSON.stringify({ gateways: { mine } }));
    expect(await world.run('models', '-g', 'mine', '--prices')).toBe(0);
    expect(world.out()).toBe('qwen3-8b\t0.6\tunknown\tunknown\tunknown\n');
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe('prices that cannot be for a million', () => {
  test('are read as for a thousand, with a warning', async () => {
    const routes = {
      '/v1/models': list({ id: 'gpt-5.4-nano' }),
      '/api-account/models': list(
        { id: 'gpt-5.4-nano', input_price: '0.0002', output_price: '0.00125' },
        { id: 'gpt-5.4', input_price: 0.0025, output_price: 0.015 },
        { id: 'gpt-5.5', input_price: 0.005, output_price: 0.03 },
      ),
    };
    const { world } = await models(routes, ['--prices']);
    expect(world.out()).toBe(
      'gpt-5.4\t2.5\t15\tunknown\tunknown\ngpt-5.4-nano\t0.2\t1.25\tunknown\tunknown\ngpt-5.5\t5\t30\tunknown\tunknown\n',
    );
    expect(world.err()).toMatch(/^warning: the prices of AllToken are too low/);
  });
});

test('--timeout is for all questions together: none begins anew with a time of its own', async () => {
  const server = await startServer((response, { path }) => {
    if (path.startsWith('/api-account/')) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(list({ id: 'a-1', object: 'model' })));
  });
  const world = fakeDeps();
  const place = ['-g', 'sandbox', '--base-url', server.baseUrl];
  expect(await world.run('models', ...place, '--kind', 'all', '--timeout', '0.3')).toBe(0);
  expect(world.out()).toBe('a-1\n');
  expect(asked(server).filter((question) => question.includes('/api-account/'))).toHaveLength(1);
});
