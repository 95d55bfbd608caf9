/** How long each part of a request may take: flag, else config, else our default. It starts no timer. */
import { CliError } from '../base/errors.ts';
import type { Config } from '../schemas/config.ts';

/** Milliseconds; null: no limit. */
export interface Timeouts {
  /** DNS, TCP and TLS together. */
  connectMs: number;
  /** Until the first byte of a response. */
  firstByteMs: number;
  /** Between two bytes. */
  idleMs: number;
  /** With nothing but comments in a stream. */
  commentsMs: number;
  /** For all requests together. */
  totalMs: number | null;
}

/** Seconds, as the user gives them. */
export interface TimeoutFlags {
  timeout?: number | undefined;
  connectTimeout?: number | undefined;
  firstByteTimeout?: number | undefined;
  idleTimeout?: number | undefined;
  maxRetryWait?: number | undefined;
}

/** A timer counts milliseconds in 31 bits, and so does undici's connect time-out. */
const maxSeconds = 2_147_483;

/** Throws `usage` for a flag that is not a positive number of seconds (`--max-retry-wait` may be 0). */
export function findTimeouts(
  config: Config,
  flags: TimeoutFlags,
): { timeouts: Timeouts; maxRetryWaitMs: number } {
  const ours = config.timeouts ?? {};
  const total = positive('--timeout', flags.timeout) ?? ours.total;
  const timeouts = {
    connectMs: millis(positive('--connect-timeout', flags.connectTimeout) ?? ours.connect ?? 10),
    firstByteMs: millis(
      positive('--first-byte-timeout', flags.firstByteTimeout) ?? ours.first_byte ?? 120,
    ),
    idleMs: millis(positive('--idle-timeout', flags.idleTimeout) ?? ours.idle ?? 60),
    commentsMs: millis(ours.comments ?? 600),
    totalMs: total === undefined ? null : millis(total),
  };
  const wait = flags.maxRetryWait;
  const maxWait =
    wait === 0 ? 0 : (positive('--max-retry-wait', wait) ?? config.max_retry_wait ?? 60);
  return { timeouts, maxRetryWaitMs: maxWait === 0 ? 0 : millis(maxWait) };
}

function positive(flag: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds > 0) return seconds;
  throw new CliError('usage', `${flag} takes a positive number of seconds`, { code: 'bad_flag' });
}

/** At least 1: a limit of 0 would mean none to some timers, and at once to others. */
function millis(seconds: number): number {
  return Math.max(1, Math.round(Math.min(seconds, maxSeconds) * 1000));
}
