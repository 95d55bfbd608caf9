import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/client/catalogue.ts';
import { loadSettings } from '../../src/config/settings.ts';
import type { OutputEvent } from '../../src/schemas/events.ts';
import { loadModels, type ModelWants } from '../../src/work/model-list.ts';
import { worldAt } from '../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import {
  again,
  asked,
  hour,
  list,
  modelServer,
  models,
  now,
  plainRoutes,
} from '../helpers/model-gateway.ts';
import type { TestServer } from '../helpers/server.ts';

interface Loaded {
  catalogue: Catalogue;
  said: string[];
}

/** What a command gets that only wants to know prices. */
async function load(
  world: Pick<FakeWorld, 'deps'>,
  wants: Partial<ModelWants> = {},
  gateway?: string,
): Promise<Loaded> {
  const settings = await loadSettings(world.deps, { gateway });
  const loading = loadModels(settings, { needKey: false, refresh: false, ...wants }, world.deps);
  const said: string[] = [];
  let step: IteratorResult<OutputEvent, Catalogue> = await loading.next();
  for (; !step.done; step = await loading.next())
    if ('message' in step.value) said.push(step.value.message);
  return { catalogue: step.value, said };
}

function ids({ catalogue }: Loaded): string[] {
  return catalogue.models.map(({ id }) => id);
}

/** A later run with this home at this server, without a key unless said. */
function laterAt(world: FakeWorld, server: TestServer, time: number): FakeWorld {
  const env = { ALLTOKEN_HOME: world.home, ALLTOKEN_BASE_URL: server.baseUrl };
  return fakeDeps({ env, now: () => time });
}

describe('models for somebody who wants no key', () => {
  test('are the public catalogue, kept for an hour', async () => {
    const server = await modelServer(plainRoutes());
    const world = worldAt(server);
    expect(ids(await load(world))).toEqual(['gpt-5.4-nano']);
    expect(ids(await load(world))).toEqual(['gpt-5.4-nano']);
    expect(asked(server)).toEqual(['GET /api-account/models']);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('are all models where these are kept and young', async () => {
    const { world, server } = await models(plainRoutes());
    server.requests.length = 0;
    const later = laterAt(world, server, now + hour - 1);
    expect(ids(await load(later))).toHaveLength(4);
    expect(server.requests).toEqual([]);
  });

  test('do not take the place of all models', async () => {
    const server = await modelServer(plainRoutes());
    const world = worldAt(server);
    await load(world);
    expect(await world.run('models')).toBe(0);
    expect(world.out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
  });

  test('are the list itself where there is no catalogue and it is public', async () => {
    const server = await modelServer({
      '/v1/models': list({ id: 'altllm-basic', pricing: { prompt: '0.0000006' } }),
    });
    const { catalogue } = await load(worldAt(server), {}, 'altllm');
    expect(catalogue.models).toEqual([
      expect.objectContaining({ id: 'altllm-basic', input: '0.6' }),
    ]);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('20 where the list is not public', async () => {
    const world = worldAt(await modelServer({ '/v1/models': 401 }));
    await expect(load(world, {}, 'tokenhub')).rejects.toMatchObject({
      exit: 'no_key',
      details: { next: { do: 'run', argv: 'alltoken models --refresh -g tokenhub'.split(' ') } },
    });
  });
});

describe('models without asking anybody', () => {
  test('are those that are kept, however old, with a word on their age', async () => {
    const { world, server } = await models(plainRoutes());
    server.requests.length = 0;
    const later = laterAt(world, server, now + 72 * hour);
    const loaded = await load(later, { offline: true });
    expect(ids(loaded)).toHaveLength(4);
    expect(loaded.said).toEqual(['the model list is 3 d old']);
    expect(server.requests).toEqual([]);
  });

  test('are the newer of two lists', async () => {
    const routes = plainRoutes();
    const first = await models(routes);
    routes['/api-account/models'] = list({ id: 'newer-1' });
    const later = { noKey: true, now: () => now + 2 * hour } as const;
    expect((await again(first, [], later)).out()).toBe('newer-1\n');
    const offline = await load(laterAt(first.world, first.server, now + 2 * hour), {
      offline: true,
    });
    expect(ids(offline)).toEqual(['newer-1']);
    expect(offline.said).toEqual([]);
  });

  test('2 where none are kept, with the command that keeps them', async () => {
    await expect(load(fakeDeps(), { offline: true })).rejects.toMatchObject({
      exit: 'usage',
      details: {
        code: 'not_cached',
        next: { do: 'run', argv: 'alltoken models --refresh -g alltoken'.split(' ') },
      },
    });
  });
});
