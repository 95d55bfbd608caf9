/** Commands of ours whose requests go to a proxy of the same home: one of the two keeps the books, however the address was given. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { variablesFor } from '../../src/serve/variables.ts';
import { answerWell, worldAt } from '../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { imageWorld } from '../helpers/image.ts';
import { startImageGateway } from '../helpers/image-gateway.ts';
import { completed, inline, picture } from '../helpers/image-replies.ts';
import { openShop } from '../helpers/priced.ts';
import { startServer } from '../helpers/server.ts';
import { type ServedProxy, startProxy } from '../helpers/serving.ts';

const budget = { day: '0.01' };

/** A gateway, and a proxy in front of it. */
async function served(...argv: string[]): Promise<ServedProxy> {
  const { server } = await openShop();
  return startProxy(worldAt(server, { home: { 'config.json': { budget } } }), ...argv);
}

/** A command in the home of the proxy, whose lines for a shell it was given. */
function besides({ world, url, token }: ServedProxy, env: Record<string, string> = {}): FakeWorld {
  const lines = linesOf({ url, token });
  const processSpace = world.deps.processSpace();
  return fakeDeps({ processSpace, env: { ALLTOKEN_HOME: world.home, ...lines, ...env } });
}

function linesOf({ url, token }: Pick<ServedProxy, 'url' | 'token'>): Record<string, string> {
  return { ALLTOKEN_BASE_URL: `${url}/v1`, ALLTOKEN_API_KEY: token };
}

/** The command of each line of the ledger. */
function bookedBy(world: FakeWorld): string[] {
  return world.ledger().map(({ event, command }) => `${event} ${command}`);
}

function note(world: FakeWorld, text: string): void {
  mkdirSync(join(world.home, 'servers'), { recursive: true });
  world.write('servers/1-1.json', text);
}

const once = ['intent serve', 'outcome serve'];

