/** What a batch is asked to do, as values. It knows no flag and no file. */
import type { CommonRequest } from './line-request.ts';

/** A part of the lines; `index` counts from 0. */
export interface Shard {
  index: number;
  count: number;
}

export interface BatchOptions extends CommonRequest {
  /** As typed: a path, or `-` for standard input. */
  input: string;
  /** As typed. */
  out: string;
  /** As typed; absent: all lines. */
  shard?: string | undefined;
  /** Requests in flight at most; absent: as many as the gateway takes. */
  concurrency?: number | undefined;
  /** USD, for the whole batch, a plain decimal. */
  maxCost?: string | undefined;
  tags: readonly string[];
  /** How long a call waits for others under the same budget. */
  holdMs: number;
  /** Lines to send in this run at most. */
  limit?: number | undefined;
  /** Stop after so many failed lines of this run. */
  maxErrors?: number | undefined;
  retryFailed: boolean;
  resendUnknown: boolean;
  inOrder: boolean;
  dryRun: boolean;
  debug: boolean;
  gateway?: string | undefined;
  baseUrl?: string | undefined;
  timeout?: number | undefined;
  connectTimeout?: number | undefined;
  firstByteTimeout?: number | undefined;
  idleTimeout?: number | undefined;
  /** The longest Retry-After to wait for, in seconds; absent: ten minutes. */
  maxRetryWait?: number | undefined;
}
