import { describe, expect, test } from 'vitest';
import { safeJson } from '../../src/base/safe-json.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { call, dataOf, openHost, textsOf } from '../helpers/mcp.ts';

/** As a host does that hides signatures. */
const masked = (text: string): string => text.replace(/signature=\S+/gi, 'signature=***');

describe('JSON with a signed URL in it', () => {
  test.each([
    { url: 'https://a.example/v.mp4?X-Amz-Signature=abc&x=1', more: 'y' },
    { text: 'def f(signature=None): "Signature=\\\\"', more: ['signature=', '\\signature='] },
    { 'signature=': 1 },
  ])('%j is the same value, and is so after masking', (value) => {
    expect(JSON.parse(safeJson(value))).toEqual(value);
    expect(JSON.parse(masked(safeJson(value)))).toEqual(value);
  });

  test('of a video that is not saved yet is whole: --json, and the text of a tool', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const { task_id } = dataOf(await call(host, 'alltoken_video_submit', { prompt: 'A boat' }));
    await expect
      .poll(
        async () => {
          const result = await call(host, 'alltoken_video_status', { task_id });
          const text = textsOf(result).find((one) => one.startsWith('{')) ?? '';
          return JSON.parse(masked(text)).tasks[0].urls.length;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
  });

  test.each([
    ['video', ['A boat'], 0],
    ['video', ['--urls', 'A boat'], 1],
  ] as const)('%s %j: urls', async (command, argv, urls) => {
    const world = fakeDeps();
    expect(await world.run(command, '-g', 'sandbox', '--json', ...argv)).toBe(0);
    const document = JSON.parse(masked(world.out())) as { urls: unknown[] };
    expect(document.urls).toHaveLength(urls);
    await world.run('tasks', 'list', '--local', '--json');
    expect(world.out().split('\n')[1]).not.toMatch(/signature/);
  });
});