describe('a call through serve is in the ledger once, with the address from', () => {
  test('its lines for a shell', async () => {
    const proxy = await served();
    const world = besides(proxy);
    expect(await world.run('chat', '--max-tokens', '100', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(once);
  });

  test('its lines, whatever gateway the shell had before', async () => {
    const proxy = await startProxy(fakeDeps(), '-g', 'sandbox', '--max-cost', '0.0001');
    expect(proxy.world.err()).toBe('');
    const lines = variablesFor(proxy.url, proxy.token, 'sandbox');
    const env = { ALLTOKEN_HOME: proxy.world.home, ALLTOKEN_GATEWAY: 'sandbox', ...lines };
    expect(await fakeDeps({ env }).run('chat', 'A')).toBe(27);
  });

  test('--base-url', async () => {
    const proxy = await served();
    const world = besides(proxy, { ALLTOKEN_BASE_URL: '' });
    const address = proxy.url.replace('127.0.0.1', 'localhost');
    expect(await world.run('chat', '--base-url', `${address}/v1`, 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(once);
  });

  test('a gateway of the config', async () => {
    const proxy = await served();
    const mine = { kind: 'openai', base_url: `${proxy.url}/v1`, api_key_env: 'PROXY_TOKEN' };
    proxy.world.write('config.json', JSON.stringify({ budget, gateways: { mine } }));
    const world = besides(proxy, { PROXY_TOKEN: proxy.token });
    expect(await world.run('chat', '-g', 'mine', '-m', 'gpt-5.4-mini', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(once);
  });

  test('a proxy on every address of the machine', async () => {
    const proxy = await served('--host', '0.0.0.0');
    const world = besides(proxy);
    expect(await world.run('chat', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(once);
  });

  test('another proxy behind which it stands', async () => {
    const proxy = await served();
    const outer = await startProxy(besides(proxy));
    const world = besides({ ...outer, world: proxy.world });
    expect(await world.run('chat', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(once);
  });
});

test('a day whose budget pays for one call pays for one through serve', async () => {
  const proxy = await served();
  const world = besides(proxy);
  // gpt-5.4-mini costs $10 for a million tokens of answer.
  expect(await world.run('chat', '--max-tokens', '900', 'Hi'), world.err()).toBe(0);
});

describe('the limits of a home are shown, whoever holds them', () => {
  test('by budget', async () => {
    const world = besides(await served());
    expect(await world.run('budget', '--json'), world.err()).toBe(0);
    expect(world.json()).toMatchObject({ caps: [{ name: 'budget.day', limit: '0.01' }] });
  });

  test('by a dry run', async () => {
    const world = besides(await served());
    expect(await world.run('chat', '--dry-run', 'Hi'), world.err()).toBe(0);
    expect(world.json()).toMatchObject({ verdict: { caps: [{ name: 'budget.day' }] } });
  });
});

test('an image through serve is in the ledger once', async () => {
  const gateway = await startImageGateway({ poll: completed(inline(picture())) });
  const proxy = await startProxy(imageWorld(gateway));
  const world = besides(proxy);
  expect(await world.run('image', 'A cat'), world.err()).toBe(0);
  expect([...new Set(bookedBy(proxy.world))]).toEqual(once);
});

test.each([
  ['run', ['run', '--', 'program']],
  ['run within run', ['run', '--', 'program']],
])('a batch under %s is in the ledger once', async (name, argv) => {
  const server = await startServer(answerWell);
  let depth = name === 'run' ? 1 : 2;
  const inside = async (variables: Readonly<Record<string, string | undefined>>) => {
    depth -= 1;
    const env: Record<string, string> = { ALLTOKEN_HOME: world.home };
    for (const [key, value] of Object.entries(variables)) if (value !== undefined) env[key] = value;
    const inner = fakeDeps({
      env,
      runProgram: async (_command, more) => inside({ ...env, ...more }),
    });
    inner.write('in.jsonl', '{"prompt":"a"}\n{"prompt":"b"}\n');
    const words = depth > 0 ? argv : ['batch', 'in.jsonl', '-o', 'out.jsonl'];
    const code = await inner.run(...words);
    expect(code, inner.err()).toBe(0);
    return { kind: 'ended' as const, code, signal: null };
  };
  const world = worldAt(server, { runProgram: async (_command, variables) => inside(variables) });
  expect(await world.run(...argv), world.err()).toBe(0);
  expect(bookedBy(world).sort()).toEqual([
    'intent run',
    'intent run',
    'outcome run',
    'outcome run',
  ]);
});

describe('a command keeps its own books', () => {
  test('in another home', async () => {
    const proxy = await served();
    const world = fakeDeps({ env: linesOf(proxy) });
    expect(await world.run('chat', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(world)).toEqual(['intent chat', 'outcome chat']);
    expect(bookedBy(proxy.world)).toEqual(once);
  });

  test('where the proxy has ended, and another server has its port', async () => {
    const proxy = await served();
    const noted = join(proxy.world.home, 'servers');
    const [name = ''] = readdirSync(noted);
    const written = JSON.parse(readFileSync(join(noted, name), 'utf8')) as object;
    await proxy.stop();
    expect(readdirSync(noted)).toEqual([]);
    const server = await startServer(answerWell);
    const { port, baseUrl } = server;
    const dead = { ...written, port, mark: 'another' };
    note(proxy.world, JSON.stringify(dead));
    const world = besides({ ...proxy, url: baseUrl.replace('/v1', '') });
    expect(await world.run('chat', 'Hi'), world.err()).toBe(0);
    expect(bookedBy(proxy.world)).toEqual(['intent chat', 'outcome chat']);
  });

  test.each(['', '{', 'null', '{"v":2}', '{"v":1,"pid":"1"}', '[]'])(
    'where a note of a server says %j',
    async (text) => {
      const server = await startServer(answerWell);
      const world = worldAt(server);
      note(world, text);
      expect(await world.run('chat', 'Hi'), world.err()).toBe(0);
      expect(bookedBy(world)).toEqual(['intent chat', 'outcome chat']);
    },
  );
});

test('what a killed server left is cleared away by the next one', async () => {
  const { server } = await openShop();
  const world = worldAt(server);
  note(world, JSON.stringify({ v: 1, pid: 1, mark: 'x', space: '', host: '', port: 1 }));
  const proxy = await startProxy(world);
  expect(readdirSync(join(world.home, 'servers'))).toHaveLength(1);
  await proxy.stop();
  expect(readdirSync(join(world.home, 'servers'))).toEqual([]);
});
