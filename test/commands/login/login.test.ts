import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerWell, errLines, type Reply } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { sendError, startServer, type TestServer } from '../../helpers/server.ts';

const key = 'sk-at-0123456789abcdefghij';
const older = 'sk-at-olderolderolderolder';

const listFor =
  (good: string, isPublic = false): Reply =>
  (response, request) => {
    if (!request.path.endsWith('/models')) return answerWell(response, request, 0);
    if (!isPublic && request.headers.authorization !== `Bearer ${good}`)
      return sendError(response, 401, 'invalid_api_key');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"data":[]}');
  };

/** AllToken at this server, without a key. */
function worldOf(server: TestServer, options: FakeOptions = {}): FakeWorld {
  return fakeDeps({ ...options, env: { ALLTOKEN_BASE_URL: server.baseUrl, ...options.env } });
}

const fileOf = (world: FakeWorld, name = 'alltoken'): string => join(world.home, 'keys', name);

function configOf(world: FakeWorld): Record<string, unknown> {
  return JSON.parse(readFileSync(join(world.home, 'config.json'), 'utf8'));
}

function expectNothing(world: FakeWorld): void {
  expect(existsSync(join(world.home, 'keys'))).toBe(false);
  expect(existsSync(join(world.home, 'config.json'))).toBe(false);
}

function expectHidden(world: FakeWorld, secret = key): void {
  expect(world.out() + world.err()).not.toContain(secret);
}

