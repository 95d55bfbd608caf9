import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadBaseUrl, errLines, secretKey } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import {
  again,
  asked,
  hour,
  type Listed,
  list,
  models,
  now,
  plainRoutes,
  type Routes,
} from '../../helpers/model-gateway.ts';

const at = (time: number) => ({ now: () => time });

/** A list in the cache, and a gateway that will answer otherwise from then on. */
async function kept(change: Routes): Promise<Listed> {
  const routes = plainRoutes();
  const listed = await models(routes);
  Object.assign(routes, change);
  listed.server.requests.length = 0;
  return listed;
}

const newList = { '/v1/models': list({ id: 'new-1' }), '/api-account/models': list() };
const gone = { '/v1/models': 503, '/api-account/models': 503 };

describe('a list that is kept', () => {
  test('is used for an hour, and nobody is asked', async () => {
    const listed = await kept(newList);
    const next = await again(listed, ['--json'], at(now + hour - 1000));
    expect(next.code).toBe(0);
    expect(next.json()).toMatchObject({
      age_seconds: 3599,
      fetched_at: '2026-11-22T12:00:00.000Z',
    });
    expect(next.out()).toContain('kimi-k2.6');
    expect(listed.server.requests).toEqual([]);
  });

  test('needs no key as long as it is young', async () => {
    const listed = await kept(newList);
    const next = await again(listed, [], { noKey: true });
    expect([next.code, next.out()]).toEqual([0, 'gpt-5.4-nano\nkimi-k2.6\n']);
    expect(next.err()).not.toContain('warning');
  });

  test('is fetched again after an hour', async () => {
    const next = await again(await kept(newList), [], at(now + hour));
    expect(next.out()).toBe('new-1\n');
  });

  test('is fetched again when it comes from the future', async () => {
    const next = await again(await kept(newList), [], at(now - 1));
    expect(next.out()).toBe('new-1\n');
  });

  test('is fetched again with --refresh', async () => {
    expect((await again(await kept(newList), ['--refresh'])).out()).toBe('new-1\n');
  });

  test('belongs to its base URL', async () => {
    const listed = await kept({});
    const other = await models({ '/v1/models': list({ id: 'other-1' }) });
    const next = await again({ world: listed.world, server: other.server });
    expect(next.out()).toBe('other-1\n');
  });

  test('belongs to its gateway', async () => {
    const listed = await kept({});
    const sandbox = fakeDeps({ env: { ALLTOKEN_HOME: listed.world.home } });
    expect(await sandbox.run('models', '-g', 'sandbox', '--filter', 'opus')).toBe(0);
    expect(sandbox.out()).toContain('claude-opus');
    expect((await again(listed)).out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
  });

  test('can be read by nobody else', async () => {
    const { world } = await kept({});
    const folder = join(world.home, 'cache');
    expect(readdirSync(folder)).toEqual(['models-alltoken.json']);
    expect(statSync(join(folder, 'models-alltoken.json')).mode & 0o777).toBe(0o600);
  });

  test('without a key is another one, and hides none of what a key shows', async () => {
    const listed = await kept({});
    const without = { noKey: true, ...at(now + 2 * hour) } as const;
    expect((await again(listed, [], without)).out()).toBe('gpt-5.4-nano\n');
    const withKey = await again(listed, [], at(now + 2 * hour));
    expect(withKey.out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
  });
});

describe('when the gateway cannot be reached', () => {
  test.each([
    ['a failure', gone, /^warning: it is is_503.*; the cached list is 4 h old$/],
    [
      'too many requests',
      { ...gone, '/v1/models': 429 },
      /^warning: .*; the cached list is 4 h old$/,
    ],
  ])('the kept list is shown, with its age: %s', async (_name, change, warning) => {
    const next = await again(await kept(change), [], at(now + 3.5 * hour));
    expect([next.code, next.out()]).toEqual([0, 'gpt-5.4-nano\nkimi-k2.6\n']);
    expect(errLines(next).findLast((line) => line.startsWith('warning'))).toMatch(warning);
    // Nobody waits for tries when there is something to show.
    expect(next.sleeps).toEqual([]);
  });

  test('and gives way to no other one that comes from the future', async () => {
    const listed = await kept(gone);
    const file = (part: string) => join(listed.world.home, 'cache', `${part}-alltoken.json`);
    const cached = JSON.parse(readFileSync(file('models'), 'utf8')) as { models: object[] };
    const [model] = cached.models;
    const stale = { ...cached, fetched_at: now + 9000 * hour, models: [{ ...model, id: 'stale' }] };
    writeFileSync(file('public'), JSON.stringify(stale));
    const next = await again(listed, [], at(now + 2 * hour));
    expect(next.out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
  });

  test('also where nobody answers at all', async () => {
    const dead = await deadBaseUrl();
    const world = fakeDeps({ env: { ALLTOKEN_BASE_URL: dead, ALLTOKEN_API_KEY: secretKey } });
    const listed = await kept({});
    cpSync(join(listed.world.home, 'cache'), join(world.home, 'cache'), { recursive: true });
    const file = join(world.home, 'cache/models-alltoken.json');
    const text = readFileSync(file, 'utf8').replace(listed.server.baseUrl, dead);
    writeFileSync(file, text.replace(`${now}`, `${now - 50 * hour}`));
    expect(await world.run('models')).toBe(0);
    expect(world.out()).toBe('gpt-5.4-nano\nkimi-k2.6\n');
    expect(world.err()).toMatch(/cannot reach .*; the cached list is 2 d old$/m);
  });

  test('also where a portal puts its own page in the place of all', async () => {
    const next = await again(
      await kept({ '/v1/models': '<html><title>Log in to the hotel</title></html>' }),
      [],
      at(now + 3 * hour),
    );
    expect([next.code, next.out()]).toEqual([0, 'gpt-5.4-nano\nkimi-k2.6\n']);
    expect(next.err()).toMatch(/^warning: .*; the cached list is 3 h old$/m);
  });

  test('a refused key is never hidden', async () => {
    const next = await again(await kept({ '/v1/models': 401 }), [], at(now + 3 * hour));
    expect([next.code, next.out()]).toEqual([21, '']);
  });
});

describe('what is not kept', () => {
  test('a list that lacks a part for now', async () => {
    const routes = { ...plainRoutes(), '/v1/images/models': 503 };
    const listed = await models(routes);
    expect(listed.code).toBe(0);
    listed.server.requests.length = 0;
    expect((await again(listed)).code).toBe(0);
    expect(asked(listed.server)).toContain('GET /v1/models');
  });

  test.each([
    ['the page of a portal', '<html><title>Log in to the hotel</title></html>'],
    ['half a document', '{"object":"list","data":[{"id":"gpt-5.4-nano",'],
    ['something else', { hello: 'world' }],
  ])('a list without prices where %s came in their place', async (_what, page) => {
    const routes = { ...plainRoutes(), '/api-account/models': page as object };
    const listed = await models(routes, ['--prices']);
    expect(listed.world.out()).toContain('gpt-5.4-nano\tunknown\t');
    Object.assign(routes, plainRoutes());
    const next = await again(listed, ['--prices'], at(now + 60_000));
    expect(next.out()).toContain('gpt-5.4-nano\t0.2\t');
  });

  test('a list that is too long to be read back: one warning', async () => {
    const long = Array.from({ length: 9 }, (_, index) => ({
      id: `m-${index}`,
      description: 'ö'.repeat(500_000),
    }));
    const { code, world } = await models({ '/v1/models': list(...long) });
    expect(code).toBe(0);
    expect(errLines(world)).toEqual([
      expect.stringMatching(/^warning: the model list is not cached: .* 8 MB/),
    ]);
    expect(existsSync(join(world.home, 'cache/models-alltoken.json'))).toBe(false);
  });

  test('anything, where nothing can be written: one warning', async () => {
    const refuse = async () => {
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
    };
    const { code, world } = await models(plainRoutes(), [], {
      files: { makeDirectory: refuse, replace: refuse },
    });
    expect([code, world.out()]).toEqual([0, 'gpt-5.4-nano\nkimi-k2.6\n']);
    const warnings = errLines(world).filter((line) => line.startsWith('warning'));
    expect(warnings).toEqual([expect.stringMatching(/^warning: the model list is not cached: /)]);
  });

  test.each(['', '{"v":1', '[]', '{"v":1,"models":7}'])('a broken file: %j', async (text) => {
    const listed = await kept(newList);
    listed.world.write('cache/models-alltoken.json', text);
    expect((await again(listed)).out()).toBe('new-1\n');
  });
});
