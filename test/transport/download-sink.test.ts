import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { fetchFrom, memorySink } from './fetch-file.ts';

describe('a slow sink', () => {
  test('is not taken for a silent server', async () => {
    const world = fakeDeps({ timers: 'by hand' });
    const sink = memorySink('', { write: () => world.clock.pass(150) });
    const fetched = await fetchFrom((response) => response.end('x'.repeat(200_000)), {
      world,
      sink,
      timeouts: { idleMs: 100, firstByteMs: 100, commentsMs: 100 },
    });
    expect(fetched.error).toBeNull();
    expect(fetched.text).toHaveLength(200_000);
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('of a server that sends bit by bit for long is no reason to stop', async () => {
    const world = fakeDeps({ timers: 'by hand' });
    let taken = (): void => {};
    const sink = memorySink('', { write: async () => taken() });
    const fetched = await fetchFrom(
      async (response) => {
        for (let sent = 0; sent < 20; sent += 1) {
          const arrived = new Promise<void>((resolve) => {
            taken = resolve;
          });
          response.write('x');
          await arrived;
          await world.clock.untilWaiting(2000);
          await world.clock.pass(20);
        }
        response.end();
      },
      { world, sink, timeouts: { commentsMs: 100, idleMs: 2000 } },
    );
    expect(fetched.error).toBeNull();
    expect(fetched.text).toHaveLength(20);
    expect(fetched.server.requests).toHaveLength(1);
  });
});

describe('a sink that fails', () => {
  test.each(['restart', 'head', 'write'] as const)(
    'in %s is heard as it is, and the connection is let go',
    async (what) => {
      const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      const sink = memorySink('left over');
      sink[what] = async () => {
        throw full;
      };
      let closed: Promise<unknown> = Promise.resolve();
      const fetched = await fetchFrom(
        (response) => {
          closed = once(response, 'close');
          response.write('endless');
        },
        { sink, left: { text: 'left over' } },
      );
      expect(fetched.thrown).toBe(full);
      expect(fetched.sleeps).toEqual([]);
      await closed;
    },
  );
});
