import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, readConfigText } from '../../src/config/file.ts';
import { gatewayTemplates } from '../../src/gateways/index.ts';
import { hintOf } from '../helpers/hint.ts';
import { failureOf } from './failure.ts';
import { memoryFiles } from './memory-files.ts';

const path = '/home/ada/.config/alltoken/config.json';
const places = {
  configFile: path,
  templates: '/home/config/templates',
  ledger: '/l',
  sessions: '/s',
  tasks: '/t',
  budget: '/b',
  servers: '/r',
  cache: '/c',
};
const load = (files: ReturnType<typeof memoryFiles>, platform = 'linux') =>
  loadConfig({ files, platform, path: posix, version: '1.2.3' }, places);
const refusal = (value: unknown) =>
  failureOf(() => readConfigText(typeof value === 'string' ? value : JSON.stringify(value), path));

describe('loadConfig', () => {
  it('is {} without a file, at the price of one look', async () => {
    const files = memoryFiles();
    expect(await load(files)).toEqual({});
    expect(files.calls).toEqual([`status ${path}`]);
  });

  it('is {} where the directory cannot exist, or the file goes away meanwhile', async () => {
    const files = memoryFiles();
    files.fail('status', 'ENOTDIR');
    expect(await load(files)).toEqual({});
    const gone = memoryFiles({ [path]: '{"gateway":"sandbox"}' });
    gone.fail('read', 'ENOENT');
    expect(await load(gone)).toEqual({});
  });

  it('checks the same text once, and another text or version again', async () => {
    const files = memoryFiles({ [path]: '{"gateway":"sandbox"}' });
    const first = await load(files);
    expect(files.text('/c/checked-config')).toBe('1.2.3\n{"gateway":"sandbox"}');
    files.calls.length = 0;
    expect(await load(files)).toEqual(first);
    expect(files.calls).toEqual([`status ${path}`, `read ${path}`, 'read /c/checked-config']);
    files.put(path, '{"gateway":"nowhere"}');
    expect((await failureOf(() => load(files))).message).toContain('gateway');
    expect(files.text('/c/checked-config')).toBe('1.2.3\n{"gateway":"sandbox"}');
  });

  it('works where the cache cannot be written', async () => {
    const files = memoryFiles({ [path]: '{"gateway":"sandbox"}' });
    files.fail('replace', 'EROFS');
    expect(await load(files)).toEqual({ gateway: 'sandbox' });
  });

  it('reads everything the schema knows, with a byte order mark too', async () => {
    const config = {
      gateway: 'mine',
      gateways: {
        mine: { kind: 'openai', base_url: 'http://127.0.0.1:8080/v1', api_key_env: 'MY_KEY' },
        alltoken: { base_url: 'https://eu.example.com/v1', api_key_command: ['pass', 'alltoken'] },
      },
      defaults: { chat: { model: 'gpt-5.4', temperature: 0.5, fallback: ['a'], save: false } },
      aliases: { fast: 'gpt-5.4-nano', 'gpt-5.4': 'gpt-5.4-mini', token: 'x' },
      timeouts: { connect: 5, total: 600 },
      max_retry_wait: 0,
    };
    expect(await load(memoryFiles({ [path]: `\ufeff${JSON.stringify(config)}\n` }))).toEqual(
      config,
    );
  });

  it('refuses a directory, a huge file and one that is not UTF-8', async () => {
    const files = memoryFiles();
    files.putDirectory(path);
    expect((await failureOf(() => load(files))).message).toContain('found a directory');
    files.put(path, ' '.repeat(1_048_577));
    expect((await failureOf(() => load(files))).message).toContain('larger than 1 MB');
    files.put(path, new Uint8Array([0xff, 0xfe, 0x7b, 0]));
    expect((await failureOf(() => load(files))).message).toContain('UTF-16');
    files.put(path, new Uint8Array([0x7b, 0xc3, 0x28]));
    const error = await failureOf(() => load(files));
    expect(error.message).toBe(`${path}: not UTF-8 text`);
    expect(error.exit).toBe('no_key');
    expect(error.details.code).toBe('bad_config');
  });

  it.each(['status', 'read'] as const)('says when %s is not permitted', async (operation) => {
    const files = memoryFiles({ [path]: '{}' });
    files.fail(operation, 'EACCES');
    const error = await failureOf(() => load(files));
    expect(error.exit).toBe('no_key');
    expect(error.message).toBe(`cannot read the config ${path}: permission denied (EACCES)`);
  });

  it('refuses a file that anyone can write, but not on Windows', async () => {
    const files = memoryFiles();
    files.put(path, '{}', 0o100666);
    const error = await failureOf(() => load(files));
    expect(error.exit).toBe('no_key');
    expect(hintOf(error)).toBe(`chmod 600 ${path}`);
    expect(files.calls).not.toContain(`read ${path}`);
    expect(await load(files, 'win32')).toEqual({});
    files.put(path, '{}', 0o100644);
    expect(await load(files)).toEqual({});
  });
});

