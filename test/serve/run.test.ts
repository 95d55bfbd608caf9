/** `alltoken run`: what a program gets, and how both end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deps } from '../../src/base/deps.ts';
import { builtInGateways } from '../../src/gateways/index.ts';
import { answerWell, envelope, secretKey, worldAt } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startServer } from '../helpers/server.ts';
import { hello, send } from '../helpers/serving.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs it with a program that is this function. */
async function running(
  program: (variables: Variables, command: readonly string[]) => ReturnType<Deps['runProgram']>,
  argv: readonly string[] = ['--', 'program'],
  env: Record<string, string> = {},
) {
  const server = await startServer(answerWell);
  const world = worldAt(server, {
    env,
    runProgram: async (command, variables) => program(variables, command),
  });
  const code = await world.run('run', ...argv);
  return { server, world, code };
}

const ended = (code: number | null, signal: number | null = null) =>
  Promise.resolve({ kind: 'ended' as const, code, signal });

const proxyIn = (variables: Variables) => ({
  port: Number(new URL(variables.OPENAI_BASE_URL ?? '').port),
  token: variables.OPENAI_API_KEY ?? '',
});

test('a program gets the proxy in place of every key, and its total is said at its end', async () => {
  let seen: Variables = {};
  const { world, code } = await running(
    async (variables) => {
      seen = variables;
      expect((await send(proxyIn(variables), { body: hello() })).status).toBe(200);
      expect((await send({ ...proxyIn(variables), token: 'no' }, { body: hello() })).status).toBe(
        401,
      );
      return ended(7);
    },
    ['--tag', 'nightly', '--', 'program'],
    { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: 'a.example' },
  );
  expect(code).toBe(7);
  expect(seen).toMatchObject({
    OPENAI_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
    OPENAI_API_BASE: seen.OPENAI_BASE_URL,
    ALLTOKEN_BASE_URL: seen.OPENAI_BASE_URL,
    ALLTOKEN_API_KEY: seen.OPENAI_API_KEY,
    ANTHROPIC_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    ANTHROPIC_AUTH_TOKEN: seen.OPENAI_API_KEY,
    NO_PROXY: 'a.example,127.0.0.1',
  });
  const others = [...builtInGateways.values()].flatMap(({ id, keyVariable }) =>
    id === 'alltoken' ? [] : (keyVariable ?? []),
  );
  expect(others).toContain('TOKENHUB_API_KEY');
  for (const name of ['ANTHROPIC_API_KEY', ...others]) {
    expect(Object.hasOwn(seen, name)).toBe(true);
    expect(seen[name]).toBeUndefined();
  }
  expect(JSON.stringify(seen)).not.toContain(secretKey);
  expect(world.out()).toBe('');
  expect(world.err()).toBe('[usage] calls=1 cost=$0.0000188\n');
  expect(world.ledger()).toMatchObject([{ command: 'run', tags: ['nightly'] }, { command: 'run' }]);
});

test.each([
  ['its own code', ended(3), 3],
  ['0', ended(0), 0],
  ['a signal', ended(null, 15), 143],
  ['no such program', Promise.resolve({ kind: 'not_started' as const, code: 'ENOENT' }), 127],
  [
    'one that cannot be run',
    Promise.resolve({ kind: 'not_started' as const, code: 'EACCES' }),
    126,
  ],
])('the exit code is that of the program: %s', async (_name, end, code) => {
  expect((await running(() => end)).code).toBe(code);
});

test('words behind the program are its own', async () => {
  let seen: readonly string[] = [];
  await running(
    (_variables, command) => {
      seen = command;
      return ended(0);
    },
    ['--tag', 'a', 'python', '-m', 'app', '--tag', 'b', '--help'],
  );
  expect(seen).toEqual(['python', '-m', 'app', '--tag', 'b', '--help']);
});

test('without a key, or without a program, nothing is run', async () => {
  let runs = 0;
  const world = fakeDeps({
    runProgram: async () => {
      runs += 1;
      return ended(0);
    },
  });
  expect(await world.run('run', '--', 'x')).toBe(20);
  expect(await world.run('run')).toBe(2);
  expect(runs).toBe(0);
});

