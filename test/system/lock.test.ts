import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findHolder, takeLock } from '../../src/system/lock.ts';
import { delayed, isHeld, name, processes } from '../helpers/locks.ts';
import { systemError } from '../helpers/video-world.ts';

describe('a lock', () => {
  test('is given to one, and to the next when it is released', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' });
    const first = await takeLock(home, name, as(1));
    expect(await takeLock(home, name, as(2))).toEqual({ heldBy: 1 });
    expect(await findHolder(home, name, null, as(2))).toBe(1);
    if (!isHeld(first)) await first.release();
    expect(await findHolder(home, name, null, as(2))).toBeNull();
    expect(isHeld(await takeLock(home, name, as(2)))).toBe(false);
  });

  test('is given once within one process, too', async () => {
    const { home, as } = processes({ 1: 'a' });
    const deps = delayed(as(1), 1);
    const asked = [1, 2, 3].map(() => takeLock(home, name, deps));
    const [first, ...others] = (await Promise.all(asked)).sort((a) => (isHeld(a) ? 1 : -1));
    expect(others).toEqual([{ heldBy: 1 }, { heldBy: 1 }]);
    if (first !== undefined && !isHeld(first)) await first.release();
    expect(isHeld(await takeLock(home, name, deps))).toBe(false);
  });

  test('of one job says nothing about another', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' });
    await takeLock(home, name, as(1));
    expect(isHeld(await takeLock(home, 'job_0123456789ac', as(2)))).toBe(false);
  });

  test('of a process that died is cleared away', async () => {
    const marks: Record<number, string> = { 1: 'a', 2: 'b' };
    const { home, as } = processes(marks);
    await takeLock(home, name, as(1));
    delete marks[1];
    expect(isHeld(await takeLock(home, name, as(2)))).toBe(false);
    expect(readdirSync(home)).toEqual([`${name}.lock-2-b`]);
  });

  test('of a number that another process has by now is cleared away', async () => {
    const marks: Record<number, string> = { 1: 'a', 2: 'b' };
    const { home, as } = processes(marks);
    await takeLock(home, name, as(1));
    marks[1] = 'later';
    expect(isHeld(await takeLock(home, name, as(2)))).toBe(false);
  });

  test('of an earlier life of this very number is no hindrance', async () => {
    const { home, as } = processes({ 2: 'b' });
    writeFileSync(join(home, `${name}.lock-2-before`), '');
    expect(isHeld(await takeLock(home, name, as(2)))).toBe(false);
    expect(readdirSync(home)).toEqual([`${name}.lock-2-b`]);
  });

  test('is no other file of the job', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' });
    for (const ending of ['.json', '.body', '.lock-', '.lock-x-a', '.lock-1-a.bak'])
      writeFileSync(join(home, name + ending), '');
    expect(isHeld(await takeLock(home, name, as(2)))).toBe(false);
    expect(readdirSync(home)).toHaveLength(6);
  });

  test('is never given to two that ask at once, however they interleave', async () => {
    for (let round = 0; round < 200; round += 1) {
      const { home, as } = processes({ 1: 'a', 2: 'b', 3: 'c' });
      const taken = await Promise.all(
        [1, 2, 3].map((id) => takeLock(home, name, delayed(as(id), round * id))),
      );
      const locks = taken.filter((one) => !isHeld(one));
      expect(locks.length).toBeLessThanOrEqual(1);
      expect(readdirSync(home)).toHaveLength(locks.length);
    }
  });

  test('is given to one of two whose pauses differ', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' });
    const slow = as(1);
    const clock = {
      ...slow.clock,
      sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
    };
    const taken = await Promise.all([
      takeLock(home, name, delayed({ ...slow, clock }, 0)),
      takeLock(home, name, delayed(as(2), 0)),
    ]);
    expect(taken.filter((one) => !isHeld(one))).toHaveLength(1);
  });

  test('cannot be had where no file can be made', async () => {
    const { home, as } = processes({ 1: 'a' });
    const deps = as(1);
    const files = { ...deps.files, openToWrite: async () => Promise.reject(systemError('EROFS')) };
    await expect(takeLock(home, name, { ...deps, files })).rejects.toMatchObject({ code: 'EROFS' });
  });

  test('is not waited for after a stop', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' });
    await takeLock(home, name, as(1));
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(takeLock(home, name, { ...as(2), signal })).rejects.toThrow('stop');
    expect(readdirSync(home)).toEqual([`${name}.lock-1-a`]);
  });
});
