/** What working on a job needs from outside, and how a job may be worked on. Types only. */
import type { Deps, Send } from '../base/deps.ts';
import type { Gateway } from '../gateways/types.ts';
import type { Policy } from '../transport/request.ts';
import type { Journal } from './journal.ts';

export interface JobContext {
  /** With its base URL, also when it is the embedded one. */
  gateway: Gateway;
  /** Of every request to the gateway, with the key. */
  headers: Readonly<Record<string, string>>;
  policy: Policy;
  fetch: Send;
  /** A network that reaches public hosts only, for files: opened when the first is needed. It never sees the key. */
  storage(): Promise<Send>;
  journal: Journal;
  /** The end of the wait, on the monotonic clock in ms; null: until the task ends. */
  untilAt: number | null;
  deps: Deps;
}

export interface CarryOnOptions {
  /** The create request may be sent: the command that makes the job, or an image's repetition while its key counts. */
  mayCreate: boolean;
  /** The first question at once; else after one interval. */
  askNow: boolean;
  /** Stop when the gateway has the task. */
  submitOnly: boolean;
  /** false: stop when the result is at hand. */
  save: boolean;
}
