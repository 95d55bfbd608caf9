import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerWell } from '../../helpers/ask.ts';
import { search } from '../../helpers/search.ts';

describe('search', () => {
  test('streams the answer of the model that searches, and its cost', async () => {
    const { code, world, server } = await search(['What', 'is', 'new?']);
    expect(code).toBe(0);
    expect(world.out()).toBe('Hello wörld\n');
    expect(world.err()).toBe(
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)\n',
    );
    expect(server.requests.map(({ json }) => json)).toEqual([
      {
        model: 'deepseek-v4-pro',
        messages: [{ role: 'user', content: 'What is new?' }],
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 600,
        enable_search: true,
      },
    ]);
  });

  test('takes the model and the limit of the config', async () => {
    const defaults = {
      chat: { model: 'gpt-5.4', max_tokens: 9, system: 'Rhyme.', temperature: 1, fallback: ['x'] },
      search: { model: 'quick', max_tokens: 250 },
    };
    const home = { 'config.json': { defaults, aliases: { quick: 'qwen3.6-flash' } } };
    const { code, server } = await search(['News?'], answerWell, { home });
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toEqual({
      model: 'qwen3.6-flash',
      messages: [{ role: 'user', content: 'News?' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 250,
      enable_search: true,
    });
  });

  test('takes flags first', async () => {
    const home = {
      'config.json': { defaults: { search: { model: 'qwen3.6-flash', max_tokens: 250 } } },
    };
    const argv = [
      '-m',
      'deepseek-v3.2',
      '--max-tokens',
      '20',
      '-s',
      'Rhyme.',
      '--temperature',
      '0',
    ];
    const { server } = await search([...argv, 'News?'], answerWell, { home });
    expect(server.requests[0]?.json).toMatchObject({
      model: 'deepseek-v3.2',
      max_tokens: 20,
      temperature: 0,
      messages: [
        { role: 'system', content: 'Rhyme.' },
        { role: 'user', content: 'News?' },
      ],
    });
  });

  test('takes every word as the question, also one that is a model', async () => {
    const { server } = await search(['gpt-5.4', 'or', 'glm-5?']);
    expect(server.requests[0]?.json).toMatchObject({
      model: 'deepseek-v4-pro',
      messages: [{ role: 'user', content: 'gpt-5.4 or glm-5?' }],
    });
  });

  test('reads standard input for - only', async () => {
    const asked = await search(['-'], answerWell, { stdin: 'From a pipe?' });
    expect(asked.server.requests[0]?.json).toMatchObject({
      messages: [{ role: 'user', content: 'From a pipe?' }],
    });
    const open = await search(['News?'], answerWell, { stdin: 'silent' });
    expect(open.code).toBe(0);
    const piped = await search(['News?'], answerWell, { stdin: 'not read' });
    expect(piped.server.requests[0]?.json).toMatchObject({
      messages: [{ role: 'user', content: 'News?' }],
    });
  });

  test.each([[[]], [['']], [['-m', 'qwen3.6-flash']], [['  ', '']]])(
    '2: %j is no question',
    async (argv) => {
      const { code, server, world } = await search(argv, answerWell, { stdin: 'not read' });
      expect(code).toBe(2);
      expect(server.requests).toEqual([]);
      expect(world.out()).toBe('');
    },
  );

  test('2: standard input with nothing in it is no question', async () => {
    expect((await search(['-'], answerWell, { stdin: '' })).code).toBe(2);
  });

  test('keeps no conversation, and goes on with none', async () => {
    const { world, server } = await search(['News?']);
    expect(existsSync(join(world.home, 'sessions'))).toBe(false);
    expect(await world.run('chat', '-c', 'And?')).toBe(2);
    expect(server.requests).toHaveLength(1);
  });

  test('is a search in the ledger', async () => {
    const { world } = await search(['--tag', 'news', 'News?']);
    expect(world.ledger()).toMatchObject([
      { event: 'intent', command: 'search', model: 'deepseek-v4-pro', tags: ['news'] },
      { event: 'outcome', command: 'search', requested_model: 'deepseek-v4-pro', session: null },
    ]);
  });

  test.each(['--session x', '--continue', '--no-save', '-f x', '--fallback x', '--search'])(
    '2: has no %s',
    async (flags) => {
      const { code, server } = await search([...flags.split(' '), 'News?']);
      expect(code).toBe(2);
      expect(server.requests).toEqual([]);
    },
  );
});
