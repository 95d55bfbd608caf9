import { describe, expect, test } from 'vitest';
import { answerWell, ask } from '../../helpers/ask.ts';

describe('chat --search', () => {
  test('asks the model that searches when none is named', async () => {
    const { server } = await ask(answerWell, ['--search', 'News?']);
    expect(server.requests[0]?.json).toMatchObject({
      model: 'deepseek-v4-pro',
      enable_search: true,
    });
  });

  test.each(['deepseek-v3.2', 'deepseek-v4-pro', 'qwen3.6-flash', 'qwen3.6-max-preview'])(
    'is sent to %s',
    async (model) => {
      const { code, server, world } = await ask(answerWell, ['--search', '-m', model, 'News?']);
      expect(code).toBe(0);
      expect(server.requests[0]?.json).toMatchObject({ model, enable_search: true });
      expect(world.err()).not.toContain('warning');
    },
  );

  test.each(['claude-opus-4-7', 'glm-5', 'kimi-k2.6', 'minimax-m2.7'])(
    'is refused for %s, which would ignore it',
    async (model) => {
      const { code, server, world } = await ask(answerWell, ['--search', '-m', model, 'News?']);
      expect(code).toBe(2);
      expect(server.requests).toEqual([]);
      expect(world.err()).toMatch(
        new RegExp(
          `^alltoken: ${model} silently ignores the search flag \\(tested on 2026-05-12\\)`,
        ),
      );
      expect(world.err()).toContain('Models that search: deepseek-*, qwen*');
      expect(world.err()).toContain('hint: alltoken chat --search -g alltoken -m deepseek-v4-pro');
    },
  );

  test.each(['gpt-5.4', 'gpt-5.5', 'GPT-5.4'])(
    'is refused for %s, which would fail',
    async (model) => {
      const { code, server, world } = await ask(answerWell, ['--search', '-m', model, 'News?']);
      expect(code).toBe(2);
      expect(server.requests).toEqual([]);
      expect(world.err()).toContain('fails with the search flag');
    },
  );

  test('is refused for Gemini, which answers with nothing or refuses', async () => {
    const argv = ['--search', '-m', 'gemini-3.1-pro-preview', 'News?'];
    const { code, server, world } = await ask(answerWell, argv);
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.err()).toContain('answers with nothing or a refusal');
  });

  test('is sent to any of them with --force, and says so', async () => {
    const argv = ['--search', '--force', '-m', 'claude-opus-4-7', 'News?'];
    const { code, server, world } = await ask(answerWell, argv);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({ enable_search: true });
    expect(world.err()).toMatch(/^warning: claude-opus-4-7 silently ignores .*sent anyway/);
  });

  test('is refused when a fallback would ignore it', async () => {
    const argv = ['--search', '--fallback', 'claude-sonnet-4-6', 'News?'];
    const { code, server } = await ask(answerWell, argv);
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
  });

  test('is sent, with a warning, to a model that nobody has tried', async () => {
    const { code, server, world } = await ask(answerWell, ['--search', '-m', 'grok-4', 'News?']);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({ enable_search: true });
    expect(world.err()).toMatch(/^warning: .*grok-4/);
  });

  test.each([
    ['tokenhub', 'TOKENHUB_API_KEY'],
    ['altllm', 'ALTLLM_API_KEY'],
  ])('is refused for %s, which has none', async (gateway, variable) => {
    const { code, server, world } = await ask(answerWell, ['-g', gateway, '--search', 'News?'], {
      env: { [variable]: 'k-0123456789abcdef' },
    });
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.err()).toMatch(/has no --search/);
  });

  test('so is --thinking', async () => {
    const env = { TOKENHUB_API_KEY: 'th-0123456789abcdef0123' };
    const { code, server, world } = await ask(answerWell, ['-g', 'tokenhub', '--thinking', 'Hi'], {
      env,
    });
    expect(code).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.err()).toMatch(/TokenHub has no --thinking.*\nhint: /);
  });
});
