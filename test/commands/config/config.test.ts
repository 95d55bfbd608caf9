import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errLines, expectNoKey, filesBelow } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

interface Ran {
  code: number;
  out: string;
  world: FakeWorld;
}

/** Runs `config …` in a home with this config file. */
async function config(
  file: string | null,
  argv: readonly string[],
  options: FakeOptions = {},
): Promise<Ran> {
  const world = fakeDeps(options);
  if (file !== null) world.write('config.json', file);
  const code = await world.run('config', ...argv);
  return { code, out: world.out(), world };
}

const some = '{"gateway":"tokenhub","defaults":{"chat":{"temperature":0.5,"fallback":["a","b"]}}}';

describe('config path', () => {
  test('tells where everything is, one a line', async () => {
    const { code, out, world } = await config(null, ['path']);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe(`config\t${world.home}/config.json`);
    expect(out).toContain(`ledger\t${world.home}/ledger\n`);
    expect(out).toContain(`sessions\t${world.home}/sessions\n`);
    expect(world.err()).toBe('');
  });

  test('tells the same as JSON', async () => {
    const { world } = await config(null, ['path', '--json']);
    expect(world.json()).toMatchObject({
      ok: true,
      exit: 0,
      command: 'config path',
      places: { config: `${world.home}/config.json`, cache: `${world.home}/cache` },
    });
  });

  test('works though the file is broken', async () => {
    const { code } = await config('{', ['path']);
    expect(code).toBe(0);
  });
});

describe('config get', () => {
  test.each([
    ['gateway', 'tokenhub\n'],
    ['defaults.chat.temperature', '0.5\n'],
    ['defaults.chat.fallback', '["a","b"]\n'],
    ['defaults', '{"chat":{"temperature":0.5,"fallback":["a","b"]}}\n'],
  ])('%s', async (name, printed) => {
    const { code, out } = await config(some, ['get', name]);
    expect(code).toBe(0);
    expect(out).toBe(printed);
  });

  test('keeps the type in JSON', async () => {
    const { world } = await config(some, ['get', 'defaults.chat.temperature', '--json']);
    expect(world.json()).toMatchObject({ ok: true, name: 'defaults.chat.temperature', value: 0.5 });
  });

  test.each(['aliases.fast', 'defaults.chat.model', '__proto__', 'gateway.length'])(
    '%s is not set: 2',
    async (name) => {
      const { code, out, world } = await config(some, ['get', name]);
      expect(code).toBe(2);
      expect(out).toBe('');
      expect(errLines(world)[0]).toBe(`alltoken: ${name} is not set [usage code=not_set]`);
      const json = await config(some, ['get', name, '--json']);
      expect(json.world.json()).toMatchObject({
        ok: false,
        command: 'config get',
        error: { exit: 2 },
      });
    },
  );
});

describe('config set', () => {
  test('stores a value that the next command sees, in a file of one’s own', async () => {
    const { code, out, world } = await config(null, ['set', 'defaults.chat.model', 'gpt-5.4']);
    expect(code).toBe(0);
    expect(out).toBe('defaults.chat.model = "gpt-5.4"\n');
    expect(JSON.parse(filesBelow(world.home)['config.json'] ?? '')).toEqual({
      defaults: { chat: { model: 'gpt-5.4' } },
    });
    expect(statSync(join(world.home, 'config.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(filesBelow(world.home))).toEqual(['config.json']);
  });

  test('keeps all the rest', async () => {
    const { world } = await config(some, ['set', 'aliases.fast', 'gpt-5.4-nano', '--json']);
    expect(world.json()).toMatchObject({ ok: true, name: 'aliases.fast', value: 'gpt-5.4-nano' });
    expect(JSON.parse(filesBelow(world.home)['config.json'] ?? '')).toEqual({
      ...JSON.parse(some),
      aliases: { fast: 'gpt-5.4-nano' },
    });
  });

  const bad: [string, string, RegExp][] = [
    ['gatewy', 'x', /gatewy: unknown key; did you mean "gateway"\?/],
    ['gateway', 'nope', /unknown gateway/],
    ['defaults.chat.temperature', '3', /at most 2/],
    ['defaults.chat.temperature', 'hot', /expected a number/],
    ['defaults.chat.max_tokens', '1.5', /max_tokens/],
    ['api_key', 'sk-at-0123456789abcdef', /keys are not stored in the config/],
    ['gateways.alltoken.api_key', 'sk-at-0123456789abcdef', /keys are not stored in the config/],
    ['gateways.alltoken.api_key_env', 'sk-at-0123456789abcdef', /api_key_env/],
    ['gateways.mine', '{"kind":"openai","base_url":"http://example.com/v1"}', /http/],
    ['__proto__.x', '1', /__proto__/],
    ['', '1', /./],
  ];
  test.each(bad)('refuses %s = %s, and changes nothing', async (name, value, message) => {
    const { code, out, world } = await config(some, ['set', name, value]);
    expect(code, world.err()).toBe(2);
    expect(out).toBe('');
    expect(errLines(world)[0]).toMatch(message);
    expect(filesBelow(world.home)).toEqual({ 'config.json': some });
    expectNoKey(world, 'sk-at-0123456789abcdef');
  });

  test('tells when the file cannot be written: 50', async () => {
    const replace = async () => {
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
    };
    const { code, world } = await config(some, ['set', 'gateway', 'altllm'], {
      files: { replace },
    });
    expect(code, world.err()).toBe(50);
    expect(errLines(world)[0]).toMatch(/config\.json.* \[local_io/);
  });
});

test('in the sandbox of an agent host, 50 names the setting that opens the directory', async () => {
  const replace = async () => {
    throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
  };
  const { code, world } = await config(some, ['set', 'gateway', 'altllm'], {
    files: { replace },
    env: { CODEX_SANDBOX: 'seatbelt' },
  });
  expect(code, world.err()).toBe(50);
  expect(world.err()).toContain(`writable_roots = ["${world.home}"]`);
});

describe('config unset', () => {
  test('removes a value', async () => {
    const { code, out, world } = await config(some, ['unset', 'gateway']);
    expect(code).toBe(0);
    expect(out).toBe('gateway is removed\n');
    expect(JSON.parse(filesBelow(world.home)['config.json'] ?? '')).not.toHaveProperty('gateway');
  });

  test('of what is not there: 2', async () => {
    const { code, world } = await config(some, ['unset', 'aliases.fast', '--json']);
    expect(code).toBe(2);
    expect(world.json().error).toMatchObject({ code: 'not_set' });
  });
});

describe('config list', () => {
  test('prints one value a line into a pipe', async () => {
    const { code, out } = await config(some, ['list']);
    expect(code).toBe(0);
    expect(out).toBe(
      'gateway\ttokenhub\ndefaults.chat.temperature\t0.5\ndefaults.chat.fallback\t["a","b"]\n',
    );
  });

  test('draws a table on a terminal that fits it', async () => {
    for (const columns of [80, 30]) {
      const { out } = await config(some, ['list'], { stdoutIsTerminal: true, columns });
      expect(out).toContain('defaults.chat.temperature');
      for (const line of out.split('\n'))
        expect(line.length).toBeLessThanOrEqual(Math.max(columns, 41));
    }
  });

  test('says that there is nothing, on stderr', async () => {
    const { code, out, world } = await config(null, ['list']);
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(world.err()).toBe('the config is empty\n');
  });

  test('is an object as JSON', async () => {
    const { world } = await config(some, ['list', '--json']);
    expect(world.json()).toMatchObject({
      values: { gateway: 'tokenhub', 'defaults.chat.temperature': 0.5 },
    });
  });
});
