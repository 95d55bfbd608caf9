/** Time for one test. A sleep passes at once, and the clock is so much later. */
import type { Clock } from '../../src/base/deps.ts';

export interface FakeClock extends Clock {
  /** What was slept, in ms. */
  readonly sleeps: number[];
  /** Lets so many ms go by: runs, in order, what waits for a moment that has come. */
  pass(milliseconds: number): Promise<void>;
  /** Resolves when something waits for exactly so many ms, and whatever it waits for is silent. */
  untilWaiting(milliseconds: number): Promise<void>;
}

export interface FakeClockOptions {
  /** When the test begins, in ms since 1970. */
  now?: number | (() => number);
  /** When the machine was started, in ms since 1970, by the clock as it is set in this test; NaN: the system does not say. */
  bootedAt?: number;
  /**
   * Who moves `monotonic` and `after`: the real time, for replies that come from a real server in their own time; or
   * the test alone, with `pass`.
   */
  timers?: 'real' | 'by hand';
}

interface Waiting {
  at: number;
  milliseconds: number;
  work(): void;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const USUAL_BOOT = Date.parse('2026-11-22T00:00:00Z');

export function fakeClock({
  now = 0,
  bootedAt = USUAL_BOOT,
  timers = 'real',
}: FakeClockOptions = {}): FakeClock {
  let passed = 0;
  let waiting: Waiting[] = [];
  const sleeps: number[] = [];
  const isReal = timers === 'real';

  async function pass(milliseconds: number): Promise<void> {
    const end = passed + milliseconds;
    for (;;) {
      const [next] = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      waiting = waiting.filter((one) => one !== next);
      passed = Math.max(passed, next.at);
      next.work();
      await turn();
    }
    passed = end;
  }

  const wall = (): number => (typeof now === 'number' ? now : now()) + passed;
  return {
    sleeps,
    now: wall,
    sinceBoot: () => (Number.isNaN(bootedAt) ? null : wall() - bootedAt),
    monotonic: () => passed + (isReal ? performance.now() : 0),
    // A stop still stops.
    async sleep(milliseconds, signal) {
      sleeps.push(milliseconds);
      await turn();
      if (signal.aborted) throw signal.reason;
      await pass(milliseconds);
    },
    after(milliseconds, work) {
      if (isReal) {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      }
      const one = { at: passed + milliseconds, milliseconds, work };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
    pass,
    async untilWaiting(milliseconds) {
      while (!waiting.some((one) => one.milliseconds === milliseconds)) await turn();
    },
  };
}
