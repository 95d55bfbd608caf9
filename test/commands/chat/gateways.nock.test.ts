import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answerWell, ask, errLines, expectNoKey } from '../../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { goodStream, startServer } from '../../helpers/server.ts';

const keys = {
  ALLTOKEN_API_KEY: 'sk-at-0000111122223333',
  TOKENHUB_API_KEY: 'th-00001111222233334444',
  ALTLLM_API_KEY: 'sk-alt-0000111122223333',
};

/** All keys are there; only the right one may be used. */
function worldWithKeys(more: Record<string, string> = {}): FakeWorld {
  return fakeDeps({ env: { ...keys, ...more } });
}

async function chatWith(world: FakeWorld, ...argv: string[]): Promise<number> {
  const code = await world.run('chat', ...argv);
  for (const key of Object.values(keys)) expectNoKey(world, key);
  return code;
}

interface Exchange {
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What is sent to this address, which answers well. */
function expectCall(origin: string, path: string, status = 200, reply = goodStream()): Exchange[] {
  const seen: Exchange[] = [];
  nock(origin)
    .post(path)
    .reply(function (_uri, body) {
      seen.push({ headers: this.req.headers, body: body as Record<string, unknown> });
      const type = status === 200 ? 'text/event-stream' : 'application/json';
      return [status, reply, { 'content-type': type, 'x-request-id': 'req-n' }];
    });
  return seen;
}

describe('a gateway', () => {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  // Another file of this process may have come before it, and taken nock out at its end.
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
  });
  afterAll(() => nock.restore());

  const gateways: [string, string, string, string, string][] = [
    [
      'alltoken',
      'https://api.alltoken.ai',
      '/v1/chat/completions',
      'gpt-5.4-mini',
      keys.ALLTOKEN_API_KEY,
    ],
    [
      'tokenhub',
      'https://tokenhub.store',
      '/api/v1/chat/completions',
      'openai/gpt-5.4',
      keys.TOKENHUB_API_KEY,
    ],
    [
      'altllm',
      'https://api.altllm.ai',
      '/v1/chat/completions',
      'altllm-basic',
      keys.ALTLLM_API_KEY,
    ],
  ];

  test.each(gateways)(
    '%s is asked at its address, with its model and its key',
    async (name, origin, path, model, key) => {
      const seen = expectCall(origin, path);
      const world = worldWithKeys();
      expect(await chatWith(world, '-g', name, 'Hi'), world.err()).toBe(0);
      expect(world.out()).toBe('Hello wörld\n');
      expect(seen[0]?.body).toMatchObject({ model, stream: true, messages: [{ content: 'Hi' }] });
      expect([seen[0]?.headers.authorization].flat()).toEqual([`Bearer ${key}`]);
      expect([seen[0]?.headers['accept-encoding']].flat()).toEqual(['identity']);
      expect(world.ledger()).toMatchObject([{ gateway: name }, { gateway: name }]);
    },
  );

  test('is alltoken when none is named', async () => {
    const seen = expectCall('https://api.alltoken.ai', '/v1/chat/completions');
    expect(await chatWith(worldWithKeys(), 'Hi')).toBe(0);
    expect(seen).toHaveLength(1);
  });

  test('is the one of ALLTOKEN_GATEWAY, of the config, and -g outranks both', async () => {
    const tokenhub = expectCall('https://tokenhub.store', '/api/v1/chat/completions');
    expect(await chatWith(worldWithKeys({ ALLTOKEN_GATEWAY: 'tokenhub' }), 'Hi')).toBe(0);
    expect(tokenhub).toHaveLength(1);

    const altllm = expectCall('https://api.altllm.ai', '/v1/chat/completions');
    const world = worldWithKeys();
    world.write('config.json', '{"gateway":"altllm"}');
    expect(await chatWith(world, 'Hi')).toBe(0);
    expect(altllm).toHaveLength(1);

    const alltoken = expectCall('https://api.alltoken.ai', '/v1/chat/completions');
    const both = worldWithKeys({ ALLTOKEN_GATEWAY: 'tokenhub' });
    both.write('config.json', '{"gateway":"altllm"}');
    expect(await chatWith(both, '-g', 'alltoken', 'Hi')).toBe(0);
    expect(alltoken).toHaveLength(1);
  });

