/** The flags of `image` and `video` as values. It reads no file. */
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

/** Of an image: what the gateway's fields are, and the files. */
export interface ImageFlags extends MediaFlags {
  size?: string;
  quality?: string;
  count?: number;
  format?: string;
  compression?: number;
  background?: string;
  moderation?: string;
  seed?: number;
  image?: string[];
  mask?: string;
  preview?: boolean;
}

export interface VideoFlags extends MediaFlags {
  /** Seconds; -1: the model chooses. */
  duration?: number;
  ratio?: string;
  resolution?: string;
  seed?: number;
  audio?: boolean;
  watermark?: boolean;
  cameraFixed?: boolean;
  firstFrame?: string;
  lastFrame?: string;
  reference?: string[];
  callbackUrl?: string;
  serviceTier?: string;
  /** false with --no-download. */
  download: boolean;
  lastFrameOut?: string;
  cancelOnInterrupt?: boolean;
}

/** The earlier of --wait and --timeout, on the monotonic clock in ms; null: none. */
export function endOfWait(
  { wait, timeout }: { wait?: number; timeout?: number },
  startedAt: number,
): number | null {
  const seconds = Math.min(wait ?? Number.POSITIVE_INFINITY, timeout ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? startedAt + seconds * 1000 : null;
}
