import { describe, expect, test } from 'vitest';
import { draw, imageWorld, resume, runIn } from '../helpers/image.ts';
import { startImageGateway } from '../helpers/image-gateway.ts';
import { created, errorReply, taskId } from '../helpers/image-replies.ts';

describe('the books of image', () => {
  test('have an intent before the request, an outcome after', async () => {
    const { world } = await draw();
    const [intent, outcome, ...more] = world.ledger();
    expect(more).toEqual([]);
    expect(intent).toMatchObject({ event: 'intent', command: 'image', model: 'gpt-image-2' });
    expect(outcome).toMatchObject({
      event: 'outcome',
      call: intent?.call,
      command: 'image',
      requested_model: 'gpt-image-2',
      task_id: taskId,
      request_id: 'req-create',
      exit: 0,
      billed: 'yes',
      attempts: 1,
      usage: { input_tokens: 8, output_tokens: 272, total_tokens: 280 },
      cost: { amount: null, currency: 'USD', source: 'unknown' },
    });
  });

  test('have the intent when the request arrives', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    const seen: unknown[] = [];
    gateway.script.create = (response, request, count) => {
      seen.push(...world.ledger().map(({ event }) => event));
      return created()(response, request, count);
    };
    await runIn(world, 'image', 'A cat');
    expect(seen).toEqual(['intent']);
  });

  test('do not have the prompt', async () => {
    const { world } = await draw({}, ['a very private thing']);
    expect(JSON.stringify(world.ledger())).not.toContain('private');
  });

  test('of --async: handed over, and nobody knows yet', async () => {
    const { world } = await draw({}, ['--async', 'A cat']);
    expect(world.ledger()[1]).toMatchObject({ exit: 0, billed: 'unknown', task_id: taskId });
  });

  test('get another outcome of the same call when it is resumed', async () => {
    const before = await draw({}, ['--async', 'A cat']);
    await resume(before.world, before.gateway);
    const lines = before.world.ledger();
    expect(lines.map(({ event }) => event)).toEqual(['intent', 'outcome', 'outcome']);
    expect(new Set(lines.map(({ call }) => call)).size).toBe(1);
    expect(lines[2]).toMatchObject({ exit: 0, billed: 'yes', task_id: taskId });
  });

  test('of a result that is gone say that it was billed', async () => {
    const { world } = await draw({ poll: errorReply(410, 'image_already_retrieved') });
    expect(world.ledger()[1]).toMatchObject({ exit: 42, billed: 'yes', task_id: taskId });
  });
});
