import { describe, expect, test } from 'vitest';
import { imageEventSchema, tasksEventSchema } from '../../../src/schemas/media.ts';
import { events } from '../../helpers/ask.ts';
import { document, draw, laterWorld, runIn } from '../../helpers/image.ts';
import type { Script } from '../../helpers/image-gateway.ts';
import {
  completed,
  created,
  dropped,
  errorReply,
  inline,
  picture,
  processing,
  sha256,
  state,
  taskId,
  usage,
} from '../../helpers/image-replies.ts';

const endings: [string, Script, string[], number][] = [
  ['success', {}, [], 0],
  ['--async', {}, ['--async'], 0],
  ['a refusal', { create: errorReply(402, 'insufficient_balance') }, [], 22],
  ['a lost reply', { create: dropped }, [], 46],
  ['a failed task', { poll: state('failed', { error: { code: 'x', message: 'y' } }) }, [], 44],
  ['the end of the wait', { poll: state('queued') }, ['--wait', '3'], 45],
  ['a result that is gone', { poll: errorReply(410, 'image_already_retrieved') }, [], 42],
  ['a result that is none', { poll: completed({ b64_json: 'no' }) }, [], 41],
  ['a part of the result', { poll: completed(inline(picture()), { b64_json: 'no' }) }, [], 40],
  ['a mistake in a flag', {}, ['--size', 'x'], 2],
];

describe('image --json', () => {
  test('is one document with all that is known', async () => {
    const { world } = await draw({}, ['--json', '-o', 'cat.png', 'A cat']);
    expect(world.out().match(/\n/g)).toHaveLength(1);
    expect(document(world)).toEqual({
      schema: 'alltoken.image.v1',
      command: 'image',
      ok: true,
      exit: 0,
      gateway: 'alltoken',
      model: 'gpt-image-2',
      requested_model: 'gpt-image-2',
      task_id: taskId,
      job_id: expect.stringMatching(/^job_[0-9a-f]{12}$/),
      request_id: 'req-create',
      status: 'succeeded',
      files: [
        {
          path: `${world.home}/cat.png`,
          bytes: 4000,
          mime: 'image/png',
          sha256: sha256(picture()),
        },
      ],
      urls: [],
      usage,
      cost: { amount: null, currency: 'USD', source: 'unknown' },
      rate_limit: null,
      timing: { total_ms: expect.any(Number) },
      attempts: 1,
      warnings: [],
    });
  });

  test.each(endings)('keeps to the schema: %s', async (_name, script, argv, exit) => {
    const { code, world } = await draw(script, ['--json', ...argv, 'A cat']);
    expect(code, world.err()).toBe(exit);
    expect(world.out().match(/\n/g)).toHaveLength(1);
    expect(document(world)).toMatchObject({ ok: exit === 0 });
  });

  test('tells the warnings', async () => {
    const { world } = await draw({ poll: [state('odd'), completed(inline(picture()))] }, [
      '--json',
      'A',
    ]);
    expect(document(world)).toMatchObject({ warnings: [expect.stringContaining('odd')] });
  });

  test('with -q has nothing beside it', async () => {
    const { world } = await draw({}, ['--json', '-q', 'A cat']);
    expect(document(world).ok).toBe(true);
    expect(world.err()).toBe('');
  });

  test('without a journal names no job', async () => {
    const { world } = await draw({}, ['--json', '--no-journal', 'A cat']);
    expect(document(world)).toMatchObject({ ok: true, job_id: null, task_id: taskId });
  });
});

describe('image --jsonl', () => {
  test.each(endings)('keeps to the schema, line by line: %s', async (_name, script, argv, exit) => {
    const { code, world } = await draw(script, ['--jsonl', ...argv, 'A cat']);
    expect(code, world.err()).toBe(exit);
    const lines = events(world);
    for (const line of lines)
      expect(imageEventSchema.safeParse(line).error, JSON.stringify(line)).toBeUndefined();
    expect(lines.at(-1)).toMatchObject({ type: exit === 0 ? 'result' : 'error' });
    const ends = lines.filter(({ type }) => type === 'result' || type === 'error');
    expect(ends).toHaveLength(1);
  });

  test('begins with the model and tells each state', async () => {
    const poll = [state('queued'), processing(), processing(), completed(inline(picture()))];
    const { world } = await draw({ poll }, ['--jsonl', 'A cat']);
    const lines = events(world);
    expect(lines[0]).toEqual({
      type: 'start',
      command: 'image',
      gateway: 'alltoken',
      model: 'gpt-image-2',
    });
    const states = lines.filter(({ type }) => type === 'status').map(({ status }) => status);
    expect(states).toEqual(['submitted', 'queued', 'running', 'succeeded']);
    expect(lines.slice(-3).map(({ type }) => type)).toEqual(['usage', 'cost', 'result']);
  });

  test('tells retries', async () => {
    const create = [errorReply(503, 'all_providers_failed'), created()];
    const { world } = await draw({ create }, ['--jsonl', 'A cat']);
    expect(events(world)).toContainEqual({
      type: 'retry',
      attempt: 2,
      wait_ms: expect.any(Number),
      model: 'gpt-image-2',
      reason: expect.stringContaining('all_providers_failed'),
    });
  });

  test('of tasks resume keeps to its schema too', async () => {
    const before = await draw({}, ['--async', 'A cat']);
    const world = laterWorld(before.world, before.gateway);
    await runIn(world, 'tasks', 'resume', taskId, '--jsonl');
    for (const line of events(world))
      expect(tasksEventSchema.safeParse(line).error, JSON.stringify(line)).toBeUndefined();
    expect(events(world).at(-1)).toMatchObject({ type: 'result', files: [{ bytes: 4000 }] });
  });
});
