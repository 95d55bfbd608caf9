import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flatten, getPath, setPath, unsetPath } from '../../src/config/edit.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { failureOf } from './failure.ts';
import { type MemoryFiles, memoryFiles } from './memory-files.ts';

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
const mine = { kind: 'openai', base_url: 'http://127.0.0.1:8080/v1' };

function withConfig(config?: unknown): MemoryFiles {
  return memoryFiles(config === undefined ? {} : { [path]: JSON.stringify(config) });
}
const depsOf = (files: MemoryFiles) => ({
  ...fakeDeps().deps,
  ...{ files, platform: 'linux' as const, path: posix, env: {} },
});
const set = (files: MemoryFiles, place: string, value: string) =>
  setPath(depsOf(files), places, place, value);
const unset = (files: MemoryFiles, place: string) => unsetPath(depsOf(files), places, place);
const stored = (files: MemoryFiles): unknown => JSON.parse(files.text(path) ?? 'null');

describe('getPath and flatten', () => {
  const config = {
    aliases: { gpt: 'a', 'gpt-5.4': 'b', 'gpt-5': 'c' },
    gateways: { 'my.host': mine },
    defaults: { chat: { fallback: ['x', 'y'] } },
    timeouts: {},
  };

  it('reaches keys with dots, and nothing that is inherited', () => {
    expect(getPath(config, 'aliases.gpt-5.4')).toBe('b');
    expect(getPath(config, 'aliases.gpt-5')).toBe('c');
    expect(getPath(config, 'gateways.my.host.kind')).toBe('openai');
    expect(getPath(config, 'defaults.chat')).toEqual({ fallback: ['x', 'y'] });
    for (const place of [
      '',
      'aliases.',
      'gateways.my',
      'constructor',
      'aliases.toString',
      'aliases.gpt.length',
      'defaults.chat.fallback.0',
    ]) {
      expect(getPath(config, place), place).toBeUndefined();
    }
  });

  it('takes the longest key that leads anywhere', () => {
    const odd = { a: { 'b.c': 1, b: { c: 2, d: 3 } }, 'a.b': { c: 4 } };
    expect(getPath(odd, 'a.b.c')).toBe(4);
    expect(getPath(odd, 'a.b.d')).toBe(3);
  });

  it('lists every value under a path that getPath takes back', () => {
    const rows = flatten(config);
    expect(rows).toEqual([
      ['aliases.gpt', 'a'],
      ['aliases.gpt-5.4', 'b'],
      ['aliases.gpt-5', 'c'],
      ['gateways.my.host.kind', 'openai'],
      ['gateways.my.host.base_url', 'http://127.0.0.1:8080/v1'],
      ['defaults.chat.fallback', ['x', 'y']],
      ['timeouts', {}],
    ]);
    for (const [place, value] of rows) expect(getPath(config, place)).toEqual(value);
    expect(flatten({})).toEqual([]);
  });
});