describe('readConfigText', () => {
  it('names line and column of bad JSON, and quotes none of it', async () => {
    const error = await refusal('{\n  "gateway": "sandbox",\n  sk-at-secretsecret\n}');
    expect(error.message).toBe(
      `${path}: not JSON: line 3, column 3: expected a key in double quotes, found s`,
    );
    expect((await refusal(' \n')).message).toContain('the file is empty');
  });

  it.each([
    ['{"budget":{"day":"5"},\n"budget":{"month":"50"}}', 'line 2, column 1'],
    ['{"budget":{"day":"5","d\\u0061y":"500"}}', 'line 1, column 22'],
    ['{"aliases":{},"budget":{"tags":{"ci":{},"ci":{}}}}', 'line 1, column 41'],
  ])('refuses a key that is there twice, of which one would not count: %s', async (text, where) => {
    expect((await refusal(text)).message).toBe(`${path}: ${where}: this key is there twice`);
  });

  it('takes the same key in two objects', async () => {
    const text = '{"budget":{"day":"5","tags":{"ci":{"day":"1"}}},"aliases":{"day":"x"}}';
    expect(await readConfigText(text, path)).toMatchObject({ aliases: { day: 'x' } });
  });

  it.each([
    [{ gatway: 'x' }, 'gatway: unknown key; did you mean "gateway"?'],
    [
      { gateways: { alltoken: { baseUrl: 'x' } } },
      'gateways.alltoken.baseUrl: unknown key; did you mean "gateways.alltoken.base_url"?',
    ],
    [
      { defaults: { chat: { 'max-tokens': 5 } } },
      'defaults.chat.max-tokens: unknown key; did you mean "defaults.chat.max_tokens"?',
    ],
    [{ timeouts: { firstByte: 5 } }, 'did you mean "timeouts.first_byte"?'],
    [
      { zzzzzzzzzz: 1 },
      'known keys: gateway, gateways, defaults, aliases, timeouts, budget, mcp, render, max_retry_wait',
    ],
    [{ constructor: 1 }, 'constructor: unknown key'],
    [{ 'a b\u001b[31m': 1 }, '"a b\\u001b[31m": unknown key'],
    [[], 'config.json: expected an object, found an empty list'],
    [{ aliases: [] }, 'aliases: expected an object, found an empty list'],
    [{ aliases: { a: 5 } }, 'aliases.a: expected a string, found 5'],
    [
      { defaults: { chat: { temperature: 3 } } },
      'defaults.chat.temperature: expected a number of at most 2, found 3',
    ],
    [{ defaults: { chat: { max_tokens: 1.5 } } }, 'expected a whole number, found 1.5'],
    [{ defaults: { chat: { max_tokens: '5' } } }, 'found a string'],
    [
      { defaults: { chat: { fallback: [1] } } },
      'defaults.chat.fallback.0: expected a string, found 1',
    ],
    [{ timeouts: { connect: 0 } }, 'timeouts.connect: expected a number of more than 0, found 0'],
    [
      { gateways: { x: { kind: 'y' } } },
      `gateways.x.kind: expected one of ${[...gatewayTemplates.keys()].join(', ')}, found other text`,
    ],
    [{ gateways: { alltoken: { api_key_command: 5 } } }, 'expected a string or a list, found 5'],
    [{ gateways: { alltoken: { api_key_command: [] } } }, 'a non-empty list, found an empty list'],
    [
      { budget: { day: 5 } },
      'budget.day: expected an amount of USD from 0, as a string such as "0.50", found 5',
    ],
    [
      { timeouts: { connect: 'soon' } },
      'timeouts.connect: expected a number of seconds, more than 0 and at most 86400, found a string',
    ],
    [
      { budget: { tags: { ci: { month: '5 USD' } } } },
      'budget.tags.ci.month: expected an amount of USD from 0, as a string such as "0.50", found other text',
    ],
    [{ gateways: { 'a b': {} } }, 'gateways."a b": a name may contain letters'],
    [{ gatway: 1, aliases: 5 }, '(and 1 more problem)'],
    [{ gatway: 1, b: 1, aliases: 5 }, '(and 2 more problems)'],
  ])('%j', async (value, words) => {
    const error = await refusal(value);
    expect(error.exit).toBe('no_key');
    expect(error.details.code).toBe('bad_config');
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(error.message).toContain(words.replace('config.json: ', `${path}: `));
    expect(error.message).not.toContain('\n');
  });

  it.each([
    { api_key: 'sk-at-0123456789abcdef' },
    { gateways: { alltoken: { key: 'hunter2' } } },
    { gateways: { alltoken: { apiKey: 'hunter2' } } },
    { unknown: { deep: [{ access_token: 'hunter2' }] } },
    { gateways: { alltoken: { api_key_env: 'sk-at-0123456789abcdef' } } },
    { aliases: { mine: 'sk-alt-0123456789abcdef' } },
  ])('says that keys are not stored in the config: %j', async (value) => {
    const error = await refusal(value);
    expect(error.message).toContain('keys are not stored in the config');
    expect(error.message).toMatch(/api_key_env.*api_key_file.*api_key_command/);
    expect(error.message).not.toMatch(/hunter2|0123456789/);
  });

  it('takes no name that an object could mistake for its prototype', async () => {
    for (const text of [
      '{"__proto__":{}}',
      '{"gateways":{"__proto__":{"kind":"openai"}}}',
      '{"aliases":{"__proto__":"x"}}',
    ]) {
      expect((await refusal(text)).message).toContain('__proto__: this name is not allowed');
    }
  });

  it('wants kind and base_url of a gateway that is not built in, and says the command', async () => {
    const error = await refusal({ gateways: { mine: { base_url: 'http://127.0.0.1:8080/v1' } } });
    expect(error.message).toContain(
      'gateways.mine: a custom gateway needs kind and base_url; missing: kind',
    );
    expect(hintOf(error)).toBe(
      `alltoken config set gateways.mine '{"kind":"openai","base_url":"http://127.0.0.1:8080/v1"}'`,
    );
    const close = await refusal({ gateways: { altoken: { base_url: 'https://a.example' } } });
    expect(close.message).toContain('did you mean "alltoken"');
    const secret = await refusal({
      gateways: { mine: { base_url: 'https://u:hunter2@a.example' } },
    });
    expect(secret.message + hintOf(secret)).not.toContain('hunter2');
  });

  it.each([
    [{ alltoken: { kind: 'openai' } }, 'gateways.alltoken.kind: alltoken is built in'],
    [{ alltoken: { base_url: 'http://a.example/v1' } }, 'gateways.alltoken.base_url: plain http'],
    [{ sandbox: { api_key_env: 'X' } }, 'gateways.sandbox.api_key_env: sandbox needs no key'],
    [{ alltoken: { api_key_env: 'X', api_key_file: '/k' } }, 'api_key_env and api_key_file'],
    [{ alltoken: { api_key_env: 'not a name' } }, 'expected the name of an environment variable'],
  ])('%j', async (gateways, words) => {
    expect((await refusal({ gateways })).message).toContain(words);
  });

  it('knows the gateway that it chooses', async () => {
    const error = await refusal({ gateway: 'sandbx' });
    expect(error.message).toContain('gateway: unknown gateway (did you mean "sandbox"?)');
    expect((await refusal({ gateway: 'constructor', gateways: {} })).message).toContain(
      'unknown gateway',
    );
  });
});
