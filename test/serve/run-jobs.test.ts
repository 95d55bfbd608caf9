/** Jobs and `alltoken run`: one outlives the proxy that it was ordered through, and is the same call whoever finishes it. */
import { expect, test } from 'vitest';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { draw, expectOneFile, imageWorld, laterWorld, records, resume } from '../helpers/image.ts';
import { type ImageGateway, startImageGateway } from '../helpers/image-gateway.ts';
import { completed, inline, picture, taskId } from '../helpers/image-replies.ts';

const goods = { poll: completed(inline(picture())) };

/** `alltoken run` with a program that is one command of ours, both in this home. Returns what that one printed. */
async function runInside(
  gateway: ImageGateway,
  owner: FakeWorld,
  ...argv: string[]
): Promise<FakeWorld> {
  const inside: FakeWorld[] = [];
  const world = laterWorld(owner, gateway, {
    runProgram: async (_command, variables) => {
      const env: Record<string, string> = { ALLTOKEN_HOME: owner.home };
      for (const [name, value] of Object.entries(variables))
        if (value !== undefined) env[name] = value;
      const inner = fakeDeps({ env });
      inside.push(inner);
      return { kind: 'ended', code: await inner.run(...argv), signal: null };
    },
  });
  const code = await world.run('run', '--', 'program');
  const [inner = world] = inside;
  expect(code, inner.err()).toBe(0);
  return inner;
}

function expectOneCall(world: FakeWorld): void {
  const lines = world.ledger();
  expect(new Set(lines.map(({ call }) => call)).size).toBe(1);
  expect(lines.map(({ event, billed }) => [event, billed])).toEqual([
    ['intent', undefined],
    ['outcome', 'unknown'],
    ['outcome', 'yes'],
  ]);
}

test('a job that was ordered through a proxy is resumed when that has ended', async () => {
  const gateway = await startImageGateway(goods);
  const world = imageWorld(gateway);
  await runInside(gateway, world, 'image', '--async', 'A cat');
  expect(records(world)).toMatchObject([{ state: 'submitted', task_id: taskId }]);
  const later = await resume(world, gateway, [taskId]);
  expect(later.code, later.world.err()).toBe(0);
  expectOneFile(later.world);
  expect(later.world.err()).not.toContain('another key');
  expect(gateway.to('poll')).toHaveLength(1);
  expectOneCall(world);
});

test('a job that was ordered through a proxy is resumed through a later one', async () => {
  const gateway = await startImageGateway(goods);
  const world = imageWorld(gateway);
  await runInside(gateway, world, 'image', '--async', 'A cat');
  expectOneFile(await runInside(gateway, world, 'tasks', 'resume', taskId));
  expectOneCall(world);
});

test('a job that was ordered before is resumed through the proxy, whose token goes nowhere else', async () => {
  const { world, gateway } = await draw(goods, ['--async', 'A cat']);
  const key = gateway.to('create')[0]?.headers.authorization;
  const inner = await runInside(gateway, world, 'tasks', 'resume', taskId);
  expectOneFile(inner);
  expect(inner.err()).not.toContain('another key');
  expect(gateway.to('poll').map(({ headers }) => headers.authorization)).toEqual([key]);
  expectOneCall(world);
});
