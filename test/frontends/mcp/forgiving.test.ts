/** Hosts that drop bounds, quote numbers, send null, or lose an answer. */
import { describe, expect, test } from 'vitest';
import { asObject } from '../../../src/base/json.ts';
import { call, dataOf, missingParts, openHost, textsOf } from '../../helpers/mcp.ts';

const prompt = 'A boat';

describe('an input in another form', () => {
  test.each([
    ['alltoken_image', { prompt, wait_seconds: 600 }, 'wait_seconds: 600', 45],
    ['alltoken_image', { prompt, wait_seconds: -5 }, 'wait_seconds: -5', 0],
    ['alltoken_models', { limit: 5000 }, 'limit: 5000', 1000],
    ['alltoken_chat', { prompt, temperature: 9, dry_run: true }, 'temperature: 9', 2],
  ])('%s %j: is clamped, and that is said', async (name, input, words, used) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, name, input);
    expect(dataOf(result).warnings).toContain(`${words} is out of bounds; ${used} was used`);
    expect(missingParts(result)).toEqual([]);
  });

  test('null is absent, and what stands in quotes is read', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const given = { prompt, model: null, max_tokens: '20', dry_run: 'true', files: null };
    const result = await call(host, 'alltoken_chat', given);
    expect(dataOf(result)).toMatchObject({ ok: true, dry_run: true });
    expect(asObject(asObject(dataOf(result).request)?.body)).toMatchObject({ max_tokens: 20 });
  });

  test('a number for a text, and a text for a list, are read', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    for (const tags of ['one', '["one"]']) {
      const given = { prompt, max_cost: 0.05, tags, dry_run: true };
      const result = await call(host, 'alltoken_chat', given);
      expect(dataOf(result)).toMatchObject({ ok: true, dry_run: true });
    }
    const small = await call(host, 'alltoken_chat', { prompt, max_cost: 0.000001 });
    expect(dataOf(small).error).toMatchObject({ name: 'budget' });
  });

  test('a truth value in quotes counts everywhere', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, 'alltoken_image', { prompt, inline: 'true' });
    expect(result.content.map(({ type }) => type)).toContain('image');
  });

  test('null for max_cost is no limit of the call', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out', '--max-cost', '0.01']);
    const result = await call(host, 'alltoken_image', { prompt, max_cost: null });
    expect(dataOf(result).error).toMatchObject({ code: 'cost_unbounded' });
    expect(dataOf(result).advice).toContain('The limit is one of the user');
  });

  test('an id that is not there is not to be asked for again, in any part', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, 'alltoken_video_fetch', { task_id: 'vgen_nope' });
    const { name, hint, next } = asObject(dataOf(result).error) ?? {};
    expect(name).toBe('not_found');
    expect(hint).toBe('see the tasks it has: call alltoken_jobs');
    expect(next).toMatchObject([
      { do: 'run', argv: ['alltoken', 'tasks', 'list', '-g', 'sandbox'] },
    ]);
    expect(missingParts(result)).toEqual([]);
  });

  test.each([
    [{ prompt, count: 0 }],
    [{ prompt, count: -3 }],
    [{ prompt, count: '2x' }],
    [{ prompt: null }],
  ])('%j: more than was asked for is never bought', async (input) => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const result = await call(host, 'alltoken_image', input);
    expect(dataOf(result).error).toMatchObject({ name: 'usage', billed: 'no' });
    expect(host.world.ledger()).toEqual([]);
  });
});

describe('a fetch without an id', () => {
  test('takes the only unfinished job that this server ordered', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const none = await call(host, 'alltoken_video_fetch');
    expect(dataOf(none).error).toMatchObject({ code: 'no_open_job', billed: 'no' });
    expect(textsOf(none)[0]).toContain('call alltoken_jobs');
    const { task_id } = dataOf(await call(host, 'alltoken_video_submit', { prompt }));
    await call(host, 'alltoken_image', { prompt, wait_seconds: 0 });
    const fetched = await call(host, 'alltoken_video_fetch');
    expect(fetched.isError, JSON.stringify(fetched)).toBeUndefined();
    expect(dataOf(fetched).tasks).toMatchObject([{ task_id, status: 'succeeded' }]);
    const again = await call(host, 'alltoken_video_fetch');
    expect(dataOf(again).error).toMatchObject({ code: 'no_open_job' });
  });

  test('names them where there are several', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const first = dataOf(await call(host, 'alltoken_video_submit', { prompt })).task_id;
    const second = dataOf(await call(host, 'alltoken_video_submit', { prompt })).task_id;
    const result = await call(host, 'alltoken_video_fetch');
    expect(dataOf(result).error).toMatchObject({ code: 'several_jobs', billed: 'no' });
    for (const id of [first, second]) {
      expect(textsOf(result)[0]).toContain(String(id));
      expect(asObject(dataOf(result).error)?.hint).toContain(String(id));
    }
  });

  test('finds what a call ordered that the host gave up', async () => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'slow-task' };
    const host = await openHost(['-g', 'sandbox', '-o', 'out'], { env });
    const given = { name: 'alltoken_image', arguments: { prompt } };
    let ordered = (): void => {};
    const hasId = new Promise<void>((resolve) => {
      ordered = resolve;
    });
    const stop = new AbortController();
    const lost = host.client.callTool(given, {
      signal: stop.signal,
      onprogress: ({ message }) => message?.includes('igen_') && ordered(),
    });
    lost.catch(() => {});
    await hasId;
    stop.abort('the time-out of the host');
    const fetched = await call(host, 'alltoken_image_fetch');
    expect(fetched.isError, JSON.stringify(fetched)).toBeUndefined();
    expect(dataOf(fetched).files).toMatchObject([{ mime: 'image/png' }]);
    const listed = dataOf(await call(host, 'alltoken_jobs'));
    expect(listed.tasks).toMatchObject([{ kind: 'image', state: 'done' }]);
  });
});
