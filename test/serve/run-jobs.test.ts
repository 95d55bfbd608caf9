/** A job that a command of ours orders under `alltoken run`: it outlives the proxy, as every paid job outlives its process. */
import { expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { expectOneFile, imageWorld, records, resume } from '../helpers/image.ts';
import { startImageGateway } from '../helpers/image-gateway.ts';
import { completed, inline, picture, taskId } from '../helpers/image-replies.ts';

test('is resumed when the proxy has ended, and stays the one call that the proxy has booked', async () => {
  const gateway = await startImageGateway({ poll: completed(inline(picture())) });
  let address: string | undefined;
  const world = imageWorld(gateway, {
    runProgram: async (_command, variables) => {
      const env: Record<string, string> = { ALLTOKEN_HOME: world.home };
      for (const [name, value] of Object.entries(variables))
        if (value !== undefined) env[name] = value;
      const inner = fakeDeps({ env });
      expect(await inner.run('image', '--async', 'A cat'), inner.err()).toBe(0);
      address = env.ALLTOKEN_RUN;
      return { kind: 'ended', code: 0, signal: null };
    },
  });
  expect(await world.run('run', '--', 'program'), world.err()).toBe(0);
  expect(records(world)).toMatchObject([{ state: 'submitted', task_id: taskId }]);
  const later = await resume(world, gateway, [taskId]);
  expect(later.code, later.world.err()).toBe(0);
  expectOneFile(later.world);
  expect(later.world.err()).not.toContain(address);
  expect(later.world.err()).not.toContain('another key');
  expect(gateway.to('poll')).toHaveLength(1);
  const lines = world.ledger();
  expect(new Set(lines.map(({ call }) => call)).size).toBe(1);
  expect(lines.map(({ event, billed }) => [event, billed])).toEqual([
    ['intent', undefined],
    ['outcome', 'unknown'],
    ['outcome', 'yes'],
  ]);
});
