import { describe, expect, test } from 'vitest';
import { type AskOptions, answerWell, envelope, type Reply, worldAt } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { startServer } from '../../helpers/server.ts';

/** The command and a question, and what came of it. */
async function run(
  command: readonly string[],
  argv: readonly string[],
  reply: Reply = answerWell,
  options: AskOptions = {},
) {
  const server = await startServer(reply);
  const world = worldAt(server, options);
  return { code: await world.run(...command, ...argv, 'News?'), world, server };
}

const both = [
  ['search', ['search']],
  ['chat --search', ['chat', '--search']],
] as const;

describe.each(both)('%s', (name, command) => {
  test.each([
    ['claude-opus-4-7', 'silently ignores'],
    ['glm-5', 'silently ignores'],
    ['kimi-k2.6', 'silently ignores'],
    ['minimax-m2.7', 'silently ignores'],
    ['gemini-3.1-pro-preview', 'answers with nothing or a refusal to'],
    ['gpt-5.4', 'fails with'],
    ['GPT-5.5', 'fails with'],
  ])('2: refuses %s, and names the models that search', async (model, words) => {
    const { code, server, world } = await run(command, ['-m', model]);
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
    // Only a chat can do without the flag.
    const other =
      name === 'search' ? '' : ', or keep the model, and in place of --search: --tool web_search';
    expect(world.err()).toBe(
      `alltoken: ${model} ${words} the search flag (tested on 2026-05-12); nothing was sent. Models that search: deepseek-*, qwen* [usage code=search_unsupported]\nhint: alltoken ${name} -g alltoken -m deepseek-v4-pro …${other}\n`,
    );
  });

  test('2 with --json is one document', async () => {
    const { world } = await run(command, ['-m', 'claude-opus-4-7', '--json']);
    expect(world.json()).toMatchObject({
      ok: false,
      exit: 2,
      command: command[0],
      searched: null,
      error: { code: 'search_unsupported', billed: 'no' },
    });
  });

  test('sends it all the same with --force, and says so', async () => {
    const { code, server, world } = await run(command, ['-m', 'claude-opus-4-7', '--force']);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({
      model: 'claude-opus-4-7',
      enable_search: true,
    });
    expect(world.err()).toMatch(
      /^warning: claude-opus-4-7 silently ignores the search flag .*; sent anyway$/m,
    );
  });

  test('sends a model that nobody has tried, with a warning', async () => {
    const { code, server, world } = await run(command, ['-m', 'grok-4']);
    expect(code).toBe(0);
    expect(server.requests).toHaveLength(1);
    expect(world.err()).toMatch(/^warning: it is unknown whether grok-4 can search/m);
  });

  test('names the flag when all providers failed with it', async () => {
    const argv = ['-m', 'gpt-5.4', '--force'];
    const { code, world } = await run(command, argv, envelope(503, 'all_providers_failed'));
    expect(code).toBe(31);
    expect(world.err()).toContain(
      `hint: without the search flag (enable_search), which may be why: alltoken chat -g alltoken -m gpt-5.4 …, or a model that searches: alltoken ${name} -g alltoken -m deepseek-v4-pro …`,
    );
  });

  test.each(['tokenhub', 'altllm'])('2: %s has none, whatever key it would want', async (name) => {
    const { code, world } = await run(command, ['-g', name], answerWell, {
      env: { ALLTOKEN_API_KEY: '' },
    });
    expect(code).toBe(2);
    expect(world.err()).toMatch(/ has no (search|--search); nothing was sent \[usage/);
  });

  test('2: its hint stays with the gateway, and works there', async () => {
    const world = fakeDeps();
    expect(await world.run(...command, '-g', 'sandbox', '-m', 'gpt-5.4', 'News?')).toBe(2);
    const hint = /^hint: alltoken (.*?) …/m.exec(world.err())?.[1] ?? '';
    expect(hint).toContain('-g sandbox');
    const next = fakeDeps();
    expect(await next.run(...hint.split(' '), 'News?'), next.err()).toBe(0);
  });

  test.each([
    ['tokenhub', { TOKENHUB_API_KEY: 'th-0123456789abcdef' }],
    ['altllm', { ALTLLM_API_KEY: 'k-0123456789abcdef' }],
    ['mine', {}],
  ])('2: %s has none', async (gateway, env) => {
    const mine = { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' };
    const home = { 'config.json': { gateways: { mine } } };
    const { code, server, world } = await run(
      command,
      ['-g', gateway, '-m', 'deepseek-v4-pro'],
      answerWell,
      { env, home },
    );
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.err()).toMatch(
      /^alltoken: .* has no (search|--search); nothing was sent \[usage/m,
    );
  });

  test('--dry-run finds the same', async () => {
    const { code, world } = await run(command, ['--dry-run', '-m', 'claude-opus-4-7']);
    expect(code).toBe(2);
    expect(world.out()).toBe('');
  });
});

describe('the sandbox', () => {
  test.each([
    ['deepseek-v4-pro', 'unlikely'],
    ['qwen3.6-flash', 'unlikely'],
  ])('says of %s that no search ran', async (model, searched) => {
    const world = fakeDeps();
    expect(await world.run('search', '-g', 'sandbox', '-m', model, '--json', 'News?')).toBe(0);
    expect(world.json()).toMatchObject({
      searched,
      text: expect.stringContaining('No search ran'),
    });
  });

  test('searches with the same model as the gateway that it plays', async () => {
    const world = fakeDeps();
    expect(await world.run('search', '-g', 'sandbox', '--json', 'News?')).toBe(0);
    expect(world.json()).toMatchObject({ model: 'deepseek-v4-pro' });
  });

  test('fails with the flag where the gateway does', async () => {
    const world = fakeDeps();
    const argv = ['search', '-g', 'sandbox', '-m', 'gpt-5.4', '--force', 'News?'];
    expect(await world.run(...argv)).toBe(31);
    expect(world.err()).toContain('all_providers_failed');
  });
});
