import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstListed, placesOf } from '../../../src/client/rankings.ts';
import { chatDocumentSchema } from '../../../src/schemas/chat.ts';
import { errLines, secretKey, worldAt } from '../../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { item, list } from '../../helpers/model-gateway.ts';
import { goodStream, sendStream, startServer, type TestServer } from '../../helpers/server.ts';

const catalogue = list(
  item('gpt-big', '10', '30'),
  item('deepseek-small', '0.5', '1'),
  // A lower input price, and dearer all the same.
  item('talker', '0.1', '9'),
  item('nobody-knows', null, null),
  { ...item('film', '0', '0'), modality: 'video' },
);

const rankings = {
  data: {
    usage: [{ rank: 1, model: 'talker' }],
    throughput: [
      { rank: 2, model: 'talker' },
      { rank: 1, model: 'film' },
      { rank: 3, model: 'gpt-big' },
    ],
    benchmark: [{ model: 'unlisted' }, { model: 'vendor/GPT-big' }, { model: 'talker' }],
    category_leaders: { coding: { model: 'deepseek-small', score: 9 } },
  },
};

/** Answers chats well, and has a catalogue and rankings beside them. */
async function gateway(
  boards: Record<string, object> = {
    '/v1/models': list({ id: 'talker' }),
    '/api-account/models': catalogue,
    '/api-account/rankings/all': rankings,
  },
): Promise<TestServer> {
  return startServer((response, { method, path }) => {
    if (method === 'POST') return sendStream(response, goodStream());
    response.writeHead(boards[path] === undefined ? 404 : 200, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(boards[path] ?? { error: { code: 'nothing', message: 'no' } }));
  });
}

const models = ({ requests }: TestServer): unknown[] =>
  requests.flatMap(({ json }) => (json?.model === undefined ? [] : [json.model]));

async function ask(
  ...argv: string[]
): Promise<{ code: number; world: FakeWorld; server: TestServer }> {
  const server = await gateway();
  const world = worldAt(server);
  return { code: await world.run(...argv), world, server };
}