describe('setPath', () => {
  it('makes the directory and the file', async () => {
    const files = withConfig();
    expect(await set(files, 'defaults.chat.model', 'gpt-5.4')).toBe('gpt-5.4');
    expect(files.calls).toContain('makeDirectory /home/ada/.config/alltoken');
    expect(files.calls).toContain(`replace ${path}`);
    expect([...files.entries.keys()]).toEqual([path]);
    expect(files.text(path)).toBe(
      '{\n  "defaults": {\n    "chat": {\n      "model": "gpt-5.4"\n    }\n  }\n}\n',
    );
  });

  it.each([
    ['defaults.chat.temperature', '0.5', 0.5],
    ['defaults.chat.save', 'false', false],
    ['defaults.chat.model', '5', '5'],
    ['defaults.chat.model', '"gpt"', 'gpt'],
    ['defaults.chat.fallback', '["a","b"]', ['a', 'b']],
    ['aliases.fast', 'true', 'true'],
    ['aliases.gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-mini'],
    ['gateways.mine', JSON.stringify(mine), mine],
    ['gateways.my.own.host', JSON.stringify(mine), mine],
    ['gateways.alltoken.base_url', 'https://a.example/v1', 'https://a.example/v1'],
    ['gateway', 'tokenhub', 'tokenhub'],
    ['max_retry_wait', '0', 0],
  ])('%s %s', async (place, text, value) => {
    const files = withConfig({ aliases: { gpt: 'x', 'gpt-5': 'y' } });
    expect(await set(files, place, text)).toEqual(value);
    expect(getPath(stored(files), place)).toEqual(value);
    expect(getPath(stored(files), 'aliases.gpt-5')).toBe('y');
  });

  it('finds the gateway whose name has dots', async () => {
    const files = withConfig({ gateways: { 'my.host': mine, my: mine } });
    await set(files, 'gateways.my.host.api_key_env', 'MY_KEY');
    expect(stored(files)).toEqual({
      gateways: { 'my.host': { ...mine, api_key_env: 'MY_KEY' }, my: mine },
    });
    const error = await failureOf(() => set(files, 'gateways.my.host', 'x'));
    expect(error.message).toContain('gateways.my.host: expected an object, found a string');
  });

  it.each([
    ['gatway', 'x', 'gatway: unknown key; did you mean "gateway"?'],
    ['defaults.chat.modl', 'x', 'did you mean "defaults.chat.model"?'],
    [
      'gateways.mine.bse_url',
      'http://127.0.0.1',
      'gateways.mine.bse_url: unknown key; did you mean "gateways.mine.base_url"?',
    ],
    ['gateways.other.bse_url', 'x', 'did you mean "gateways.other.base_url"?'],
    ['gateway.name', 'x', 'gateway.name: no keys are allowed here'],
    ['', 'x', 'unknown key'],
    ['budget.day', 'five', 'expected an amount of USD from 0, as a string such as "0.50"'],
    ['budget.day', '-1', 'expected an amount of USD from 0, as a string such as "0.50", found -1'],
    ['timeouts.idle', 'soon', 'expected a number of seconds, more than 0 and at most 86400'],
    ['max_retry_wait', 'x', 'expected a number of seconds from 0 to 3600, found a string'],
    ['defaults.chat.temperature', 'hot', 'expected a number from 0 to 2, found a string'],
    ['budget.daily', '5', 'budget.daily: unknown key'],
    ['gateways.mine.api_key', 'hunter2', 'keys are not stored in the config'],
    ['gateways.mine.api_key_env', 'sk-at-0123456789hunter2', 'keys are not stored in the config'],
    ['defaults.chat.temperature', '5', 'a number of at most 2, found 5'],
    ['defaults.chat.temperature', 'warm', 'expected a number from 0 to 2, found a string'],
    ['gateways.mine.base_url', 'http://a.example', 'plain http'],
    ['gateways.new.kind', 'openai', 'missing: base_url'],
    ['gateways.__proto__.kind', 'openai', '__proto__'],
    ['gateway', 'nowhere', 'unknown gateway'],
  ])('refuses %s %s as usage, and writes nothing', async (place, text, words) => {
    const files = withConfig({ gateways: { mine } });
    const before = files.text(path);
    const error = await failureOf(() => set(files, place, text));
    expect(error.exit).toBe('usage');
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('hunter2');
    expect(files.text(path)).toBe(before);
    expect(files.calls.filter((call) => call.startsWith('replace'))).toEqual([]);
  });

  it('says when the file is bad elsewhere, and repairs what it is asked to', async () => {
    const files = withConfig({ gatway: 1 });
    const error = await failureOf(() => set(files, 'gateway', 'sandbox'));
    expect(error.exit).toBe('no_key');
    expect(error.message).toContain(`${path}: gatway: unknown key`);
    const wrong = withConfig({ max_retry_wait: 'long' });
    expect(await set(wrong, 'max_retry_wait', '5')).toBe(5);
    const list = memoryFiles({ [path]: '[]' });
    expect((await failureOf(() => set(list, 'gateway', 'sandbox'))).exit).toBe('no_key');
    expect(list.text(path)).toBe('[]');
  });

  it.each([
    ['replace', 'ENOSPC', 'no space left on device (ENOSPC)'],
    ['replace', 'EROFS', 'the file system is read-only (EROFS)'],
    ['makeDirectory', 'EACCES', 'permission denied (EACCES)'],
    ['replace', 'EWHATEVER', 'system error (EWHATEVER)'],
  ] as const)('says why %s failed with %s', async (operation, code, words) => {
    const files = withConfig({ gateway: 'sandbox' });
    files.fail(operation, code);
    const error = await failureOf(() => set(files, 'gateway', 'altllm'));
    expect(error.exit).toBe('local_io');
    expect(error.message).toContain(words);
    expect(error.message).toContain(path);
    expect(stored(files)).toEqual({ gateway: 'sandbox' });
  });
});

describe('unsetPath', () => {
  it('removes a value and what it leaves empty', async () => {
    const files = withConfig({
      defaults: { chat: { model: 'x' } },
      aliases: { 'a.b': 'c', a: 'd' },
    });
    expect(await unset(files, 'defaults.chat.model')).toBe(true);
    expect(await unset(files, 'aliases.a.b')).toBe(true);
    expect(stored(files)).toEqual({ aliases: { a: 'd' } });
  });

  it('is false, and writes nothing, where there is none', async () => {
    const files = withConfig({ aliases: { a: 'd' } });
    expect(await unset(files, 'aliases.b')).toBe(false);
    expect(await unset(withConfig(), 'gateway')).toBe(false);
    expect(files.calls.filter((call) => call.startsWith('replace'))).toEqual([]);
  });

  it('repairs a file that is refused', async () => {
    const files = withConfig({ budget: { day: '5' }, gatway: 1, gateway: 'sandbox' });
    expect(await unset(files, 'budget')).toBe(true);
    expect(await unset(files, 'gatway')).toBe(true);
    expect(stored(files)).toEqual({ gateway: 'sandbox' });
    const odd = memoryFiles({ [path]: '{"gateway":"sandbox","__proto__":{"x":1}}' });
    expect(await unset(odd, '__proto__')).toBe(true);
    expect(odd.text(path)).toBe('{\n  "gateway": "sandbox"\n}\n');
  });

  it('never breaks a file that was good', async () => {
    const files = withConfig({ gateway: 'mine', gateways: { mine } });
    for (const place of ['gateways.mine.kind', 'gateways.mine', 'gateways']) {
      expect((await failureOf(() => unset(files, place))).exit, place).toBe('usage');
    }
    expect(stored(files)).toEqual({ gateway: 'mine', gateways: { mine } });
  });
});
