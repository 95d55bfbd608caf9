/** The clocks of one request: first byte, silence, comments only, and everything together. It aborts; it never retries or judges. */

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
  readonly signal: AbortSignal;
  /** We are about to wait for bytes. Only this counts as silence: a slow reader of ours is not the server's. */
  waiting(): void;
  /** Bytes came. */
  bytes(): void;
  /** Something that is not a comment came. */
  data(): void;
  /** The answer is over; wait only this long for what may follow. */
  tail(afterMs: number): void;
  /** Ends the request, whatever it is doing. */
  stop(): void;
}

/** Starts the clocks of one try. `leftMs` is what earlier tries left of the total. */
export function startWatch(
  timeouts: Timeouts,
  outer: AbortSignal,
  leftMs = timeouts.totalMs,
): Watch {
  const controller = new AbortController();
  const onOuter = (): void => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });

  /** `ms` is what the person set, `inMs` when it is up. */
  const after = (kind: TimeoutKind, ms: number, inMs = ms) =>
    setTimeout(() => controller.abort(new TimedOut(kind, ms)), inMs);
  const total =
    timeouts.totalMs === null ? null : after('total', timeouts.totalMs, leftMs ?? timeouts.totalMs);
  const clocks = {
    silence: createClock('first_byte', timeouts.firstByteMs, after),
    comments: createClock('comments', timeouts.commentsMs, after),
  };
  let phase: 'first_byte' | 'idle' | 'tail' = 'first_byte';
  clocks.silence.run();

  function stop(): void {
    outer.removeEventListener('abort', onOuter);
    if (total) clearTimeout(total);
    clocks.silence.pause();
    clocks.comments.pause();
  }

  return {
    signal: controller.signal,
    waiting() {
      clocks.silence.run();
      if (phase === 'idle') clocks.comments.run();
    },
    bytes() {
      clocks.silence.pause();
      clocks.comments.pause();
      if (phase === 'first_byte') {
        phase = 'idle';
        clocks.silence = createClock('idle', timeouts.idleMs, after);
      } else if (phase === 'idle') clocks.silence.reset();
    },
    data() {
      clocks.comments.reset();
    },
    tail(afterMs) {
      phase = 'tail';
      clocks.silence.pause();
      clocks.comments.pause();
      clocks.silence = createClock('tail', afterMs, after);
    },
    stop() {
      stop();
      // Lets go of the connection when we leave before the end of the body; a no-op after it.
      controller.abort(new Error('no longer needed'));
    },
  };
}

/** A clock that can be held: it counts only while it runs. */
interface Clock {
  run(): void;
  pause(): void;
  /** Back to its full time. */
  reset(): void;
}

function createClock(
  kind: TimeoutKind,
  ms: number,
  after: (kind: TimeoutKind, ms: number, inMs: number) => ReturnType<typeof setTimeout>,
): Clock {
  let left = ms;
  let running: { timer: ReturnType<typeof setTimeout>; since: number } | null = null;
  const clock: Clock = {
    run() {
      running ??= { timer: after(kind, ms, left), since: performance.now() };
    },
    pause() {
      if (running === null) return;
      clearTimeout(running.timer);
      left = Math.max(1, left - (performance.now() - running.since));
      running = null;
    },
    reset() {
      const wasRunning = running !== null;
      clock.pause();
      left = ms;
      if (wasRunning) clock.run();
    },
  };
  return clock;
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
