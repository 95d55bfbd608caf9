import { describe, expect, test } from 'vitest';
import { builtInGateways } from '../../src/gateways/index.ts';
import { errLines } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { allKeys, keyed, keysAt, keyWorld } from '../helpers/key-world.ts';
import { goodStream, sendStream, startServer } from '../helpers/server.ts';

const variables = [...builtInGateways.values()].flatMap(({ id, baseUrlEnv }) =>
  baseUrlEnv === null ? [] : [[id, baseUrlEnv] as const],
);

const chat = (id: string): string[] => ['chat', '-g', id, '-m', 'one', '--no-stdin', 'Hi'];

describe('M15: the variable of a base URL', () => {
  test('is one of the gateway’s own, and the sandbox has none', () => {
    expect(variables.length).toBeGreaterThan(3);
    for (const [id, variable] of variables) expect(variable).toBe(`${id.toUpperCase()}_BASE_URL`);
    expect(variables.map(([id]) => id)).not.toContain('sandbox');
  });

  test.each(variables)('of %s sends only its own requests elsewhere', async (id, variable) => {
    const all = await keyWorld();
    const other = await startServer((response) => sendStream(response, goodStream()));
    const env = { [variable]: other.baseUrl };
    for (const { id: one } of keyed) expect(await all.open({ env }).run(...chat(one))).toBe(0);
    expect(keysAt(other)).toEqual([id]);
    for (const [one, server] of all.servers)
      expect(keysAt(server)).toEqual(one === id ? [] : [one]);
  });

  test.each(variables)(
    'of %s leaves the sandbox and a local server alone',
    async (_id, variable) => {
      const all = await keyWorld();
      const other = await startServer((response) => sendStream(response, goodStream()));
      const env = { [variable]: other.baseUrl };
      for (const one of ['sandbox', 'ollama', 'mine'])
        expect(await all.open({ env }).run(...chat(one).with(4, 'gpt-5.4-nano'))).toBe(0);
      expect(other.requests).toEqual([]);
    },
  );

  test('is named where it is wrong', async () => {
    const world = fakeDeps({ env: { ...allKeys, TOKENHUB_BASE_URL: 'nonsense' } });
    expect(await world.run(...chat('tokenhub'))).toBe(20);
    expect(errLines(world)[0]).toContain('TOKENHUB_BASE_URL: not a base URL');
  });

  test('is noted where it leads to another host', async () => {
    const world = fakeDeps({ env: { ...allKeys, ALTLLM_BASE_URL: 'https://other.invalid/v1' } });
    await world.run(...chat('altllm'), '--dry-run');
    expect(world.err()).toContain(
      'ALTLLM_BASE_URL sends the requests for AltLLM to https://other.invalid',
    );
  });
});

describe('allow_http', () => {
  const at = (more: object) => ({
    gateways: { cluster: { kind: 'openai', base_url: 'http://serve.invalid:4141/v1', ...more } },
  });

  async function dryRun(config: object, ...argv: string[]) {
    const world = fakeDeps();
    world.write('config.json', JSON.stringify(config));
    const code = await world.run(...chat('cluster'), '--dry-run', '--json', ...argv);
    return { code, world };
  }

  test('lets a gateway of the config be at another machine by plain http', async () => {
    const { code, world } = await dryRun(at({ allow_http: true }));
    expect(code, world.out()).toBe(0);
    expect(world.json()).toMatchObject({
      request: { url: 'http://serve.invalid:4141/v1/chat/completions' },
    });
  });

  test.each([{}, { allow_http: false }])('20 without it: %j, and it is named', async (more) => {
    const { code, world } = await dryRun(at(more));
    expect(code).toBe(20);
    const { next } = world.json().error as { next: { argv: string[] }[] };
    expect(next[0]?.argv.slice(1)).toEqual([
      'config',
      'set',
      'gateways.cluster',
      JSON.stringify(at({ allow_http: true }).gateways.cluster),
    ]);
    // What it says is taken, and then it works.
    expect(await world.run(...(next[0]?.argv.slice(1) ?? []))).toBe(0);
    expect(await world.run(...chat('cluster'), '--dry-run')).toBe(0);
  });

  test('of one with a key is named without the rest', async () => {
    const { world } = await dryRun(at({ api_key_file: '/keys/tr0ub4dor' }));
    expect(errLines(world).at(-1)).toBe(
      'hint: alltoken config set gateways.cluster.allow_http true',
    );
  });

  test('is for the base URL beside it, not for one from elsewhere', async () => {
    const { code } = await dryRun(at({ allow_http: true }), '--base-url', 'http://else.invalid/v1');
    expect(code).toBe(20);
  });

  test('does not take the sandbox from this machine', async () => {
    const world = fakeDeps();
    const gateways = { sandbox: { base_url: 'http://serve.invalid/v1', allow_http: true } };
    world.write('config.json', JSON.stringify({ gateways }));
    expect(await world.run(...chat('sandbox'))).toBe(20);
  });

  test('is set with the rest by one command', async () => {
    const world = fakeDeps();
    const value = JSON.stringify(at({ allow_http: true }).gateways.cluster);
    expect(await world.run('config', 'set', 'gateways.cluster', value)).toBe(0);
    expect(await world.run('config', 'get', 'gateways.cluster.allow_http')).toBe(0);
    expect(world.out()).toContain('true');
  });
});
