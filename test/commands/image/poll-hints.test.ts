import { describe, expect, test } from 'vitest';
import { draw, drawAt, expectOneFile, imageWorld, runIn } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  created,
  inline,
  json,
  picture,
  state,
  taskId,
} from '../../helpers/image-replies.ts';

const done = completed(inline(picture()));

/** What was slept between two polls of which the first says so. */
async function pauseAfter(
  more: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const body = { id: taskId, status: 'processing', ...more };
  const { code, world } = await draw({ poll: [json(200, body, headers), done] });
  expect(code, world.err()).toBe(0);
  expectOneFile(world);
  expect(world.sleeps).toHaveLength(2);
  return world.sleeps[1];
}

describe('between two polls image waits', () => {
  test('two seconds, before the first as well', async () => {
    const { world } = await draw({ poll: [state('queued'), state('processing'), done] });
    expect(world.sleeps).toEqual([2000, 2000, 2000]);
  });

  const hints: [unknown, number][] = [
    [700, 700],
    [5000, 5000],
    [1, 500],
    [0.0001, 500],
    [30_000, 30_000],
    [30_001, 30_000],
    [86_400_000, 30_000],
    [1e300, 30_000],
    [0, 2000],
    [-5000, 2000],
    ['5000', 2000],
    ['soon', 2000],
    [null, 2000],
    [true, 2000],
    [{}, 2000],
    [[9000], 2000],
  ];
  test.each(hints)('next_poll_after_ms %j: %d ms', async (hint, expected) => {
    expect(await pauseAfter({ next_poll_after_ms: hint })).toBe(expected);
  });

  test.each(['1e999', '-1e999', 'NaN'])(
    'next_poll_after_ms %s never more nor less',
    async (text) => {
      const gateway = await startImageGateway();
      gateway.script.poll = [
        (response) =>
          void response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(`{"id":"x","status":"processing","next_poll_after_ms":${text}}`),
        done,
      ];
      const { code, world } = await drawAt(gateway);
      expect(code, world.err()).toBe(0);
      expect(world.sleeps[1]).toBeGreaterThanOrEqual(500);
      expect(world.sleeps[1]).toBeLessThanOrEqual(30_000);
    },
  );

  const retryAfter: [string, number][] = [
    ['4', 4000],
    ['0', 500],
    ['0.7', 700],
    ['99999999', 30_000],
    ['99999999999999999999999', 30_000],
    ['-3', 2000],
    ['soon', 2000],
    ['', 2000],
    ['Sun, 22 Nov 2026 12:00:12 GMT', 10_000],
    ['Sun, 22 Nov 2020 12:00:12 GMT', 500],
  ];
  test.each(retryAfter)('Retry-After %j: %d ms', async (value, expected) => {
    expect(await pauseAfter({}, { 'retry-after': value })).toBe(expected);
  });

  test('what the body says before what the header says', async () => {
    expect(await pauseAfter({ next_poll_after_ms: 3000 }, { 'retry-after': '9' })).toBe(3000);
  });

  test('and the header where the body says nonsense', async () => {
    expect(await pauseAfter({ next_poll_after_ms: 'x' }, { 'retry-after': '9' })).toBe(9000);
  });
});

describe('the id of the task', () => {
  test('is on stderr, with the line that comes back, before the first question', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    let seen = '';
    gateway.script.poll = (response, request, count) => {
      seen = world.err();
      return done(response, request, count);
    };
    await runIn(world, 'image', 'A cat');
    expect(seen).toContain(`alltoken tasks resume ${taskId}`);
    expect(seen).toContain(taskId);
  });

  test('is in the journal before that', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    const seen: string[] = [];
    const { files, stderr } = world.deps;
    const { replace } = files;
    const { write } = stderr;
    files.replace = async (path, text) => {
      seen.push(`journal:${String(JSON.parse(text).task_id)}`);
      return replace(path, text);
    };
    stderr.write = async (data) => {
      if (String(data).includes('submitted')) seen.push('stderr');
      return write(data);
    };
    await runIn(world, 'image', 'A cat');
    expect(seen.indexOf('stderr')).toBeGreaterThan(seen.indexOf(`journal:${taskId}`));
    expect(seen[0]).toBe('journal:null');
  });

  test('goes into the path of the poll as it is', async () => {
    const { gateway } = await draw({ create: created('igen_A-b_9') });
    expect(gateway.to('poll')[0]?.path).toBe('/v1/images/generations/igen_A-b_9');
  });
});
