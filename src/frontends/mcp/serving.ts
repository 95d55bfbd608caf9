/** What one server was started with: the same for each of its calls. It decides nothing about a single one. */
import type { Timeouts } from '../../config/timeouts.ts';
import type { Context } from '../../flags/context.ts';
import type { McpFlags } from './options.ts';
import type { Orders } from './orders.ts';
import type { Tool, ToolInput } from './tool.ts';

/** A file that a running call is going to make. */
interface Claim {
  path: string;
  /** Calls about one task never block each other; null: a call of its own. */
  task: string | null;
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
  /** Files that the calls which run are going to make. */
  claims: Set<Claim>;
  orders: Orders;
}

/** What a call keeps back of its time to say how it ended, in seconds. */
const TO_WAIT = 5;
const TO_ASK = 1.75;
const TO_STOP = 1.25;
/** An image or an id on its way gets three seconds more when its call is stopped. */
const TO_STOP_LATE = 3.25;

/** The longest wait for an image or a video, in seconds. */
export function maxWaitOf({ callTimeout }: McpFlags): number {
  return Math.floor(callTimeout - TO_WAIT);
}

/** A time limit of each call, in seconds: this one, in ms, or less where a call has no time for it. */
export function within(limitMs: number | null, { callTimeout }: McpFlags): number {
  const most = callTimeout - TO_ASK;
  return limitMs === null ? most : Math.min(limitMs / 1000, most);
}

/** How long the first byte of a reply may take, in seconds: after a lost order there is time left to look for it. */
export function firstByteOf(limitMs: number | null, flags: McpFlags, { lingers }: Tool): number {
  const { callTimeout } = flags;
  const usual = within(limitMs, flags);
  return lingers ? Math.min(usual, Math.max(callTimeout - TO_WAIT, callTimeout / 2)) : usual;
}

/** How long this call waits for an image or a video, in seconds. */
export function waitOf(flags: McpFlags, { wait_seconds: wanted }: ToolInput): number {
  const most = maxWaitOf(flags);
  return typeof wanted === 'number' ? Math.min(wanted, most) : most;
}

/** When a call is stopped that minds no limit, in ms. */
export function stopAfterMs({ callTimeout }: McpFlags, { lingers }: Tool): number {
  return (callTimeout - (lingers ? TO_STOP_LATE : TO_STOP)) * 1000;
}
