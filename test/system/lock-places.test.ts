import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LockDeps, takeLock } from '../../src/system/lock.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { delayed, isHeld, name, processes } from '../helpers/locks.ts';

describe('a lock of another place', () => {
  const here = 'host_boot_1';
  const hour = 3_600_000;

  /** A home with the lock of process 1 of that place, made so long ago; here runs process 2. */
  function lockedIn(space: string, age: number) {
    const { home, as } = processes({ 2: 'b' }, here);
    const file = `${name}.lock-1-a${space === '' ? '' : `-${space}`}`;
    writeFileSync(join(home, file), '');
    const now = as(2).clock.now();
    const at = (now - age) / 1000;
    utimesSync(join(home, file), at, at);
    const left = (): boolean => readdirSync(home).includes(file);
    // Nor does it get older between two looks.
    const deps = { ...as(2), clock: { ...as(2).clock, now: () => now } };
    return { take: (hold?: number) => takeIn(home, deps, hold), left, home };
  }

  async function takeIn(home: string, deps: LockDeps, elsewhereHoldsMs?: number): Promise<boolean> {
    const patience = elsewhereHoldsMs === undefined ? {} : { elsewhereHoldsMs };
    return !isHeld(await takeLock(home, name, deps, patience));
  }

  test.each([
    ['another container', 'host_boot_2'],
    ['another machine', 'other_boot_1'],
    ['another machine with its own start', 'other_later_1'],
  ])('%s is believed for an hour, or as long as is said', async (_what, space) => {
    expect(await lockedIn(space, 0).take()).toBe(false);
    const young = lockedIn(space, hour - 1);
    expect(await young.take()).toBe(false);
    expect(young.left()).toBe(true);
    const old = lockedIn(space, hour);
    expect(await old.take()).toBe(true);
    expect(old.left()).toBe(false);
    expect(await lockedIn(space, 9_999).take(10_000)).toBe(false);
    expect(await lockedIn(space, 10_000).take(10_000)).toBe(true);
  });

  test('another container is believed for an hour from now if its clock goes ahead', async () => {
    expect(await lockedIn('host_boot_2', -(hour - 1)).take()).toBe(false);
    expect(await lockedIn('host_boot_2', -hour).take()).toBe(true);
  });

  test.each([
    ['this machine before it was started', 'host_earlier_1'],
    ['this one, of a process that died', here],
    ['nobody knows where, of a process that died', ''],
  ])('%s holds nothing', async (_what, space) => {
    const { take, left } = lockedIn(space, 0);
    expect(await take()).toBe(true);
    expect(left()).toBe(false);
  });

  test('another container is no process here, though one has its number and its mark', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' }, here);
    writeFileSync(join(home, `${name}.lock-1-a-host_boot_2`), '');
    utimesSync(join(home, `${name}.lock-1-a-host_boot_2`), 1, 1);
    expect(await takeIn(home, as(2))).toBe(true);
  });

  test('is told by its name; one without a place is of this one', async () => {
    const { home, as } = processes({ 1: 'a', 2: 'b' }, here);
    const lock = await takeLock(home, name, as(1));
    expect(readdirSync(home)).toEqual([`${name}.lock-1-a-${here}`]);
    expect(await takeLock(home, name, as(2))).toEqual({ heldBy: 1 });
    if (!isHeld(lock)) await lock.release();
    expect(readdirSync(home)).toEqual([]);
    writeFileSync(join(home, `${name}.lock-1-a`), '');
    expect(await takeLock(home, name, as(2))).toEqual({ heldBy: 1 });
  });

  test('is never taken by two with one number in two containers at once', async () => {
    for (let round = 0; round < 100; round += 1) {
      const { home, as } = processes({ 1: 'a' });
      const taken = await Promise.all(
        ['host_boot_1', 'host_boot_2', 'other_boot_1'].map((space, index) => {
          const deps = { ...as(1), processSpace: () => space };
          return takeLock(home, name, {
            ...delayed(deps, round * (index + 1)),
            clock: realTime(deps),
          });
        }),
      );
      expect(taken.filter((one) => !isHeld(one)).length).toBeLessThanOrEqual(1);
    }
  });
});

describe('a lock that is held for long', () => {
  test('stays young for other machines while its holder runs, and not after it', async () => {
    const { deps, home, clock } = fakeDeps({ timers: 'by hand', now: () => Date.now() });
    const lock = await takeLock(home, name, deps);
    const [file = ''] = readdirSync(home).filter((one) => one.startsWith(name));
    const path = join(home, file);
    const age = () => Date.now() - statSync(path).mtimeMs;
    for (let hour = 0; hour < 2; hour += 1) {
      utimesSync(path, 1, 1);
      await clock.pass(600_000);
      await clock.untilWaiting(600_000);
      expect(age()).toBeLessThan(3_600_000);
    }
    if (!isHeld(lock)) await lock.release();
    await clock.pass(3_600_000);
    expect(existsSync(path)).toBe(false);
  });

  test('is not made again once another machine has cleared it away', async () => {
    const { deps, home, clock } = fakeDeps({ timers: 'by hand' });
    await takeLock(home, name, deps);
    const [file = ''] = readdirSync(home).filter((one) => one.startsWith(name));
    rmSync(join(home, file));
    await clock.pass(3_600_000);
    expect(existsSync(join(home, file))).toBe(false);
  });
});

/** The clock that files are dated by; nobody waits. */
function realTime({ clock }: LockDeps): LockDeps['clock'] {
  return { ...clock, now: () => Date.now() };
}
