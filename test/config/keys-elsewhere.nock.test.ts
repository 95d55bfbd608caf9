import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { errLines } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { allKeys, keyed, keysAt, keyWorld } from '../helpers/key-world.ts';
import { sendError, startServer } from '../helpers/server.ts';

describe('the key of one gateway at the address of another', () => {
  afterEach(() => nock.cleanAll());
  // Another file of this process may have come before it, and taken nock out at its end.
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
  });
  afterAll(() => nock.restore());

  const pairs = keyed.flatMap((gateway) =>
    keyed
      .filter((other) => other !== gateway)
      .map((other): [string, string, string, string, string] => [
        gateway.id,
        other.id,
        gateway.keyVariable ?? '',
        gateway.baseUrlEnv ?? '',
        other.baseUrl,
      ]),
  );

  test.each(pairs)('20: of %s to %s', async (id, other, variable, baseUrlEnv, baseUrl) => {
    const asked: string[] = [];
    nock(new URL(baseUrl).origin)
      .post(/./)
      .reply((path) => {
        asked.push(path);
        return [200, ''];
      });
    for (const [flags, env] of [
      [['--base-url', baseUrl], {}],
      [[], { [baseUrlEnv]: baseUrl }],
      [['--base-url', `${new URL(baseUrl).origin}/elsewhere`], {}],
      [['--base-url', baseUrl.replace(/^(https:\/\/[^/]+)/, '$1:8443')], {}],
      [['--base-url', baseUrl.replace(/^(https:\/\/[^/]+)/, '$1.')], {}],
    ] as const) {
      const world = fakeDeps({ env: { ...allKeys, ...env } });
      const argv = ['chat', '-g', id, ...flags, '-m', 'one', '--no-stdin', 'Hi'];
      expect(await world.run(...argv)).toBe(20);
      const line = errLines(world).find((text) => text.startsWith('alltoken: '));
      expect(line).toContain(`${variable} is for `);
      expect(line).toContain('code=foreign_origin');
      expect(errLines(world).at(-1)).toContain(`-g ${other}`);
    }
    expect(asked).toEqual([]);
  });

  test.each(keyed)('$id may be reached through a proxy of the user', async ({ id }) => {
    const all = await keyWorld();
    const proxy = await startServer((response) => sendError(response, 401, 'invalid_api_key'));
    const argv = ['chat', '-g', id, '--base-url', proxy.baseUrl, '-m', 'one', '--no-stdin', 'Hi'];
    expect(await all.open().run(...argv)).toBe(21);
    expect(keysAt(proxy)).toEqual([id]);
  });
});