describe('login', () => {
  test('checks a key of standard input, and stores it in a file that the config names', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: `${key}\n` });
    expect(await world.run('login'), world.err()).toBe(0);
    expect(world.out()).toBe(`AllToken: checked and saved: ${fileOf(world)}\n`);
    expect(readFileSync(fileOf(world), 'utf8')).toBe(`${key}\n`);
    expect(statSync(fileOf(world)).mode & 0o777).toBe(0o600);
    expect(statSync(join(world.home, 'keys')).mode & 0o777).toBe(0o700);
    expect(configOf(world)).toEqual({
      gateways: {
        alltoken: {
          api_key_file: fileOf(world),
          api_key_origin: new URL(server.baseUrl).origin,
        },
      },
    });
    expectHidden(world);
    expect(server.requests).toHaveLength(1);
  });

  test('the stored key is sent by the next call', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key });
    expect(await world.run('login')).toBe(0);
    expect(await world.run('chat', '--no-stdin', 'Hi'), world.err()).toBe(0);
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  });

  test('the stored key goes to no other origin, whatever the config says later', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key });
    expect(await world.run('login')).toBe(0);
    const other = await startServer(answerWell);
    const config = configOf(world) as { gateways: { alltoken: object } };
    const alltoken = { ...config.gateways.alltoken, base_url: other.baseUrl };
    world.write('config.json', JSON.stringify({ gateways: { alltoken } }));
    const inner = { ...world.deps, env: { ALLTOKEN_HOME: world.home } };
    const { run } = await import('../../../src/cli/program.ts');
    expect(await run(['chat', '--no-stdin', 'Hi'], inner)).toBe(20);
    expect(world.err()).toContain('code=foreign_origin');
    expect(other.requests).toEqual([]);
  });

  test('at a terminal it asks, in raw mode, and shows nothing', async () => {
    const server = await startServer(listFor(key));
    const keys = ['sk-x', '\u007f', 'at-0123', '\u001b[D', '456789abcdefghij', '\r'];
    const world = worldOf(server, { typed: keys, stdoutIsTerminal: true, stderrIsTerminal: true });
    expect(await world.run('login'), world.err()).toBe(0);
    expect(world.rawModes).toEqual([true, false]);
    expect(readFileSync(fileOf(world), 'utf8')).toBe(`${key}\n`);
    expect(world.err()).toBe(`Key for AllToken (${server.baseUrl}), not shown: \n`);
  });

  test.each([
    ['Ctrl-Z', '\u001a'],
    ['Ctrl-\\', '\u001c'],
    ['Ctrl-S', '\u0013'],
    ['Tab', '\t'],
    ['Ctrl-A', '\u0001'],
  ])(
    '%s in the middle of a key does not end the prompt: the rest would go to the shell',
    async (_name, press) => {
      const server = await startServer(listFor(key));
      const typed = [key.slice(0, 6), press, key.slice(6), '\r'];
      const world = worldOf(server, { typed, stdoutIsTerminal: true, stderrIsTerminal: true });
      expect(await world.run('login'), world.err()).toBe(0);
      expect(readFileSync(fileOf(world), 'utf8')).toBe(`${key}\n`);
    },
  );

  test('Ctrl-C at the prompt: 130, the terminal as it was, nothing written', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { typed: ['sk-at-01', '\u0003'] });
    expect(await world.run('login')).toBe(130);
    expect(world.rawModes).toEqual([true, false]);
    expectNothing(world);
    expect(server.requests).toEqual([]);
  });

  test('a signal at the prompt restores the terminal', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { typed: [] });
    const running = world.run('login');
    world.signal('SIGTERM');
    expect(await running).toBe(143);
    expect(world.rawModes.at(-1)).toBe(false);
    expectNothing(world);
  });

  test('a refused key is 21, and the older one stays', async () => {
    const server = await startServer(listFor(older));
    const first = worldOf(server, { stdin: older });
    expect(await first.run('login')).toBe(0);
    const world = worldOf(server, { stdin: key, env: { ALLTOKEN_HOME: first.home } });
    expect(await world.run('login')).toBe(21);
    expect(world.err()).toMatch(/hint: get a valid key.*, then: alltoken login -g alltoken/);
    expect(readFileSync(fileOf(first), 'utf8')).toBe(`${older}\n`);
    expectHidden(world);
  });

  test.each([
    ['a gateway that nobody answers', 'http://127.0.0.1:9/v1', 32],
    ['one that is broken', null, 31],
  ])('%s: nothing is stored, and --no-check is the way', async (_name, baseUrl, code) => {
    const server = await startServer((response) => {
      sendError(response, 500, 'internal');
    });
    const env = { ALLTOKEN_BASE_URL: baseUrl ?? server.baseUrl };
    const world = fakeDeps({ env, stdin: key });
    expect(await world.run('login')).toBe(code);
    expect(world.err()).toContain('--no-check');
    expectNothing(world);
  });

  test('--no-check asks nobody', async () => {
    const server = await startServer(listFor(older));
    const world = worldOf(server, { stdin: key });
    expect(await world.run('login', '--no-check', '--json')).toBe(0);
    expect(world.json()).toMatchObject({ schema: 'alltoken.login.v1', checked: false });
    expect(server.requests).toEqual([]);
  });

  test('a list that everybody may read checks nothing, and one that is closed does', async () => {
    for (const isPublic of [true, false]) {
      const server = await startServer(listFor(key, isPublic));
      const config = { gateways: { mine: { kind: 'openai', base_url: server.baseUrl } } };
      const world = fakeDeps({ stdin: key });
      world.write('config.json', JSON.stringify(config));
      expect(await world.run('login', '-g', 'mine')).toBe(0);
      expect(world.out()).toContain(isPublic ? 'saved, not checked' : 'checked and saved');
      expect(await world.run('chat', '-g', 'mine', '-m', 'x', '--no-stdin', 'Hi')).toBe(0);
      expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
    }
  });

  test.each([
    ['white space', 'sk-at-0123 456789', 'white space'],
    ['quotes', `"${key}"`, 'quotes'],
    ['several lines', `${key}\n${older}\n`, '2 lines'],
    ['control bytes', 'sk-at-0123\u0007456789abcdef', 'control characters'],
    ['a name before it', `ALLTOKEN_API_KEY=${key}`, 'NAME='],
    ["another gateway's prefix", 'sk-or-0123456789abcdef', 'a key of OpenRouter'],
    ['UTF-16', Buffer.from(`\ufeff${key}`, 'utf16le'), 'UTF-16'],
    ['a placeholder', '<your key>', 'placeholder'],
  ])('%s is said before anything is sent', async (_name, stdin, words) => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin });
    expect(await world.run('login')).toBe(20);
    expect(world.err()).toContain(words);
    expect(server.requests).toEqual([]);
    expectNothing(world);
    expectHidden(world);
    expectHidden(world, older);
  });

  test('several pasted lines at the prompt are refused', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { typed: [`${key}\r${older}\r`] });
    expect(await world.run('login')).toBe(20);
    expect(world.err()).toContain('2 lines');
  });

  test.each([[''], ['\n\n']])('no key (%j) is 2', async (stdin) => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin });
    expect(await world.run('login')).toBe(2);
    expect(world.err()).toContain('code=no_key_given');
  });

  test('a variable that is set wins, and login says so', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key, env: { ALLTOKEN_API_KEY: older } });
    expect(await world.run('login')).toBe(0);
    expect(world.err()).toContain('ALLTOKEN_API_KEY is set and wins');
  });

  test('replaces another key setting, and says so', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key });
    world.write('config.json', '{"gateways":{"alltoken":{"api_key_command":"pass show x"}}}');
    expect(await world.run('login')).toBe(0);
    expect(world.err()).toContain('api_key_command of alltoken was in the config');
    expect(world.err()).not.toContain('pass show');
    const { alltoken } = configOf(world).gateways as Record<string, object>;
    expect(Object.keys(alltoken ?? {})).toEqual(['api_key_file', 'api_key_origin']);
  });

  test('a config that cannot be written leaves no key behind', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key });
    const { files } = world.deps;
    const failing = {
      ...files,
      replace: async (...words: Parameters<typeof files.replace>) => {
        if (words[0].endsWith('config.json'))
          throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return files.replace(...words);
      },
    };
    const { run } = await import('../../../src/cli/program.ts');
    expect(await run(['login'], { ...world.deps, files: failing })).toBe(50);
    expect(existsSync(fileOf(world))).toBe(false);
  });

  test('the sandbox needs none', async () => {
    const world = fakeDeps({ stdin: key });
    expect(await world.run('login', '-g', 'sandbox')).toBe(2);
    expect(errLines(world)[0]).toContain('needs no key');
  });

  test('names that differ by their case have different files', async () => {
    const world = fakeDeps({ stdin: key });
    const one = { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' };
    world.write('config.json', JSON.stringify({ gateways: { Mine: one, mine: one } }));
    expect(await world.run('login', '-g', 'Mine', '--no-check')).toBe(0);
    expect(existsSync(fileOf(world, '=mine'))).toBe(true);
    expect(existsSync(fileOf(world, 'mine'))).toBe(false);
  });

  test('--debug shows no key', async () => {
    const server = await startServer((response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: { code: 'invalid_api_key', message: `bad key ${key}` } }),
      );
    });
    const world = worldOf(server, { stdin: key });
    expect(await world.run('login', '--debug')).toBe(21);
    expectHidden(world);
  });
});

