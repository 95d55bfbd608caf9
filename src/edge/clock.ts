/** The time and the timers of this process. */
import type { Clock } from '../base/deps.ts';

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sinceBoot,
  sleep,
  after,
};

/** Unlike `process.hrtime`, which stands still on Linux while the machine sleeps. */
function sinceBoot(): number | null {
  try {
    return Math.round(process.getBuiltinModule('node:os').uptime() * 1000);
  } catch {
    return null;
  }
}

/** The longest wait of a timer: above this one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function after(milliseconds: number, work: () => void, kind?: 'background'): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer =
      left > LONGEST_TIMER_MS
        ? setTimeout(() => wait(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(work, left);
    if (kind === 'background') timer.unref();
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      cancel();
      reject(signal.reason);
    };
    const end = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const cancel = milliseconds === 0 ? nextTurn(end) : after(milliseconds, end);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

function nextTurn(work: () => void): () => void {
  const turn = setImmediate(work);
  return () => clearImmediate(turn);
}
