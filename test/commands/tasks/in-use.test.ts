import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completed, film, taskId } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  failureOf,
  filesIn,
  journalOf,
  laterProcess,
  recordOf,
  systemError,
  untilAsked,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();
/** The first process of each test, while it runs. */
const running = { 4711: 'this' };

/** A process that waits for its task until `letGo` is called. */
async function waiting(): Promise<
  Awaited<ReturnType<typeof withGateway>> & { run: Promise<number>; letGo(): void }
> {
  let letGo = (): void => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const made = await withGateway({
    poll: async (response, request, count) => {
      await open;
      return completed()(response, request, count);
    },
  });
  const run = made.world.video('A boat', '-o', 'a.mp4');
  await untilAsked(made.gateway, 'poll');
  return { ...made, run, letGo };
}

function locksOf(world: VideoWorld): string[] {
  return readdirSync(join(world.home, 'tasks')).filter((name) => name.includes('.lock-'));
}

describe('a task that another process works on', () => {
  test('is not taken from it, and its number is told', async () => {
    const { gateway, world, run, letGo } = await waiting();
    const other = laterProcess(world, gateway, { running });
    expect(await other.tasks('resume', id, '--json')).toBe(45);
    expect(errorOf(other)).toMatchObject({ code: 'in_use', billed: 'unknown', task_id: id });
    expect(failureOf(other).line).toContain('4711');
    expect(gateway.to('poll')).toHaveLength(1);
    letGo();
    expect(await run, world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(locksOf(world)).toEqual([]);
  });

  test('is listed and shown as such', async () => {
    const { gateway, world, run, letGo } = await waiting();
    const other = laterProcess(world, gateway, { running });
    expect(await other.tasks('list', '--local', '--json')).toBe(0);
    expect(other.json()).toMatchObject({ tasks: [{ task_id: id, in_use: true }] });
    const seen = laterProcess(world, gateway, { running, stdoutIsTerminal: true });
    expect(await seen.tasks('list', '--local')).toBe(0);
    expect(seen.out()).toContain('(in use)');
    letGo();
    await run;
  });

  test('is neither forgotten nor resumed with the others', async () => {
    const { gateway, world, run, letGo } = await waiting();
    const other = laterProcess(world, gateway, { running });
    expect(await other.tasks('forget', id, '--force')).toBe(45);
    const all = laterProcess(world, gateway, { running, processId: 4713 });
    expect(await all.tasks('resume', '--all')).toBe(45);
    expect(journalOf(world)).toHaveLength(1);
    letGo();
    expect(await run).toBe(0);
  });

  test('is cancelled on the gateway, and the other process sees it by itself', async () => {
    const { gateway, world, run, letGo } = await waiting();
    const other = laterProcess(world, gateway, { running });
    expect(await other.tasks('cancel', id), other.err()).toBe(0);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
    letGo();
    expect(await run).toBe(0);
  });

  test('is free again when that process has died', async () => {
    const { gateway, world } = await waiting();
    const later = laterProcess(world, gateway);
    const done = later.tasks('resume', id);
    await untilAsked(gateway, 'poll', 2);
    expect(locksOf(world)).toEqual([expect.stringContaining('-4712-')]);
    later.signal('SIGTERM');
    expect(await done).toBe(143);
  });

  test('is free when the number belongs to another process by now', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const lock = join(world.home, 'tasks', `${recordOf(world).id}.lock-900-before`);
    writeFileSync(lock, '');
    const busy = laterProcess(world, gateway, { running: { 900: 'before' } });
    expect(await busy.tasks('resume', id)).toBe(45);
    const later = laterProcess(world, gateway, { running: { 900: 'after' }, processId: 4713 });
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(locksOf(world)).toEqual([]);
  });
});

describe('two processes that begin at once', () => {
  test('bring one film between them, in every order', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { gateway, world } = await withGateway();
      await world.video('A boat', '--async', '-o', 'a.mp4');
      const both = { 4801: 'mark4801', 4802: 'mark4802' };
      const [one, two] = [4801, 4802].map((processId) =>
        laterProcess(world, gateway, { processId, running: both }),
      ) as [VideoWorld, VideoWorld];
      const codes = await Promise.all([one.tasks('resume', id), two.tasks('resume', id)]);
      expect(
        codes.every((code) => code === 0 || code === 45),
        one.err() + two.err(),
      ).toBe(true);
      expect(gateway.to('file').length).toBeLessThanOrEqual(1);
      const last = laterProcess(world, gateway, { processId: 4803 });
      expect(await last.tasks('resume', id), last.err()).toBe(0);
      expect(filesIn(world)).toEqual(['a.mp4']);
      expect(locksOf(world)).toEqual([]);
    }
  });
});

describe('tasks resume, where the journal cannot be written,', () => {
  test.each(['EROFS', 'EACCES', 'ENOSPC'])('ends with 50 and touches nothing: %s', async (code) => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const later = laterProcess(world, gateway, {
      files: { openToWrite: async () => Promise.reject(systemError(code)) },
    });
    expect(await later.tasks('resume', id, '--json'), later.err()).toBe(50);
    expect(errorOf(later)).toMatchObject({ name: 'local_io', code });
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });
});
