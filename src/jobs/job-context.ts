/** What running a job needs from outside, and the options of a run. Types only. */
import type { Deps, Send } from '../base/deps.ts';
import type { Gateway } from '../gateways/types.ts';
import type { ListedPrice } from '../money/prices.ts';
import type { Policy } from '../transport/request.ts';
import type { Journal } from './journal.ts';

export interface JobContext {
  /** With its base URL, also when it is the embedded one. */
  gateway: Gateway;
  /** The headers of every request to the gateway, with the key. */
  headers: Readonly<Record<string, string>>;
  policy: Policy;
  fetch: Send;
  /** The network for result files, which reaches public hosts only; opened when first needed. It never gets the key. */
  storage(): Promise<Send>;
  journal: Journal;
  /** Prices of a model as the cached list has them; null: none. It sends nothing. */
  priceOf(model: string): Promise<ListedPrice | null>;
  /** The end of the wait, on the monotonic clock in ms; null: until the task ends. */
  untilAt: number | null;
  deps: Deps;
}

export interface CarryOnOptions {
  /** The create request may be sent: by the command that creates the job, or as an image's retry while its Idempotency-Key is valid. */
  mayCreate: boolean;
  /** The first poll at once; else after one interval. */
  askNow: boolean;
  /** The sandbox that it was ordered from has ended, and with it all that is not on disk. */
  isOrphan: boolean;
  /** Stop once the gateway has the task. */
  submitOnly: boolean;
  /** false: stop once the result is available. */
  save: boolean;
}
