import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings, type SettingsFlags } from '../../src/config/settings.ts';
import { builtInGateways } from '../../src/gateways/index.ts';
import { hintOf } from '../helpers/hint.ts';
import { failureOf } from './failure.ts';
import { memoryFiles } from './memory-files.ts';

const mine = { kind: 'openai', base_url: 'http://127.0.0.1:8080/v1/' };

function load(flags: SettingsFlags = {}, env: Record<string, string> = {}, config?: unknown) {
  const files = memoryFiles(
    config === undefined ? {} : { '/h/config.json': JSON.stringify(config) },
  );
  const all = { ALLTOKEN_HOME: '/h', ...env };
  const clock = {
    now: () => 0,
    monotonic: () => 1000,
    sinceBoot: () => null,
    sleep: async () => {},
    after: () => () => {},
  };
  return loadSettings(
    {
      env: all,
      platform: 'linux',
      path: posix,
      homeDirectory: '/home/ada',
      files,
      clock,
      version: '1.2.3',
      processMark: () => null,
      processSpace: () => '',
      addresses: () => [],
    },
    flags,
  );
}

describe('the gateway', () => {
  it('is AllToken when nobody says anything', async () => {
    const settings = await load();
    expect(settings.gateway).toMatchObject({
      id: 'alltoken',
      baseUrl: 'https://api.alltoken.ai/v1',
      keyVariable: 'ALLTOKEN_API_KEY',
    });
    expect(settings).toMatchObject({
      config: {},
      gatewayConfig: undefined,
      ownBaseUrl: 'https://api.alltoken.ai/v1',
      notes: [],
    });
    expect(settings.places.configFile).toBe('/h/config.json');
  });

  it('is what the flag says, else the variable, else the config', async () => {
    const config = { gateway: 'tokenhub' };
    const env = { ALLTOKEN_GATEWAY: 'altllm' };
    expect((await load({ gateway: 'sandbox' }, env, config)).gateway.id).toBe('sandbox');
    expect((await load({}, env, config)).gateway.id).toBe('altllm');
    expect((await load({}, { ALLTOKEN_GATEWAY: '' }, config)).gateway.id).toBe('tokenhub');
  });

  it('comes from the config as its kind under its own name', async () => {
    const { gateway, ownBaseUrl, gatewayConfig } = await load(
      { gateway: 'mine' },
      {},
      { gateways: { mine } },
    );
    expect(gateway).toMatchObject({
      id: 'mine',
      label: '"mine"',
      baseUrl: 'http://127.0.0.1:8080/v1',
      keyVariable: null,
      keyRequired: false,
      embedded: false,
    });
    expect(ownBaseUrl).toBe('http://127.0.0.1:8080/v1');
    expect(gatewayConfig).toEqual(mine);
  });

  it('needs a key as soon as one is configured, and never takes a built-in variable', async () => {
    const work = {
      kind: 'alltoken',
      base_url: 'https://api.alltoken.ai/v1',
      api_key_file: '~/work',
    };
    const { gateway } = await load({ gateway: 'work' }, {}, { gateways: { work } });
    expect(gateway).toMatchObject({ keyVariable: null, keyRequired: true, costWaitMillis: 2000 });
    expect(gateway.website).toBe('https://alltoken.ai');
    const other = { ...work, base_url: 'https://other.example/v1' };
    expect(
      (await load({ gateway: 'work' }, {}, { gateways: { work: other } })).gateway.website,
    ).toBeNull();
  });

  it.each(['alltokn', 'constructor', '__proto__', ''])('%j is unknown', async (gateway) => {
    const error = await failureOf(() => load({ gateway }, {}, { gateways: { mine } }));
    expect(error.exit).toBe('usage');
    expect(error.message).toContain(`known: ${[...builtInGateways.keys(), 'mine'].join(', ')}`);
  });

  it('names the nearest', async () => {
    const error = await failureOf(() => load({}, { ALLTOKEN_GATEWAY: 'token-hub' }));
    expect(error.message).toContain('unknown gateway "token-hub" (did you mean "tokenhub"?)');
    expect(hintOf(error)).toBe('-g tokenhub');
    expect(hintOf(await failureOf(() => load({ gateway: 'ALTLLM' })))).toBe('-g altllm');
  });
});

