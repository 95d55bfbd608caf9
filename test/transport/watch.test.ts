import { describe, expect, test } from 'vitest';
import { startWatch } from '../../src/transport/watch.ts';
import { fakeClock } from '../helpers/fake-clock.ts';

function begin() {
  const clock = fakeClock({ timers: 'by hand' });
  const timeouts = {
    connectMs: 1000,
    firstByteMs: 1000,
    idleMs: 60_000,
    commentsMs: 60_000,
    totalMs: null,
  };
  const watch = startWatch(timeouts, { clock, signal: new AbortController().signal });
  /** A read of ours that the server answers after so long. */
  const hear = async (ms: number): Promise<void> => {
    watch.waiting();
    await clock.pass(ms);
    watch.bytes();
    watch.data();
  };
  return { clock, watch, hear };
}

describe('T3: the end of an answer', () => {
  test('is 10 s after its finish reason, whatever comes, as often as it comes', async () => {
    const { clock, watch, hear } = begin();
    await hear(10);
    for (let count = 0; count < 19; count += 1) {
      watch.tail(10_000);
      await hear(500);
    }
    expect(watch.signal.aborted).toBe(false);
    watch.tail(10_000);
    watch.waiting();
    await clock.pass(500);
    expect(watch.signal.reason).toMatchObject({ kind: 'tail', afterMs: 10_000 });
  });

  test('is 2 s after [DONE] where that comes sooner', async () => {
    const { clock, watch, hear } = begin();
    await hear(10);
    watch.tail(10_000);
    await hear(500);
    watch.tail(2000);
    for (let count = 0; count < 19; count += 1) await hear(100);
    expect(watch.signal.aborted).toBe(false);
    watch.waiting();
    await clock.pass(100);
    expect(watch.signal.reason).toMatchObject({ kind: 'tail', afterMs: 2000 });
  });

  test('waits for a reader of ours who is held up, and then for what is here already', async () => {
    const { clock, watch, hear } = begin();
    await hear(10);
    watch.tail(2000);
    await clock.pass(60_000);
    expect(watch.signal.aborted).toBe(false);
    await hear(1);
    await hear(1);
    expect(watch.signal.aborted).toBe(false);
    watch.waiting();
    await clock.pass(1000);
    expect(watch.signal.reason).toMatchObject({ kind: 'tail' });
  });
});

describe('a server that sends comments alone', () => {
  test('is left after a minute, and not while data comes between', async () => {
    const { clock, watch, hear } = begin();
    await hear(10);
    const comment = async (): Promise<void> => {
      watch.waiting();
      await clock.pass(20_000);
      watch.bytes();
    };
    for (let count = 0; count < 5; count += 1) {
      await comment();
      await comment();
      await hear(10_000);
    }
    expect(watch.signal.aborted).toBe(false);
    await comment();
    await comment();
    await comment();
    expect(watch.signal.reason).toMatchObject({ kind: 'comments', afterMs: 60_000 });
  });
});
