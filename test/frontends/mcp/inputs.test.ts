import { describe, expect, test } from 'vitest';
import { call, dataOf, openHost, textsOf } from '../../helpers/mcp.ts';

describe('the input of a tool', () => {
  test.each([
    ['alltoken_chat', { prompt: '-' }],
    ['alltoken_search', { query: '-' }],
    ['alltoken_image', { prompt: '-', size: '256x256' }],
    ['alltoken_video_submit', { prompt: '-' }],
    ['alltoken_chat', { prompt: 'Hi', fallback: [] }],
    ['alltoken_chat', { prompt: 'Hi', files: [], tags: [] }],
    ['alltoken_video_submit', { prompt: 'A boat', duration: -1 }],
  ])('%s %j is taken', async (name, input) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, name, input);
    expect(result.isError, textsOf(result)[0]).toBeUndefined();
    expect(dataOf(result).ok).toBe(true);
  });

  test.each([
    ['alltoken_chat', {}, 'prompt: expected a string, found nothing'],
    ['alltoken_chat', { prompt: 'Hi', max_cost: '1 USD' }, 'max_cost: expected an amount'],
    ['alltoken_chat', { prompt: 'Hi', fallback: ['a,b'] }, 'fallback.0: expected a model id'],
    ['alltoken_video_submit', { prompt: 'Hi', duration: 0 }, 'duration: expected'],
    ['alltoken_models', { wibble: 1, wobble: 2 }, 'there is no field wibble, wobble'],
  ])('%s %j is refused', async (name, input, words) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, name, input);
    expect(result.isError).toBe(true);
    const [text = ''] = textsOf(result);
    expect(text.startsWith(`usage (exit 2): ${words}`), text).toBe(true);
    expect(text).toContain('Nothing was bought.');
    expect(text).not.toContain('must match');
    expect(dataOf(result)).toMatchObject({ ok: false, error: { name: 'usage', exit: 2 } });
    expect(host.world.ledger()).toEqual([]);
  });

  test('is shown strict, with its limits', async () => {
    const { client } = await openHost(['-g', 'sandbox', '-o', 'out']);
    const { tools } = await client.listTools();
    const shown = (name: string) => tools.find((tool) => tool.name === name)?.inputSchema;
    expect(shown('alltoken_image')?.properties?.count).toMatchObject({ minimum: 1, maximum: 10 });
    expect(JSON.stringify(shown('alltoken_video_submit')?.properties?.duration)).toContain(
      '"const":-1',
    );
  });
});

describe('what a host is told to do', () => {
  test.each([
    ['alltoken_chat', { prompt: '  ' }, 'usage'],
    ['alltoken_chat', { prompt: 'Hi', model: 'gpt-5.4', max_cost: '0.0001' }, 'budget'],
    ['alltoken_image', { prompt: 'Hi', out: 'there.png' }, 'local_io'],
    ['alltoken_models', { id: 'gpt-5.4-mini', limit: 3 }, 'usage'],
    ['alltoken_search', { query: 'Hi', model: 'gpt-5.4-nano' }, ''],
    ['alltoken_cost', { model: 'gpt-5.4-mini', prompt_tokens: 1 }, 'usage'],
    ['alltoken_cost', {}, ''],
    ['alltoken_image_fetch', { task_id: '--all' }, 'not_found'],
  ])('%s %j: in words of its tools', async (name, input, failure) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    host.world.write('out/there.png', 'a file');
    const [text = ''] = textsOf(await call(host, name, input));
    if (failure !== '') expect(text).toMatch(new RegExp(`^${failure} \\(`));
    const advice = text.startsWith('{') ? '' : text.split('\n').slice(1).join('\n');
    expect(advice).not.toMatch(/alltoken (?!config)|--\w|-o\b/);
  });

  test.each([
    ['alltoken_chat', { prompt: 'Hi', files: ['no.txt'] }, 'files no.txt: no such file'],
    ['alltoken_chat', { prompt: 'Hi', model: ' ' }, 'model: the model is empty'],
    [
      'alltoken_chat',
      { prompt: 'Hi', tags: ['a b'] },
      "tags: 'a b' is not valid; expected letters",
    ],
    ['alltoken_image', { prompt: 'Hi', mask: 'no.png' }, 'mask goes with image'],
  ])('%s %j: by the names of its fields', async (name, input, words) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const [text = ''] = textsOf(await call(host, name, input));
    expect(text.startsWith(`usage (exit 2): ${words}`), text).toBe(true);
  });

  test('after a full name, to choose another', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    host.world.write('out/there.png', 'a file');
    const result = await call(host, 'alltoken_image', { prompt: 'Hi', out: 'there.png' });
    expect(textsOf(result)[0]).toContain('call again and choose another name with out');
  });

  test('after too low a limit, to stop, and what the user can decide', async () => {
    const host = await openHost(['-g', 'sandbox', '--max-cost', '0.002']);
    const result = await call(host, 'alltoken_chat', { prompt: 'Hi', model: 'gpt-5.4' });
    expect(textsOf(result)[0]).toMatch(
      /Stop here and tell the user: .*\nWhen they .* max_tokens \d+/,
    );
  });
});
