import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { call, dataOf, type Host, missingParts, openHost, textsOf } from '../../helpers/mcp.ts';

/** A server that saves in `out` of a new home. */
async function sandbox(...flags: string[]): Promise<Host & { out: string }> {
  const world = fakeDeps();
  const out = join(world.home, 'out');
  return { ...(await openHost(['-g', 'sandbox', '-o', out, ...flags], { world })), out };
}

function expectGood(result: CallToolResult): void {
  expect(result.isError, JSON.stringify(result.content)).toBeUndefined();
  expect(missingParts(result)).toEqual([]);
  expect(dataOf(result).ok).toBe(true);
}

const untrusted = /^Untrusted: .*data/;

describe('the tools on the sandbox', () => {
  test('chat answers, marks the answer as untrusted, and keeps no conversation', async () => {
    const host = await sandbox();
    const result = await call(host, 'alltoken_chat', { prompt: 'Hello you', max_tokens: 50 });
    expectGood(result);
    expect(dataOf(result)).toMatchObject({
      command: 'chat',
      session: null,
      content_trust: 'untrusted',
      cost: { source: 'gateway' },
    });
    expect(dataOf(result).text).toContain('"Hello you"');
    expect(textsOf(result)[1]).toMatch(untrusted);
    expect(existsSync(join(host.world.home, 'sessions'))).toBe(false);
  });

  test('chat goes on with a conversation that has a name', async () => {
    const host = await sandbox();
    const input = { session: 'work', system: 'Be short' };
    await call(host, 'alltoken_chat', { prompt: 'One', ...input });
    const result = await call(host, 'alltoken_chat', { prompt: 'Two', session: 'work' });
    expect(dataOf(result).session).toBe('work');
    const [file = ''] = readdirSync(join(host.world.home, 'sessions'));
    expect(readFileSync(join(host.world.home, 'sessions', file), 'utf8')).toContain('One');
  });

  test('chat takes a prompt that looks like flags as text', async () => {
    const host = await sandbox();
    const result = await call(host, 'alltoken_chat', { prompt: '--system @/etc/passwd -f x' });
    expectGood(result);
    expect(dataOf(result).text).toContain('--system @/etc/passwd -f x');
  });

  test('search answers', async () => {
    const result = await call(await sandbox(), 'alltoken_search', { query: 'Weather' });
    expectGood(result);
    expect(dataOf(result)).toMatchObject({ command: 'search', searched: 'unlikely' });
  });

  test('image saves a file, links to it, and shows it on request', async () => {
    const host = await sandbox();
    const input = { prompt: 'A boat', size: '256x256', out: 'boat.png', inline: true };
    const result = await call(host, 'alltoken_image', input);
    expectGood(result);
    const path = join(host.out, 'boat.png');
    const link = result.content.find(({ type }) => type === 'resource_link');
    expect(link).toMatchObject({ name: 'boat.png', mimeType: 'image/png' });
    expect(fileURLToPath(String(link && 'uri' in link ? link.uri : ''))).toBe(path);
    const picture = result.content.find((block) => block.type === 'image');
    expect(Buffer.from(picture?.data ?? '', 'base64')).toEqual(readFileSync(path));
  });

  test('a picture that is not waited for is fetched later', async () => {
    const host = await sandbox();
    const first = await call(host, 'alltoken_image', { prompt: 'A boat', wait_seconds: 0 });
    expect(first.isError).toBeUndefined();
    expect(dataOf(first)).toMatchObject({ ok: false, exit: 45 });
    const { task_id } = dataOf(first);
    expect(textsOf(first)[0]).toContain(`Call alltoken_image_fetch with task_id "${task_id}"`);
    const second = await call(host, 'alltoken_image_fetch', { task_id, out: 'late.png' });
    expectGood(second);
    expect(existsSync(join(host.out, 'late.png'))).toBe(true);
    expect(second.content.map(({ type }) => type)).toEqual(['text', 'resource_link']);
  });

  test('a video is ordered, looked at and fetched', async () => {
    const host = await sandbox();
    const ordered = await call(host, 'alltoken_video_submit', { prompt: 'A boat', audio: false });
    expectGood(ordered);
    const { task_id } = dataOf(ordered);
    expect(dataOf(ordered).warnings).toEqual([]);
    const status = await call(host, 'alltoken_video_status', { task_id });
    expect(dataOf(status).tasks).toMatchObject([
      // By how long the calls take.
      { task_id, status: expect.stringMatching(/^(queued|running)$/) },
    ]);
    const early = await call(host, 'alltoken_video_fetch', { task_id, wait_seconds: 0 });
    expect(early.isError).toBeUndefined();
    expect(textsOf(early)[0]).toMatch(/^Still running: .*\n.*Call alltoken_video_fetch/);
    const fetched = await call(host, 'alltoken_video_fetch', { task_id });
    expectGood(fetched);
    expect(dataOf(fetched).files).toMatchObject([{ mime: 'video/mp4' }]);
  });

  test('models are listed up to a limit, or shown', async () => {
    const host = await sandbox();
    const list = await call(host, 'alltoken_models', { type: 'all', sort: 'input', limit: 3 });
    expectGood(list);
    expect(dataOf(list).models).toHaveLength(3);
    const most = dataOf(await call(host, 'alltoken_models', { type: 'all' }));
    expect(most.models).toHaveLength(Math.min(30, Number(most.total)));
    const one = await call(host, 'alltoken_models', { id: 'gpt-5.4-mini' });
    expect(dataOf(one).models).toMatchObject([{ id: 'gpt-5.4-mini' }]);
  });

  test('cost tells of the last call, of all calls, and of one to come', async () => {
    const host = await sandbox('--tag', 'host');
    await call(host, 'alltoken_chat', { prompt: 'Hello', tags: ['mine'] });
    const last = dataOf(await call(host, 'alltoken_cost'));
    expect(last).toMatchObject({ kind: 'last_call', call: { tags: ['host', 'mine'] } });
    const report = dataOf(await call(host, 'alltoken_cost', { by: 'tag', since: 'today' }));
    expect(report).toMatchObject({ kind: 'totals', totals: { calls: 1 } });
    const tokens = { model: 'gpt-5.4-nano', prompt_tokens: 1000, completion_tokens: 0 };
    const estimate = dataOf(await call(host, 'alltoken_cost', tokens));
    expect(estimate).toMatchObject({ kind: 'estimate', cost: { source: 'catalog' } });
  });
});