  test.each([
    ['tokenhub', 'https://tokenhub.store', '/api/v1/chat/completions'],
    ['altllm', 'https://api.altllm.ai', '/v1/chat/completions'],
  ])('%s takes a JSON Schema as it is', async (name, origin, path) => {
    const seen = expectCall(origin, path, 200, goodStream('{}'));
    const world = worldWithKeys();
    world.write('s.json', '{"type":"object"}');
    expect(await chatWith(world, '-g', name, '--schema', 's.json', 'Hi')).toBe(0);
    expect(seen[0]?.body.messages).toEqual([{ role: 'user', content: 'Hi' }]);
    expect(seen[0]?.body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: { type: 'object' } },
    });
  });

  test('says where to top up', async () => {
    const broke = '{"error":{"code":"insufficient_balance","message":"Broke","type":"billing"}}';
    expectCall('https://api.alltoken.ai', '/v1/chat/completions', 402, broke);
    const world = worldWithKeys();
    expect(await chatWith(world, 'Hi')).toBe(22);
    expect(errLines(world)[0]).toMatch(/^alltoken: Broke \[balance code=insufficient_balance/);
    expect(errLines(world)[1]).toContain('top up at https://alltoken.ai');
  });

  test.each([
    ['tokenhub', 'TOKENHUB_API_KEY'],
    ['altllm', 'ALTLLM_API_KEY'],
  ])('%s names its own variable when the key is missing', async (name, variable) => {
    const world = fakeDeps({ env: { ALLTOKEN_API_KEY: keys.ALLTOKEN_API_KEY } });
    expect(await chatWith(world, '-g', name, 'Hi')).toBe(20);
    expect(errLines(world)[0]).toContain(`${variable} is not set`);
    expect(errLines(world)[1]).toContain(`export ${variable}=KEY`);
  });
});

describe('a gateway of the config', () => {
  const mine = (baseUrl: string, more: object = {}) => ({
    'config.json': { gateways: { mine: { kind: 'openai', base_url: baseUrl, ...more } } },
  });

  test('needs no key, and is sent none of another', async () => {
    const server = await startServer(answerWell);
    const { code } = await ask(answerWell, ['-g', 'mine', '-m', 'llama', 'Hi'], {
      env: { ...keys, ALLTOKEN_BASE_URL: '' },
      home: mine(server.baseUrl),
    });
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({ model: 'llama' });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('gets the key of its own variable', async () => {
    const server = await startServer(answerWell);
    const { code, world } = await ask(answerWell, ['-g', 'mine', '-m', 'llama', '--debug', 'Hi'], {
      env: { ...keys, ALLTOKEN_BASE_URL: '', MY_SECRET: 'tr0ub4dor-and-3' },
      home: mine(server.baseUrl, { api_key_env: 'MY_SECRET' }),
    });
    expect(code).toBe(0);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer tr0ub4dor-and-3');
    expectNoKey(world, 'tr0ub4dor-and-3');
  });

  test('has no model of its own: that is said, with the way out', async () => {
    const server = await startServer(answerWell);
    const { code, world } = await ask(answerWell, ['-g', 'mine', 'Hi'], {
      env: { ALLTOKEN_BASE_URL: '' },
      home: mine(server.baseUrl),
    });
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(errLines(world)[0]).toMatch(/"mine" has no default model/);
    expect(errLines(world)[1]).toMatch(
      /^hint: .*-g mine -m MODEL …, or: alltoken config set defaults.chat.model MODEL$/,
    );
  });

  test('keeps its stored key to its own origin', async () => {
    const server = await startServer(answerWell);
    const argv = ['-g', 'mine', '--base-url', server.baseUrl, '-m', 'llama', 'Hi'];
    const { code, world } = await ask(answerWell, argv, {
      env: { MY_SECRET: 'tr0ub4dor-and-3' },
      home: mine('https://llm.example/v1', { api_key_env: 'MY_SECRET' }),
    });
    expect(code).toBe(20);
    expect(server.requests).toEqual([]);
    expect(errLines(world)[0]).toMatch(
      /stored for https:\/\/llm\.example and is not sent to http:\/\/127/,
    );
  });
});