describe('logout', () => {
  test('removes the file and what names it', async () => {
    const server = await startServer(listFor(key));
    const world = worldOf(server, { stdin: key });
    world.write('config.json', '{"gateway":"alltoken"}');
    expect(await world.run('login')).toBe(0);
    expect(await world.run('logout')).toBe(0);
    expect(world.out()).toContain('the stored key is removed');
    expect(existsSync(fileOf(world))).toBe(false);
    expect(configOf(world)).toEqual({ gateway: 'alltoken' });
  });

  test('leaves a gateway of the config as it was before', async () => {
    const world = fakeDeps({ stdin: key });
    const mine = { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' };
    world.write('config.json', JSON.stringify({ gateways: { mine } }));
    expect(await world.run('login', '-g', 'mine', '--no-check')).toBe(0);
    expect(await world.run('logout', '-g', 'mine')).toBe(0);
    expect(configOf(world)).toEqual({ gateways: { mine } });
  });

  test('of nothing is no failure, and says what is still set', async () => {
    const world = fakeDeps({ env: { ALLTOKEN_API_KEY: key } });
    expect(await world.run('logout', '--json')).toBe(0);
    expect(world.json()).toMatchObject({ removed: null, still_set: 'ALLTOKEN_API_KEY' });
    expect(world.err()).toContain('ALLTOKEN_API_KEY is still set');
  });

  test("does not touch a file that is not login's", async () => {
    const world = fakeDeps();
    mkdirSync(join(world.home, 'mine'));
    const file = world.write('mine/key', key);
    const alltoken = { api_key_file: file };
    world.write('config.json', JSON.stringify({ gateways: { alltoken } }));
    expect(await world.run('logout')).toBe(2);
    expect(existsSync(file)).toBe(true);
  });
});

describe('a missing key', () => {
  test.each([
    ['alltoken', {}],
    ['openrouter', {}],
    ['alltoken', { api_key_env: 'NOT_SET' }],
    ['alltoken', { api_key_file: '/not/there' }],
  ])('of %s with %j: the hint is login', async (gateway, settings) => {
    const world = fakeDeps();
    world.write('config.json', JSON.stringify({ gateways: { [gateway]: settings } }));
    expect(await world.run('chat', '-g', gateway, '--no-stdin', 'Hi')).toBe(20);
    expect(world.err()).toContain(`hint: alltoken login -g ${gateway}`);
  });
});
