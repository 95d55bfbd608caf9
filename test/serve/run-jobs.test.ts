/** Jobs and `alltoken run`: one outlives the proxy that it was ordered through, and is the same call whoever finishes it. */
import { expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
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

test('a job of the sandbox of run ends with it, and says so before', async () => {
  const inside: FakeWorld[] = [];
  const world: FakeWorld = fakeDeps({
    runProgram: async (_command, variables) => {
      const all = Object.entries(variables).filter(([, value]) => value !== undefined);
      const env = { ...Object.fromEntries(all), ALLTOKEN_HOME: world.home };
      const argvs = [
        ['video', '--async', '-o', 'a.mp4', 'A boat'],
        ['tasks', '--json'],
      ];
      for (const argv of argvs) {
        const inner = fakeDeps({ env });
        inside.push(inner);
        expect(await inner.run(...argv), inner.err()).toBe(0);
      }
      const [first] = records(world);
      const resuming = fakeDeps({ env });
      const argv = ['tasks', 'resume', String(first?.task_id), '--wait', '0'];
      expect(await resuming.run(...argv), resuming.err()).toBe(45);
      return { kind: 'ended', code: 0, signal: null };
    },
  });
  expect(await world.run('run', '-g', 'sandbox', '--', 'program'), world.err()).toBe(0);
  expect(inside[0]?.err()).toContain(
    ' submitted; this sandbox ends with alltoken run, and the task with it\n',
  );
  expect(inside[1]?.json()).toMatchObject({ tasks: [{ state: 'submitted' }] });
  const [open] = records(world);
  const id = String(open?.task_id);
  const env = { ALLTOKEN_HOME: world.home };
  for (const [argv, exit] of [
    [['tasks', 'resume', id], 43],
    [['tasks', 'cancel', id], 43],
  ] as const) {
    const later = fakeDeps({ env });
    const deps = { ...later.deps, processMark: () => null };
    expect(await run([...argv], deps), later.err()).toBe(exit);
    expect(later.err()).toContain('sandbox_ended');
  }
});

test('a job of the sandbox of run that is stopped names no resume', async () => {
  const world: FakeWorld = fakeDeps({
    runProgram: async (_command, variables) => {
      const all = Object.entries(variables).filter(([, value]) => value !== undefined);
      const inner = fakeDeps({ env: { ...Object.fromEntries(all), ALLTOKEN_HOME: world.home } });
      expect(await inner.run('video', '--wait', '0', 'A boat'), inner.err()).toBe(45);
      expect(inner.err()).not.toContain('tasks resume');
      expect(inner.err()).toContain('the sandbox ends with alltoken run, and the job with it');
      return { kind: 'ended', code: 0, signal: null };
    },
  });
  expect(await world.run('run', '-g', 'sandbox', '--', 'program'), world.err()).toBe(0);
});
