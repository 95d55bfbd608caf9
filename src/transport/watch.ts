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
  let silence = after('first_byte', timeouts.firstByteMs);
  let comments: ReturnType<typeof after> | null = null;
  let started = false;
  let inTail = false;

  function stop(): void {
    outer.removeEventListener('abort', onOuter);
    for (const timer of [total, silence, comments]) if (timer) clearTimeout(timer);
  }

  return {
    signal: controller.signal,
    bytes() {
      if (inTail) return;
      if (started) {
        silence.refresh();
        return;
      }
      started = true;
      clearTimeout(silence);
      silence = after('idle', timeouts.idleMs);
      comments = after('comments', timeouts.commentsMs);
    },
    data() {
      comments?.refresh();
    },
    tail(afterMs) {
      inTail = true;
      clearTimeout(silence);
      if (comments) clearTimeout(comments);
      silence = after('tail', afterMs);
    },
    stop() {
      stop();
      // Lets go of the connection when we leave before the end of the body; a no-op after it.
      controller.abort(new Error('no longer needed'));
    },
  };
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
