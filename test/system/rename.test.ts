import { describe, expect, test } from 'vitest';
import { type RenameHost, renameOver } from '../../src/system/rename.ts';

/** A system that fails the first `failures` times with this code. */
function host(
  platform: string,
  code: string,
  failures: number,
): { host: RenameHost; tries: () => number; paused: () => number } {
  let [tries, paused] = [0, 0];
  return {
    tries: () => tries,
    paused: () => paused,
    host: {
      platform,
      rename() {
        tries += 1;
        if (tries <= failures) throw Object.assign(new Error(code), { code });
      },
      pause(milliseconds) {
        paused += milliseconds;
      },
    },
  };
}

describe('a file that another program has open is replaced', () => {
  test.each(['EPERM', 'EACCES', 'EBUSY'])('on Windows once it is closed: %s', (code) => {
    const world = host('win32', code, 3);
    renameOver('a', 'b', world.host);
    expect(world.tries()).toBe(4);
    expect(world.paused()).toBe(60);
  });

  test('on Windows not for ever: it is the error of the system after a second', () => {
    const world = host('win32', 'EBUSY', Number.POSITIVE_INFINITY);
    expect(() => renameOver('a', 'b', world.host)).toThrow('EBUSY');
    expect(world.paused()).toBeLessThanOrEqual(1000);
  });

  test.each([
    ['linux', 'EACCES'],
    ['darwin', 'EPERM'],
    ['win32', 'ENOSPC'],
    ['win32', 'ENOENT'],
  ])('on %s %s is final', (platform, code) => {
    const world = host(platform, code, 1);
    expect(() => renameOver('a', 'b', world.host)).toThrow(code);
    expect(world.tries()).toBe(1);
  });
});
