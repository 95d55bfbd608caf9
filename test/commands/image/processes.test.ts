import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  type Drawn,
  document,
  draw,
  expectOneFile,
  imageWorld,
  records,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { taskId } from '../../helpers/image-replies.ts';

/** A task that is bought and not waited for, with the lock of process 99 on it. */
async function heldBy99(): Promise<Drawn> {
  const drawn = await draw({}, ['--async', '-o', 'cat.png', 'A cat']);
  const [record] = records(drawn.world);
  writeFileSync(join(drawn.world.home, 'tasks', `${record?.id}.lock-99-abc`), '');
  return drawn;
}

describe('a task that another process works on', () => {
  test('is left to it: 45 in_use, nothing asked', async () => {
    const before = await heldBy99();
    const asked = before.gateway.ofJobs().length;
    const { code, world } = await resume(before.world, before.gateway, [taskId, '--json'], {
      processes: { 99: 'abc' },
    });
    expect(code, world.err()).toBe(45);
    expect(document(world)).toMatchObject({
      ok: false,
      error: { exit: 45, code: 'in_use', task_id: taskId, message: expect.stringContaining('99') },
      tasks: [{ in_use: true, state: 'submitted' }],
    });
    expect(before.gateway.ofJobs()).toHaveLength(asked);
    expect(besideRecords(before.world)).toHaveLength(1);
  });

  test('that died is taken over', async () => {
    const before = await heldBy99();
    const later = await resume(before.world, before.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expect(expectOneFile(later.world)).toMatch(/\/cat\.png$/);
    expect(besideRecords(before.world)).toEqual([]);
  });

  test('whose number another program has now is taken over', async () => {
    const before = await heldBy99();
    const processes = { 99: 'another' };
    const later = await resume(before.world, before.gateway, [taskId], { processes });
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });

  test('with --all is reported, and the others are finished', async () => {
    const before = await heldBy99();
    const gateway = before.gateway;
    const second = imageWorld(gateway, { env: { ALLTOKEN_HOME: before.world.home } });
    Object.assign(second.deps, { uuid: () => 'ffffffff-ffff-4fff-8fff-ffffffffffff' });
    await runIn(second, 'image', '--async', '-o', 'dog.png', 'A dog');
    const later = await resume(before.world, gateway, ['--all'], { processes: { 99: 'abc' } });
    expect([40, 45]).toContain(later.code);
    expect(later.world.out()).toMatch(/\/dog\.png\n$/);
    expect(later.world.err()).toContain('99');
  });

  test('is not forgotten', async () => {
    const before = await heldBy99();
    const world = imageWorld(before.gateway, {
      env: { ALLTOKEN_HOME: before.world.home },
      processes: { 99: 'abc' },
    });
    const code = await runIn(world, 'tasks', 'forget', taskId, '--force');
    expect(code, world.err()).not.toBe(0);
    expect(records(before.world)).toHaveLength(1);
  });
});

describe('two processes that take up one task at once', () => {
  test('save it once', async () => {
    const before = await draw({}, ['--async', '-o', 'cat.png', 'A cat']);
    const processes = { 4711: 'this', 4712: 'other' };
    const worlds = [4711, 4712].map((processId) => {
      const world = imageWorld(before.gateway, {
        env: { ALLTOKEN_HOME: before.world.home },
        processes,
      });
      Object.assign(world.deps, {
        processId,
        processMark: (pid: number) => processes[pid as 4711] ?? null,
      });
      return world;
    });
    const codes = await Promise.all(worlds.map((world) => runIn(world, 'tasks', 'resume', taskId)));
    expect(codes.toSorted(), worlds.map((world) => world.err()).join()).toEqual(
      codes.includes(45) ? [0, 45] : [0, 0],
    );
    expect(before.gateway.to('create')).toHaveLength(1);
    expect(readdirSync(before.world.home).filter((name) => name.endsWith('.png'))).toEqual([
      'cat.png',
    ]);
    expect(besideRecords(before.world)).toEqual([]);
  });

  test('two purchases at once do not meet', async () => {
    const gateway = await startImageGateway();
    const first = imageWorld(gateway);
    const second = imageWorld(gateway, { env: { ALLTOKEN_HOME: first.home } });
    Object.assign(second.deps, { processId: 4712, uuid: () => crypto.randomUUID() });
    const codes = await Promise.all([
      runIn(first, 'image', '-o', join(first.home, 'a.png'), 'A'),
      runIn(second, 'image', '-o', join(first.home, 'b.png'), 'B'),
    ]);
    expect(codes, first.err() + second.err()).toEqual([0, 0]);
    expect(records(first)).toHaveLength(2);
  });
});
