import { describe, expect, test } from 'vitest';
import { chatDocumentSchema, chatEventSchema } from '../../../src/schemas/chat.ts';
import { events, lostReply, stream, whole, worldAt } from '../../helpers/ask.ts';
import { search } from '../../helpers/search.ts';
import { chunk, goodStream, startServer } from '../../helpers/server.ts';

const cannot = stream(goodStream('I cannot search the web. From memory: 42.'));

describe('search --json', () => {
  test('is one document of its own schema', async () => {
    const { code, world } = await search(['--json', 'News?']);
    expect(code).toBe(0);
    expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
    expect(world.json()).toMatchObject({
      schema: 'alltoken.search.v1',
      ok: true,
      command: 'search',
      requested_model: 'deepseek-v4-pro',
      text: 'Hello wörld',
      session: null,
      searched: 'unknown',
      cost: { amount: '0.0000188000', source: 'gateway' },
    });
  });

  test('tells a failure the same way', async () => {
    const { code, world } = await search(['--json', 'News?'], lostReply);
    expect(code).toBe(46);
    expect(chatDocumentSchema.safeParse(world.json()).error).toBeUndefined();
    expect(world.json()).toMatchObject({ schema: 'alltoken.search.v1', searched: null, exit: 46 });
  });

  test('has its schema printed by alltoken schema search', async () => {
    const { world } = await search(['News?']);
    const before = world.out().length;
    expect(await world.run('schema', 'search')).toBe(0);
    expect(JSON.parse(world.out().slice(before))).toMatchObject({
      $id: expect.stringContaining('alltoken.search.v1'),
    });
  });

  test('--jsonl is an event a line, the last one the result', async () => {
    const { world } = await search(['--jsonl', 'News?'], cannot);
    const lines = events(world);
    for (const line of lines) expect(chatEventSchema.safeParse(line).error).toBeUndefined();
    expect(lines[0]).toMatchObject({ type: 'start', command: 'search', model: 'deepseek-v4-pro' });
    expect(lines.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['delta', 'warning', 'usage', 'cost']),
    );
    expect(lines.at(-1)).toMatchObject({ type: 'result', ok: true, searched: 'unlikely' });
  });

  test('--no-stream gets it in one piece', async () => {
    const message = { role: 'assistant', content: 'In one piece.' };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const body = JSON.stringify({ id: 'c', model: 'deepseek-v4-pro', choices });
    const reply = whole(200, 'application/json', body);
    const { code, world, server } = await search(['--no-stream', '--json', 'News?'], reply);
    expect(code).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({ stream: false, enable_search: true });
    expect(world.json()).toMatchObject({ text: 'In one piece.', searched: 'unknown' });
  });
});

describe('an answer that says that no search was done', () => {
  test('is warned about, and searched is unlikely', async () => {
    const { code, world } = await search(['News?'], cannot);
    expect(code).toBe(0);
    expect(world.out()).toBe('I cannot search the web. From memory: 42.\n');
    expect(world.err()).toMatch(/^warning: the answer itself says that no web search was done$/m);
    const document = (await search(['--json', 'News?'], cannot)).world.json();
    expect(document).toMatchObject({
      searched: 'unlikely',
      warnings: ['the answer itself says that no web search was done'],
    });
  });

  test('is so however it is cut into pieces', async () => {
    const pieces = Array.from('I cannot search the web.', (content) => chunk({ content }));
    const reply = stream(...pieces, chunk({}, 'stop'), 'data: [DONE]\n\n');
    const { world } = await search(['--json', 'News?'], reply);
    expect(world.json().searched).toBe('unlikely');
  });

  test('is the same with chat --search, and nothing without', async () => {
    const server = await startServer(cannot);
    const asking = worldAt(server);
    expect(await asking.run('chat', '--search', '--json', 'News?')).toBe(0);
    expect(asking.json()).toMatchObject({ command: 'chat', searched: 'unlikely' });
    const plain = worldAt(server);
    expect(await plain.run('chat', '--json', 'News?')).toBe(0);
    expect(plain.json()).toMatchObject({ searched: null, warnings: [] });
  });
});
