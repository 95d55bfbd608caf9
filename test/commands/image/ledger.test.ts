import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draw, drawAt, expectOneFile, imageWorld, resume, runIn } from '../../helpers/image.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  created,
  errorReply,
  inline,
  picture,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

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

  test('get no other outcome when a picture is fetched again, a month later', async () => {
    const gateway = await startImageGateway();
    gateway.script.poll = [
      completed(stored(gateway.fileUrl('a.png'))),
      completed(stored(gateway.fileUrl('a.png'))),
    ];
    const before = await drawAt(gateway, ['-o', 'a.png', 'A cat']);
    expect(before.code, before.world.err()).toBe(0);
    const lines = before.world.ledger();
    unlinkSync(join(before.world.home, 'a.png'));
    const now = (): number => Date.parse('2026-12-01T12:00:00Z');
    const { code, world } = await resume(before.world, gateway, [taskId], { now });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    expect(before.world.ledger()).toEqual(lines);
  });

  describe('that take no outcome', () => {
    const words = /^warning: the ledger in .*\(ENOSPC\); the outcome of this call is not in it$/gm;
    const whenFull = (isFull: () => boolean) => ({
      files: failingFiles('ENOSPC', ({ name }) => isFull() && name === 'appendLine'),
    });

    test.each([
      ['a whole image', completed(inline(picture())), 0],
      ['a result that is gone', errorReply(410, 'image_already_retrieved'), 42],
    ])('say so: %s', async (_what, reply, exit) => {
      const gateway = await startImageGateway();
      let isFull = false;
      gateway.script.poll = (...all) => {
        isFull = true;
        return reply(...all);
      };
      const options = whenFull(() => isFull);
      const { code, world } = await drawAt(gateway, ['A cat'], options);
      expect(code, world.err()).toBe(exit);
      expect(world.err().match(words)).toHaveLength(1);
      expect(world.ledger()).toMatchObject([{ event: 'intent' }]);
    });

    test.each([
      ['a whole image', completed(inline(picture())), 0],
      ['a result that is gone', errorReply(410, 'image_already_retrieved'), 42],
    ])('say so when it is resumed: %s', async (_what, reply, exit) => {
      const before = await draw({}, ['--async', 'A cat']);
      before.gateway.script = { poll: reply };
      const { code, world } = await resume(
        before.world,
        before.gateway,
        ['--all'],
        whenFull(() => true),
      );
      expect(code, world.err()).toBe(exit);
      expect(world.err().match(words)).toHaveLength(1);
      expect(before.world.ledger()).toHaveLength(2);
    });

    test('say it once where they take no intent either', async () => {
      const { code, world } = await draw(
        {},
        ['A cat'],
        whenFull(() => true),
      );
      expect(code, world.err()).toBe(0);
      expect(world.err().match(/^warning: the ledger in /gm)).toHaveLength(1);
    });
  });

  test('have in both lines that a budget knew no bound, and nothing of it without one', async () => {
    const home = { 'config.json': { budget: { day: '1' } } };
    const under = await draw({}, ['A cat'], { home });
    expect(under.world.ledger()).toMatchObject([{ bound: null }, { bound: null }]);
    const free = await draw();
    for (const line of free.world.ledger()) expect(line).not.toHaveProperty('bound');
  });

  test('of a result that is gone say that it was billed', async () => {
    const { world } = await draw({ poll: errorReply(410, 'image_already_retrieved') });
    expect(world.ledger()[1]).toMatchObject({ exit: 42, billed: 'yes', task_id: taskId });
  });
});
