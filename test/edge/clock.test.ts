import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { clock } from '../../src/edge/clock.ts';

const never = new AbortController().signal;

describe('the real clock', () => {
  test('runs what waits, once its time has come', async () => {
    const since = clock.monotonic();
    await new Promise<void>((resolve) => clock.after(20, resolve));
    // A timer counts whole milliseconds, from the beginning of its turn.
    expect(clock.monotonic() - since).toBeGreaterThan(18);
  });

  test('says since when the machine runs, as every process of it does', () => {
    const before = clock.sinceBoot() ?? 0;
    const other = execFileSync(process.execPath, ['-p', 'os.uptime() * 1000'], {
      encoding: 'utf8',
    });
    const after = clock.sinceBoot() ?? 0;
    expect(Number(other)).toBeGreaterThanOrEqual(before);
    // Some systems count whole seconds.
    expect(Number(other)).toBeLessThanOrEqual(after + 1000);
    expect(after).toBeGreaterThan(clock.monotonic() - 1000);
  });

  // A timer of the system fires at once for all of these.
  test.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])('waits %d ms, too', async (long) => {
    let ran = false;
    const cancel = clock.after(long, () => {
      ran = true;
    });
    await clock.sleep(20, never);
    cancel();
    expect(ran).toBe(false);
  });

  test('runs nothing that was called off', async () => {
    let ran = false;
    clock.after(1, () => {
      ran = true;
    })();
    await clock.sleep(20, never);
    expect(ran).toBe(false);
  });

  test('sleeps for a turn of the loop when it is told 0', async () => {
    const order: string[] = [];
    const slept = clock.sleep(0, never).then(() => order.push('slept'));
    await Promise.resolve().then(() => order.push('at once'));
    await slept;
    expect(order).toEqual(['at once', 'slept']);
  });

  test.each([0, 60_000])('leaves a sleep of %d ms with the reason of the stop', async (ms) => {
    const stop = new AbortController();
    const slept = clock.sleep(ms, stop.signal);
    stop.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    await expect(clock.sleep(ms, stop.signal)).rejects.toThrow('enough');
  });
});