describe('-m auto:', () => {
  test.each([
    ['cheap', 'deepseek-small', 'prices'],
    ['fast', 'talker', 'rankings'],
    ['code', 'deepseek-small', 'rankings'],
    ['best', 'gpt-big', 'rankings'],
  ])('%s takes %s, by the %s', async (word, model, by) => {
    const { code, world, server } = await ask('chat', '-m', `auto:${word}`, '--json', 'Hi');
    expect(code, world.err()).toBe(0);
    expect(models(server)).toEqual([model]);
    expect(world.json()).toMatchObject({
      requested_model: model,
      auto_choice: { asked: `auto:${word}`, model, by },
    });
    expect(chatDocumentSchema.safeParse(world.json()).success).toBe(true);
    expect(errLines(world)[0]).toMatch(new RegExp(`^auto:${word}: ${model} \\(`));
    expect(world.ledger()[0]).toMatchObject({ model });
  });

  test('sends no key to a public board', async () => {
    const { server } = await ask('chat', '-m', 'auto:best', 'Hi');
    const open = server.requests.filter(({ path }) => path.startsWith('/api-account/'));
    expect(open.map(({ path }) => path)).toEqual([
      '/api-account/models',
      '/api-account/rankings/all',
    ]);
    expect(JSON.stringify(open)).not.toContain(secretKey);
  });

  test('asks again only after an hour', async () => {
    const { world, server } = await ask('chat', '-m', 'auto:best', 'Hi');
    expect(await world.run('chat', '-m', 'auto:fast', 'Hi')).toBe(0);
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(5);
    expect(readdirSync(join(world.home, 'cache'))).toContain('rankings-alltoken.json');
  });

  test('is silent with -q, and null where the model is named', async () => {
    const { world } = await ask('chat', '-q', '-m', 'auto:cheap', 'Hi');
    expect(world.err()).toBe('');
    const named = await ask('chat', '--json', '-m', 'talker', 'Hi');
    expect(named.world.json().auto_choice).toBeNull();
  });

  test('may be the default, an alias and a fallback', async () => {
    const server = await gateway();
    const config = {
      defaults: { chat: { model: 'auto:cheap' } },
      aliases: { clever: 'auto:best' },
    };
    const world = worldAt(server, { home: { 'config.json': config } });
    expect(await world.run('chat', 'Hi')).toBe(0);
    expect(await world.run('chat', '-m', 'clever', 'Hi')).toBe(0);
    const argv = [
      'chat',
      '-m',
      'talker',
      '--fallback',
      'auto:cheap,auto:code',
      '--dry-run',
      '--json',
    ];
    expect(await world.run(...argv, 'Hi')).toBe(0);
    expect(models(server)).toEqual(['deepseek-small', 'gpt-big']);
  });

  test('of a search is a model that searches', async () => {
    const { code, world, server } = await ask('search', '-m', 'auto:cheap', 'Hi');
    expect(code, world.err()).toBe(0);
    expect(models(server)).toEqual(['deepseek-small']);
    const none = await ask('search', '-m', 'auto:fast', 'Hi');
    expect(none.code).toBe(2);
    expect(errLines(none.world)[0]).toContain('lists no model that searches in its ranking');
    expect(none.server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test.each(['image', 'video'])('2 for %s: nothing compares those', async (command) => {
    const { code, world, server } = await ask(command, '-m', 'auto:cheap', 'a cat');
    expect(code).toBe(2);
    expect(errLines(world)[0]).toContain('auto: chooses chat models only');
    expect(errLines(world)[1]).toBe(`hint: alltoken models --kind ${command} -g alltoken`);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['auto:cheep', 'hint: did you mean auto:cheap?'],
    ['auto:', /did you mean/],
  ])('2: %s is none of the words', async (model, hint) => {
    const { code, world, server } = await ask('chat', '-m', model, 'Hi');
    expect(code).toBe(2);
    expect(errLines(world)[1]).toMatch(hint);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['tokenhub', 'cheap', /publishes no prices/],
    ['tokenhub', 'best', /publishes no rankings/],
    ['altllm', 'fast', /publishes no rankings/],
    ['ollama', 'code', /publishes no rankings/],
  ])('2: %s cannot say which is %s', async (name, word, message) => {
    const server = await gateway();
    const world = worldAt(server, {
      env: { TOKENHUB_API_KEY: 'th-00112233445566', ALTLLM_API_KEY: 'sk-alt-00112233445566' },
    });
    expect(await world.run('chat', '-g', name, '-m', `auto:${word}`, 'Hi')).toBe(2);
    expect(errLines(world)[0]).toMatch(message);
    expect(errLines(world)[1]).toMatch(/^hint: /);
    expect(server.requests).toEqual([]);
  });

  test('takes the sandbox’s own prices and rankings', async () => {
    for (const [word, model] of [
      ['cheap', 'glm-4.7-flash'],
      ['fast', 'gemini-3-flash-preview'],
      ['code', 'gpt-5.3-codex'],
      ['best', 'claude-opus-4-7'],
    ]) {
      const world = fakeDeps({ stdin: '' });
      const argv = ['chat', '-g', 'sandbox', '-m', `auto:${word}`, '--json', 'Hi'];
      expect(await world.run(...argv)).toBe(0);
      expect(world.json()).toMatchObject({ ok: true, requested_model: model });
    }
  });
});

describe('rankings of any shape', () => {
  const known = (...ids: string[]) =>
    ids.map((id) => ({ id, name: id.toUpperCase() }) as Parameters<typeof firstListed>[1][number]);

  test.each([
    [{ benchmark: ['a', 'b'] }, ['a', 'b']],
    [{ best: 'a' }, ['a']],
    [{ data: { quality: { items: [{ id: 'a' }, 7, null, { x: 1 }] } } }, ['a']],
    [{ overall: { a: 1, b: 9 } }, ['b', 'a']],
    [[{ category: 'benchmark', models: [{ slug: 'a' }] }], ['a']],
    [{ benchmark: [{ model: { id: 'a' } }, { model_name: 'b' }] }, ['a', 'b']],
    [{ week: { benchmark_score: { top: { list: [{ name: 'a' }] } } } }, ['a']],
    [{ benchmark: 0.5, deep: { benchmark: ['a'] } }, ['a']],
    [{}, []],
    [null, []],
    ['benchmark', []],
    [[[[[[{ benchmark: ['a'] }]]]]], []],
    [{ barcode: ['a'], encoder: ['b'] }, []],
  ])('%j', (board, places) => {
    expect(placesOf(board, 'benchmark')).toEqual(places);
  });

  test('a name is matched without its vendor, in any case, or by its display name', () => {
    const models = known('openai/gpt-9', 'claude-9');
    expect(firstListed(['GPT-9'], models)?.id).toBe('openai/gpt-9');
    expect(firstListed(['x', 'anthropic/claude-9'], models)?.id).toBe('claude-9');
    expect(firstListed(['x', 'y'], models)).toBeNull();
    expect(firstListed([], models)).toBeNull();
  });

  test('a huge board ends', () => {
    const board = { a: Array.from({ length: 100_000 }, () => ({ b: [1] })) };
    expect(placesOf(board, 'coding')).toEqual([]);
  });
});
