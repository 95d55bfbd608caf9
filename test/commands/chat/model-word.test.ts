import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AskOptions, answerWell, ask, chat, worldAt } from '../../helpers/ask.ts';
import { startServer } from '../../helpers/server.ts';

/** The model and the prompt as the server got them. */
async function sent(
  argv: readonly string[],
  options: AskOptions = {},
): Promise<[unknown, unknown]> {
  const { code, server, world } = await ask(answerWell, argv, options);
  expect(code, world.err()).toBe(0);
  const body = server.requests[0]?.json;
  const messages = body?.messages as { content: unknown }[];
  return [body?.model, messages.at(-1)?.content];
}

const usual = 'gpt-5.4-mini';

describe('the first word of chat', () => {
  test.each([
    'gpt-5.4',
    'claude-sonnet-4-6',
    'gemini-3-flash-preview',
    'deepseek-v4-pro',
    'glm-5',
    'qwen3.6-flash',
    'kimi-k2.6',
    'minimax-m2.7',
    'openai/gpt-5.4',
    'meta-llama/llama-3.1:free',
    'GPT-5.4',
  ])('%s is the model when words follow', async (model) => {
    expect(await sent([model, 'What', 'now?'])).toEqual([model, 'What now?']);
  });

  test('is the model when only standard input follows', async () => {
    expect(await sent(['gpt-5.4'], { stdin: 'What now?' })).toEqual(['gpt-5.4', 'What now?']);
    expect(await sent(['gpt-5.4', '-'], { stdin: 'What now?' })).toEqual(['gpt-5.4', 'What now?']);
  });

  test.each([
    [['gpt-5 is out, what changed?'], 'gpt-5 is out, what changed?'],
    [['gpt-5 is out', 'what changed?'], 'gpt-5 is out what changed?'],
    [['gpt-oss', 'is', 'what?'], 'gpt-oss is what?'],
    [['and/or', 'is', 'wrong'], 'and/or is wrong'],
    [['2026', 'was', 'fine'], '2026 was fine'],
    [['What', 'is', 'gpt-5.4?'], 'What is gpt-5.4?'],
    [['https://example.com/a1', 'is', 'what?'], 'https://example.com/a1 is what?'],
    [['./src/main2.ts', 'explain'], './src/main2.ts explain'],
    [['', 'gpt-5.4', 'x'], ' gpt-5.4 x'],
  ])('of %j belongs to the prompt', async (argv, prompt) => {
    const [model, content] = await sent(argv);
    expect(model).toBe(usual);
    expect(String(content).trim()).toBe(prompt.trim());
  });

  test.each([
    ['nothing follows', ['gpt-5.4'], {}],
    ['an empty pipe follows', ['gpt-5.4'], { stdin: '' }],
    ['it is an alias', ['fast'], {}],
    ['a file is added', ['gpt-5.4', '-f', 'https://example.com/a.png'], {}],
  ])('alone is no prompt that is bought, also where %s', async (_what, argv, options) => {
    const home = { 'config.json': { aliases: { fast: 'glm-5' } } };
    const { code, server, world } = await ask(answerWell, argv, { ...options, home });
    expect(code, world.err()).toBe(2);
    expect(world.err()).toContain(`hint: alltoken chat ${argv[0]} "your question", or if that`);
    expect(server.requests).toEqual([]);
    const [model, prompt] = await sent(['-m', usual, ...argv], options);
    expect([model, JSON.stringify(prompt)]).toEqual([usual, expect.stringContaining(`${argv[0]}`)]);
  });

  test('is the model where the config has it as an alias, also beside a list that lacks it', async () => {
    const home = { 'config.json': { aliases: { fast: 'glm-5' } } };
    expect(await sent(['fast', 'Hi'], { home })).toEqual(['glm-5', 'Hi']);
    expect(await sent(['fast', 'Hi'])).toEqual([usual, 'fast Hi']);
    expect(await sent(['fast food?'], { home })).toEqual([usual, 'fast food?']);
  });

  test.each([
    ['gtp-5.4', 'gpt-5.4'],
    ['cluade-sonnet-4-6', 'claude-sonnet-4-6'],
    ['deepsek-v4-pro', 'deepseek-v4-pro'],
    ['glp-1', null],
    ['covid-19', null],
    ['gpt', null],
    ['utf-8', null],
  ])(
    '%s is prompt, and what it nearly names is said before it is bought: %s',
    async (word, near) => {
      const { code, server, world } = await ask(answerWell, [word, 'is', 'what?']);
      expect(code).toBe(0);
      const messages = server.requests[0]?.json?.messages as { content: string }[];
      expect(messages.at(-1)?.content).toBe(`${word} is what?`);
      const warning = `warning: ${word} is sent as a word of the prompt; the model ${near} would be: alltoken chat -m ${near} …\n`;
      expect(world.err().startsWith(warning)).toBe(near !== null);
      // Not where a model is named.
      expect((await ask(answerWell, ['-m', usual, word, 'x'])).world.err()).not.toContain(
        'warning',
      );
    },
  );

  test('is prompt with -m, which always wins', async () => {
    expect(await sent(['-m', 'glm-5', 'gpt-5.4', 'or', 'not?'])).toEqual([
      'glm-5',
      'gpt-5.4 or not?',
    ]);
    expect(await sent(['gpt-5.4', 'or', 'not?', '-m', 'glm-5'])).toEqual([
      'glm-5',
      'gpt-5.4 or not?',
    ]);
  });

  test('outranks the default of the config', async () => {
    const home = { 'config.json': { defaults: { chat: { model: 'glm-5' } } } };
    expect(await sent(['Hi'], { home })).toEqual(['glm-5', 'Hi']);
    expect(await sent(['gpt-5.4', 'Hi'], { home })).toEqual(['gpt-5.4', 'Hi']);
  });
});

describe('the first word of chat, when a model list is cached', () => {
  async function withCache(argv: string[]): Promise<unknown> {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    mkdirSync(join(world.home, 'cache'));
    const models = [{ id: 'house-model', input: null, output: null }];
    const cached = { v: 1, base_url: server.baseUrl, models };
    world.write('cache/models-alltoken.json', JSON.stringify(cached));
    expect(await chat(world, ...argv)).toBe(0);
    return server.requests[0]?.json?.model;
  }

  test('is the model when it is in the list, whatever it looks like', async () => {
    expect(await withCache(['house-model', 'Hi'])).toBe('house-model');
  });

  test('that one slip turns into a name of the list is prompt, with a warning', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    mkdirSync(join(world.home, 'cache'));
    const models = [{ id: 'house-2-model', input: null, output: null }];
    const cached = { v: 1, base_url: server.baseUrl, models };
    world.write('cache/models-alltoken.json', JSON.stringify(cached));
    expect(await chat(world, 'huose-2-model', 'Hi')).toBe(0);
    expect(server.requests[0]?.json?.model).toBe(usual);
    expect(world.err()).toContain('the model house-2-model would be');
    expect(await chat(world, 'hares-3-modem', 'Hi')).toBe(0);
    expect(world.err().match(/warning/g)).toHaveLength(1);
  });

  test('is prompt when it is not in the list', async () => {
    expect(await withCache(['gpt-5.4', 'is', 'out'])).toBe(usual);
  });
});
