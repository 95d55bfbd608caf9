/** The last calls, for `GET /alltoken/v1/calls/{id}`: what a client of a stream could not read from its trailers. Only in memory. */
import type { Billed } from '../base/errors.ts';
import type { Cost } from '../schemas/common.ts';

/** How many are remembered. */
const MAX_CALLS = 4096;

export interface CallRecord {
  id: string;
  status: 'running' | 'done';
  model: string | null;
  requested_model: string;
  billed: Billed;
  cost: Cost;
  usage: Readonly<Record<string, unknown>> | null;
  /** Of the gateway. */
  request_id: string | null;
  /** What a cap of ours did to the answer; null: nothing. */
  cut: string | null;
  /** The exit code that a command would have had; null while it runs. */
  exit: number | null;
}

export class Calls {
  private readonly records = new Map<string, CallRecord>();

  set(record: CallRecord): void {
    this.records.set(record.id, record);
    if (this.records.size <= MAX_CALLS) return;
    const [oldest] = this.records.keys();
    if (oldest !== undefined) this.records.delete(oldest);
  }

  get(id: string): CallRecord | undefined {
    return this.records.get(id);
  }
}
