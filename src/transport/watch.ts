/** The clocks of one request: first byte, silence, comments only, and everything together. It aborts; it never retries or judges. */
import type { Clock, Deps, StopSignal } from '../base/deps.ts';

/** All in milliseconds; `totalMs` null means no limit. */
export interface Timeouts {
  connectMs: number;
  firstByteMs: number;
  idleMs: number;
  commentsMs: number;
  totalMs: number | null;
}

export type TimeoutKind = 'first_byte' | 'idle' | 'comments' | 'total' | 'tail';

/** The reason of the abort when a clock ran out. */
export class TimedOut extends Error {
  readonly kind: TimeoutKind;
  readonly afterMs: number;

  constructor(kind: TimeoutKind, afterMs: number) {
    const words = {
      first_byte: `no first byte within ${seconds(afterMs)}`,
      idle: `no byte for ${seconds(afterMs)}`,
      comments: `nothing but keep-alive comments for ${seconds(afterMs)}`,
      total: `not finished within --timeout ${seconds(afterMs)}`,
      tail: `nothing more within ${seconds(afterMs)} of the end of the answer`,
    };
    super(words[kind]);
    this.name = 'TimedOut';
    this.kind = kind;
    this.afterMs = afterMs;
  }
}

export interface Watch {
  /** Aborts the request and its body; the reason is a `TimedOut` or that of the outer signal. */
  readonly signal: StopSignal;
  /** We are about to wait for bytes. Only this counts as silence: a slow reader of ours is not the server's. */
  waiting(): void;
  /** Bytes came. */
  bytes(): void;
  /** Something that is not a comment came. */
  data(): void;
  /**
   * The answer is over; from now on what may follow has a time limit, whatever is sent. A second call may
   * make it shorter, never longer.
   */
  tail(afterMs: number): void;
  /** Ends the request, whatever it is doing. */
  stop(): void;
}

/** For what is here already when the time is up and our reader was busy, or the whole process was stopped. */
const LAST_READS_MS = 500;
/** A timer that comes this much too late was not late by itself: the process was stopped, and what the server sent waits. */
const STOPPED_MS = 1000;

/** One for all: a stack of its own would cost more than all the clocks of a short answer. */
const notNeeded = new Error('no longer needed');

/** Starts the clocks of one try. `leftMs` is what earlier tries left of the total. */
export function startWatch(
  timeouts: Timeouts,
  { clock, signal: outer }: Pick<Deps, 'clock' | 'signal'>,
  leftMs = timeouts.totalMs,
): Watch {
  const controller = new Stop();
  const onOuter = (): void => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });

  /** `ms` is what the person set, `inMs` when it is up. */
  const abortAfter = (kind: TimeoutKind, ms: number, inMs: number): (() => void) => {
    const due = clock.monotonic() + inMs;
    const abort = (): void => controller.abort(new TimedOut(kind, ms));
    let stop = clock.after(inMs, () => {
      if (clock.monotonic() - due > STOPPED_MS) stop = clock.after(LAST_READS_MS, abort);
      else abort();
    });
    return () => stop();
  };
  const countdown = (kind: TimeoutKind, ms: number): Countdown =>
    createCountdown(ms, clock, (inMs) => abortAfter(kind, ms, inMs));
  const { totalMs } = timeouts;
  const stopTotal = totalMs === null ? null : abortAfter('total', totalMs, leftMs ?? totalMs);
  const clocks = {
    silence: countdown('first_byte', timeouts.firstByteMs),
    comments: countdown('comments', timeouts.commentsMs),
  };
  let phase: 'first_byte' | 'idle' | 'tail' = 'first_byte';
  clocks.silence.run();

  let tailEnd = Number.POSITIVE_INFINITY;
  let stopTail = (): void => {};
  let isWaiting = true;
  /** What arrived while our reader was busy is still read: it has this long after it comes back. */
  let isOver: number | null = null;
  function endTail(afterMs: number): void {
    if (isWaiting) controller.abort(new TimedOut('tail', afterMs));
    else isOver = afterMs;
  }

  function stop(): void {
    stopTail();
    outer.removeEventListener('abort', onOuter);
    stopTotal?.();
    clocks.silence.pause();
    clocks.comments.pause();
  }

  return {
    signal: controller,
    waiting() {
      isWaiting = true;
      if (isOver !== null) {
        stopTail = abortAfter('tail', isOver, LAST_READS_MS);
        isOver = null;
      }
      if (phase === 'tail') return;
      clocks.silence.run();
      if (phase === 'idle') clocks.comments.run();
    },
    bytes() {
      isWaiting = false;
      clocks.silence.pause();
      clocks.comments.pause();
      if (phase === 'first_byte') {
        phase = 'idle';
        clocks.silence = countdown('idle', timeouts.idleMs);
      } else if (phase === 'idle') clocks.silence.reset();
    },
    data() {
      clocks.comments.reset();
    },
    tail(afterMs) {
      const at = clock.monotonic() + afterMs;
      if (at >= tailEnd) return;
      phase = 'tail';
      clocks.silence.pause();
      clocks.comments.pause();
      stopTail();
      tailEnd = at;
      stopTail = clock.after(afterMs, () => endTail(afterMs));
    },
    stop() {
      stop();
      // Lets go of the connection when we leave before the end of the body; a no-op after it.
      controller.abort(notNeeded);
    },
  };
}

/** An AbortController of a request: the one of Node 20 takes as long to make and to abort as reading ten chunks. */
class Stop implements StopSignal {
  aborted = false;
  reason: unknown = undefined;
  private listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.listeners.indexOf(listener);
    if (at !== -1) this.listeners.splice(at, 1);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners.splice(0)) listener();
  }
}

/** A limit that counts only while it runs. */
interface Countdown {
  run(): void;
  pause(): void;
  /** Back to its full time. */
  reset(): void;
}

/** `start` begins to wait, and returns what ends the wait. */
function createCountdown(
  ms: number,
  clock: Pick<Clock, 'monotonic'>,
  start: (inMs: number) => () => void,
): Countdown {
  let left = ms;
  let running: { stop(): void; since: number } | null = null;
  const countdown: Countdown = {
    run() {
      running ??= { stop: start(left), since: clock.monotonic() };
    },
    pause() {
      if (running === null) return;
      running.stop();
      left = Math.max(1, left - (clock.monotonic() - running.since));
      running = null;
    },
    reset() {
      const wasRunning = running !== null;
      countdown.pause();
      left = ms;
      if (wasRunning) countdown.run();
    },
  };
  return countdown;
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