describe('a command of ours under run', () => {
  test('goes through the proxy, which alone reserves and books', async () => {
    const { world, server } = await running(
      async (variables) => {
        const env = Object.fromEntries(
          Object.entries(variables).filter(([, value]) => value !== undefined),
        );
        const inner = fakeDeps({ env: { ...(env as Record<string, string>) } });
        inner.write('config.json', JSON.stringify({ budget: { day: '0' } }));
        const code = await inner.run('chat', '--tag', 'inner', '--session', 'talk', 'Hi');
        expect(inner.err()).toContain('$0.0000188000');
        expect(code).toBe(0);
        expect(inner.ledger()).toEqual([]);
        return ended(0);
      },
      ['--tag', 'outer', '--', 'program'],
    );
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(world.ledger()).toMatchObject([
      { command: 'run', tags: ['outer', 'inner'], session: 'talk' },
      { event: 'outcome', cost: { amount: '0.0000188000' } },
    ]);
  });

  test.each([
    ['a total', ['--max-cost', '0'], 'max_cost'],
    ['a cap without prices', ['--max-cost', '5'], 'cost_unbounded'],
  ])('exits as it would without it when its proxy refuses: %s', async (_what, flags, name) => {
    await running(
      async (variables) => {
        const all = Object.entries(variables).filter(([, value]) => value !== undefined);
        const env = Object.fromEntries(all) as Record<string, string>;
        const inner = fakeDeps({ env });
        const model = name === 'max_cost' ? [] : ['-m', 'of-unknown-price'];
        const code = await inner.run('chat', '--json', ...model, 'Hi');
        expect([code, inner.json()]).toMatchObject([
          27,
          { error: { name: 'budget', code: name, billed: 'no' } },
        ]);
        expect(inner.err()).not.toContain('top up');
        expect(inner.err()).not.toContain('this month');
        return ended(0);
      },
      [...flags, '--', 'program'],
    );
  });

  test('shows the estimate that the proxy books, and keeps no list of its address', async () => {
    const world = fakeDeps({
      env: { ALLTOKEN_SANDBOX_FAULT: 'no-cost' },
      runProgram: async (_command, variables) => {
        const all = Object.entries(variables).filter(([, value]) => value !== undefined);
        const env = Object.fromEntries(all) as Record<string, string>;
        const inner = fakeDeps({ env });
        expect(await inner.run('chat', 'Hi'), inner.err()).toBe(0);
        expect(inner.err()).toMatch(/ cost=\$0\.00015375 \(catalog\)$/m);
        expect(existsSync(join(inner.home, 'cache', 'models-sandbox.json'))).toBe(false);
        return ended(0);
      },
    });
    expect(await world.run('run', '-g', 'sandbox', '--', 'program'), world.err()).toBe(0);
    expect(world.err()).toBe('[usage] calls=1 cost=$0.00015375\n');
  });

  test('a key that the gateway behind it refuses is named as that, and not as the token', async () => {
    const server = await startServer(envelope(401, 'invalid_api_key'));
    const world = fakeDeps({
      runProgram: async (_command, variables) => {
        const all = Object.entries(variables).filter(([, value]) => value !== undefined);
        const env = Object.fromEntries(all) as Record<string, string>;
        const inner = fakeDeps({ env: { ...env, ALLTOKEN_HOME: world.home } });
        expect(await inner.run('chat', '-m', 'some-model', 'Hi', '--json'), inner.out()).toBe(21);
        const { error } = inner.json() as { error: { next: unknown[]; hint: string } };
        expect(error.next).toMatchObject([
          { do: 'run', argv: ['alltoken', 'login', '-g', 'mine'], for: 'user' },
        ]);
        expect(error.hint).not.toContain('ALLTOKEN_API_KEY');
        return ended(0);
      },
    });
    const mine = { kind: 'openai', base_url: server.baseUrl };
    world.write('config.json', JSON.stringify({ gateways: { mine } }));
    expect(await world.run('run', '-g', 'mine', '--', 'program'), world.err()).toBe(0);
  });

  test('counts a call that the limit has refused', async () => {
    const { world } = await running(
      async (variables) => {
        expect((await send(proxyIn(variables), { body: hello() })).status).toBe(402);
        return ended(0);
      },
      ['--max-cost', '0.0000001', '--', 'program'],
    );
    expect(world.err()).toContain('[usage] calls=0 cost=$0 refused=1\n');
  });

  const elsewhere: [string, Record<string, string>, string[]][] = [
    ['another host', { ALLTOKEN_RUN: 'http://evil.example/v1', ALLTOKEN_GATEWAY: 'alltoken' }, []],
    ['no address', { ALLTOKEN_RUN: 'yes', ALLTOKEN_GATEWAY: 'alltoken' }, []],
    [
      'another gateway',
      { ALLTOKEN_RUN: 'http://127.0.0.1:1/v1', ALLTOKEN_GATEWAY: 'tokenhub' },
      ['-g', 'alltoken'],
    ],
    ['no gateway', { ALLTOKEN_RUN: 'http://127.0.0.1:1/v1' }, []],
  ];

  test.each(elsewhere)('is not what a variable alone makes of it: %s', async (_name, env, argv) => {
    const server = await startServer(answerWell);
    const world = worldAt(server, {
      env,
      home: { 'config.json': { budget: { day: '0' } } },
    });
    expect(await world.run('chat', ...argv, 'Hi')).toBe(27);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test('sends no key but the token to the address that the variable names', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server, {
      env: {
        ALLTOKEN_RUN: server.baseUrl,
        ALLTOKEN_GATEWAY: 'tokenhub',
        TOKENHUB_API_KEY: 'th-0123456789abcdef0123',
        ALLTOKEN_API_KEY: 'the-token',
      },
    });
    expect(await world.run('chat', '-m', 'gpt-5.4-mini', 'Hi')).toBe(0);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer the-token',
    ]);
  });
});
