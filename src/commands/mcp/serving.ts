/** What one server was started with: the same for each of its calls. It decides nothing about a single one. */
import type { Timeouts } from '../../config/timeouts.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { Context } from '../context.ts';
import type { MoneyFlags } from '../money-flags.ts';

export interface McpFlags extends CommonFlags, MoneyFlags {
  out?: string;
  allowPaths?: boolean;
  /** Seconds. */
  callTimeout: number;
}

export interface Serving {
  context: Context;
  flags: McpFlags;
  /** By flags and config, when the server began. */
  timeouts: Timeouts;
  /** Where files are saved, absolute; it exists. */
  directory: string;
  /** The gateway that this process started for its calls: name and base URL; null for any other. */
  own: { gateway: string; baseUrl: string } | null;
}

/** What a call keeps back of its time to say how it ended, in seconds. */
const TO_WAIT = 5;
const TO_ASK = 1.75;
const TO_STOP = 1.25;

/** The longest wait for a picture or a video, in seconds. */
export function maxWaitOf({ callTimeout }: McpFlags): number {
  return Math.floor(callTimeout - TO_WAIT);
}

/** A time limit of each call, in seconds: this one, in ms, or less where a call has no time for it. */
export function within(limitMs: number | null, { callTimeout }: McpFlags): number {
  const most = callTimeout - TO_ASK;
  return limitMs === null ? most : Math.min(limitMs / 1000, most);
}

/** When a call is stopped that minds no limit, in ms. A picture on its way then gets three seconds more. */
export function stopAfterMs({ callTimeout }: McpFlags): number {
  return (callTimeout - TO_STOP) * 1000;
}