describe('the base URL', () => {
  const config = { gateways: { alltoken: { base_url: 'https://eu.example.com/v1' } } };

  it('is what the flag says, else the variable, else the config; the stored key stays at home', async () => {
    const env = { ALLTOKEN_BASE_URL: 'http://127.0.0.1:1/v1/' };
    const flag = await load({ baseUrl: 'https://flag.example/v1' }, env, config);
    expect(flag.gateway.baseUrl).toBe('https://flag.example/v1');
    expect(flag.ownBaseUrl).toBe('https://eu.example.com/v1');
    const variable = await load({}, env, config);
    expect(variable.gateway.baseUrl).toBe('http://127.0.0.1:1/v1');
    expect(variable.ownBaseUrl).toBe('https://eu.example.com/v1');
    expect((await load({}, {}, config)).gateway.baseUrl).toBe('https://eu.example.com/v1');
  });

  it('is noted when a variable takes the requests to another host', async () => {
    const away = { ALLTOKEN_BASE_URL: 'https://other.example/v1' };
    expect((await load({}, away)).notes).toEqual([
      'ALLTOKEN_BASE_URL sends the requests for AllToken to https://other.example',
    ]);
    expect((await load({}, { ALLTOKEN_BASE_URL: 'http://127.0.0.1:1/v1' })).notes).toEqual([]);
    expect((await load({ baseUrl: 'https://other.example/v1' })).notes).toEqual([]);
  });

  it('blames who gave a bad one', async () => {
    const flag = await failureOf(() => load({ baseUrl: 'http://a.example/v1' }));
    expect(flag.exit).toBe('no_key');
    expect(flag.message).toContain('--base-url: plain http');
    const typo = await failureOf(() => load({ baseUrl: 'nonsense' }));
    expect(typo.exit).toBe('usage');
    expect(typo.message).toContain('--base-url: not a base URL');
    const variable = await failureOf(() => load({}, { ALLTOKEN_BASE_URL: 'nonsense' }));
    expect(variable.exit).toBe('no_key');
    expect(variable.message).toContain('ALLTOKEN_BASE_URL: not a base URL');
  });

  it('of the sandbox is empty, or on loopback', async () => {
    const started = await load({ gateway: 'sandbox' });
    expect(started.gateway.baseUrl).toBe('');
    expect(started.ownBaseUrl).toBe('');
    const running = await load({ gateway: 'sandbox', baseUrl: 'http://localhost:9/v1' });
    expect(running.gateway.baseUrl).toBe('http://localhost:9/v1');
    for (const [flags, env, gateways] of [
      [{ baseUrl: 'https://a.example/v1' }, {}, {}],
      [{}, {}, { sandbox: { base_url: 'https://a.example/v1' } }],
    ] as const) {
      const error = await failureOf(() =>
        load({ gateway: 'sandbox', ...flags }, env, { gateways }),
      );
      expect(error.exit).toBe('no_key');
      expect(error.message).toContain('must be on loopback');
    }
  });
});

describe('the timeouts', () => {
  it('have defaults', async () => {
    const { timeouts, maxRetryWaitMs } = await load();
    expect(timeouts).toEqual({
      connectMs: 10_000,
      firstByteMs: 120_000,
      idleMs: 60_000,
      commentsMs: 600_000,
      totalMs: null,
    });
    expect(maxRetryWaitMs).toBe(60_000);
  });

  it('come from the config, and flags win', async () => {
    const config = {
      timeouts: { connect: 1, first_byte: 2, idle: 3, comments: 4, total: 5 },
      max_retry_wait: 6,
    };
    const plain = await load({}, {}, config);
    expect(plain.timeouts).toEqual({
      connectMs: 1000,
      firstByteMs: 2000,
      idleMs: 3000,
      commentsMs: 4000,
      totalMs: 5000,
    });
    expect(plain.maxRetryWaitMs).toBe(6000);
    const flags = {
      connectTimeout: 0.5,
      firstByteTimeout: 20,
      idleTimeout: 30,
      timeout: 1e12,
      maxRetryWait: 0,
    };
    const flagged = await load(flags, {}, config);
    expect(flagged.timeouts).toEqual({
      connectMs: 500,
      firstByteMs: 20_000,
      idleMs: 30_000,
      commentsMs: 4000,
      totalMs: 2_147_483_000,
    });
    expect(flagged.maxRetryWaitMs).toBe(0);
  });

  it.each([
    { timeout: 0 },
    { idleTimeout: -1 },
    { connectTimeout: Number.NaN },
    { maxRetryWait: -1 },
  ])('refuse %j', async (flags) => {
    expect((await failureOf(() => load(flags))).exit).toBe('usage');
  });
});
