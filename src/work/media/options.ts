/** The flags that `image` and `video` share. It reads no file. */
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { Parameter } from '../../flags/flag-values.ts';
import type { MoneyFlags } from '../../flags/money-flags.ts';

export interface MediaFlags extends CommonFlags, MoneyFlags {
  model?: string;
  out?: string;
  force?: boolean;
  async?: boolean;
  /** Seconds. */
  wait?: number;
  urls?: boolean;
  /** false with --no-journal. */
  journal: boolean;
  param?: Parameter[];
}

/** The earlier of --wait and --timeout, on the monotonic clock in ms; null: none. */
export function endOfWait(
  { wait, timeout }: { wait?: number; timeout?: number },
  startedAt: number,
): number | null {
  const seconds = Math.min(wait ?? Number.POSITIVE_INFINITY, timeout ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? startedAt + seconds * 1000 : null;
}
