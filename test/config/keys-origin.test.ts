import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { abilities, builtInGateways } from '../../src/gateways/index.ts';
import type { Gateway } from '../../src/gateways/types.ts';
import type { Reply } from '../helpers/ask.ts';
import {
  everything,
  type KeyWorld,
  keyed,
  keyOf,
  keysAt,
  keyWorld,
  redirect,
} from '../helpers/key-world.ts';
import { sendError, startServer, type TestServer } from '../helpers/server.ts';

/** What each gateway can be asked for, as it is typed behind `alltoken`. */
function commandsOf(gateway: Gateway): string[][] {
  const { id, media } = gateway;
  const image = media.image?.model || 'one';
  const has = (ability: keyof typeof abilities): boolean => abilities[ability](gateway);
  return [
    ['config', 'doctor', '-g', id],
    ['models', '-g', id, '--refresh', '--kind', 'all'],
    ['cost', '-g', id, 'one', '10', '10'],
    ['chat', '-g', id, '-m', 'one', '--no-stdin', 'Hi'],
    ['chat', '-g', id, '-m', 'one', '--fallback', 'two', '--no-stdin', 'Hi'],
    ...(has('health') ? [['models', '-g', id, '--health']] : []),
    ...(has('search') ? [['search', '-g', id, 'Hi']] : []),
    ...(has('image') ? [['image', '-m', image, '-g', id, 'A cat', '-o', `${id}.png`]] : []),
    ...(has('image edits')
      ? [['image', '-m', image, '-g', id, 'A cat', '--image', 'in.png', '-o', `${id}-edit.png`]]
      : []),
    ...(has('video') ? [['video', '-g', id, 'A boat', '-o', `${id}.mp4`]] : []),
    ...(has('video list') ? [['tasks', 'list', '-g', id]] : []),
  ];
}

/** The servers that were sent another key than their own, with the keys. */
function leaks({ servers, keyless, stranger }: KeyWorld): [string, string[]][] {
  const all: [string, TestServer][] = [['none', keyless], ['stranger', stranger], ...servers];
  return all
    .map(([id, server]): [string, string[]] => [id, keysAt(server).filter((key) => key !== id)])
    .filter(([, keys]) => keys.length > 0);
}

describe('the key of a gateway', () => {
  test.each(keyed)('$id: goes to its own server, whatever is asked of it', async (gateway) => {
    const all = await keyWorld();
    for (const argv of commandsOf(gateway)) {
      const world = all.open();
      expect(await world.run(...argv), `${argv.join(' ')}\n${world.err()}`).toBe(0);
      expect(world.out() + world.err()).not.toContain(keyOf(gateway));
    }
    expect(leaks(all)).toEqual([]);
    expect(keysAt(all.servers.get(gateway.id) as TestServer)).toEqual([gateway.id]);
    const others = [...all.servers].filter(([id]) => id !== gateway.id);
    expect(others.flatMap(([, { requests }]) => requests)).toEqual([]);
  });

  test.each(keyed.filter(({ media }) => media.image !== null || media.video !== null))(
    '$id: stays behind when files are fetched and brought elsewhere',
    async (gateway) => {
      const all = await keyWorld();
      for (const argv of commandsOf(gateway)) await all.open().run(...argv);
      const methods = new Set(all.stranger.requests.map(({ method }) => method));
      expect([...methods].sort()).toEqual(abilities.uploads(gateway) ? ['GET', 'PUT'] : ['GET']);
      // A file that has moved was followed, too.
      expect(all.stranger.requests.some(({ path }) => path.endsWith('?moved'))).toBe(true);
      expect(everything(all.stranger)).not.toMatch(/authorization|bearer/i);
    },
  );

  test.each(keyed)('$id: follows no redirect', async (gateway) => {
    const all = await keyWorld();
    const { stranger } = all;
    const moved = await startServer((response, { path }) =>
      redirect(response, `http://127.0.0.1:${stranger.port}${path}`),
    );
    for (const argv of commandsOf(gateway)) {
      const world = all.open();
      const code = await world.run(
        ...argv,
        ...(argv[0] === 'cost' ? [] : ['--base-url', moved.baseUrl]),
      );
      if (argv[0] !== 'cost' && argv[0] !== 'tasks') expect(code, argv.join(' ')).not.toBe(0);
    }
    expect(keysAt(moved)).toEqual([gateway.id]);
    expect(stranger.requests).toEqual([]);
    expect(leaks(all)).toEqual([]);
  });

  test.each(keyed)('$id: is not in what is asked in public', async (gateway) => {
    const all = await keyWorld();
    for (const argv of commandsOf(gateway)) await all.open().run(...argv);
    const server = all.servers.get(gateway.id) as TestServer;
    const shared = server.requests.filter(({ path }) => /api-account|health/.test(path));
    expect(shared.length > 0).toBe(abilities.health(gateway));
    expect(shared.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
  });

  test.each(keyed)(
    '$id: goes nowhere else when models fail one after the other',
    async (gateway) => {
      const all = await keyWorld();
      const broken: Reply = (response) => sendError(response, 503, 'all_providers_failed');
      const failing = await startServer(broken);
      const world = all.open();
      const argv = ['-g', gateway.id, '--base-url', failing.baseUrl, '-m', 'one'];
      const code = await world.run('chat', ...argv, '--fallback', 'two', '--no-stdin', 'Hi');
      expect(code).toBe(31);
      expect(new Set(failing.requests.map(({ json }) => json?.model))).toEqual(
        new Set(['one', 'two']),
      );
      expect(keysAt(failing)).toEqual([gateway.id]);
      expect([all.stranger, all.keyless, ...all.servers.values()].flatMap(keysAt)).toEqual([]);
    },
  );

  test.each(keyed.filter(({ media }) => media.video !== null))(
    '$id: goes back to where a task was bought, though the config now names another place',
    async (gateway) => {
      const all = await keyWorld();
      const { id } = gateway;
      const buyer = all.open();
      expect(await buyer.run('video', '-g', id, 'A boat', '--async'), buyer.err()).toBe(0);
      const next = keyed.find((other) => other.id !== id)?.id ?? '';
      swapBaseUrls(all, id, next);
      const later = all.open({ env: { ALLTOKEN_GATEWAY: next } });
      expect(await later.run('tasks', 'resume', '--all'), later.err()).toBe(0);
      expect(leaks(all)).toEqual([]);
      expect(all.servers.get(next)?.requests).toEqual([]);
    },
  );

  test('is sent to no server that has none', async () => {
    const all = await keyWorld();
    const keyless = [...builtInGateways.values()].filter(({ keyVariable }) => keyVariable === null);
    for (const id of ['mine', ...keyless.map((gateway) => gateway.id)])
      for (const argv of [
        ['models', '-g', id, '--refresh'],
        ['chat', '-g', id, '-m', 'gpt-5.4-mini', '--no-stdin', 'Hi'],
      ])
        expect(await all.open().run(...argv), argv.join(' ')).toBe(0);
    expect(all.keyless.requests.length).toBeGreaterThan(5);
    expect(everything(all.keyless)).not.toMatch(/authorization|bearer/i);
  });
});

/** The two names change places in the config. */
function swapBaseUrls({ open }: KeyWorld, one: string, other: string): void {
  const path = join(open().home, 'config.json');
  const { gateways } = JSON.parse(readFileSync(path, 'utf8')) as {
    gateways: Record<string, object>;
  };
  writeFileSync(
    path,
    JSON.stringify({ gateways: { ...gateways, [one]: gateways[other], [other]: gateways[one] } }),
  );
}
