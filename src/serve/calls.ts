/** The last calls, for `GET /alltoken/v1/calls/{id}`: what a client of a stream could not read from its trailers. Only in memory. */
import type { Billed, CliError } from '../base/errors.ts';
import { type Decimal, formatDecimal, parseDecimal, plus, zero } from '../money/decimal.ts';
import type { Cost } from '../schemas/common.ts';

export interface Spent {
  /** USD, of the calls whose cost is known. */
  amount: string;
  /** That may have bought something. */
  calls: number;
  /** Those of them whose cost is not known. */
  unknown: number;
  /** Requests that a limit kept from being sent. */
  refused: number;
}

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
  private known: Decimal = zero;
  private count = 0;
  private unknown = 0;
  private refusals = 0;

  /** Of all calls so far, also of those that are not remembered. */
  get spent(): Spent {
    const { count: calls, unknown, refusals: refused } = this;
    return { amount: formatDecimal(this.known), calls, unknown, refused };
  }

  /** A request was not sent, for this reason. */
  refuse({ exit }: CliError): void {
    if (exit === 'budget') this.refusals += 1;
  }

  /** A call has begun, or ended. */
  set(record: CallRecord): void {
    if (record.status === 'done') this.add(record);
    this.records.set(record.id, record);
    if (this.records.size <= MAX_CALLS) return;
    const [oldest] = this.records.keys();
    if (oldest !== undefined) this.records.delete(oldest);
  }

  /** What a call that had ended with an unknown cost has cost after all. */
  amend(id: string, { billed, cost, usage }: Pick<CallRecord, 'billed' | 'cost' | 'usage'>): void {
    const amount = cost.amount === null ? null : parseDecimal(cost.amount);
    if (amount !== null) {
      this.known = plus(this.known, amount);
      this.unknown -= 1;
    }
    const record = this.records.get(id);
    if (record !== undefined) this.records.set(id, { ...record, billed, cost, usage });
  }

  private add({ cost, billed }: CallRecord): void {
    if (billed === 'no') return;
    this.count += 1;
    const amount = cost.amount === null ? null : parseDecimal(cost.amount);
    if (amount === null) this.unknown += 1;
    else this.known = plus(this.known, amount);
  }

  get(id: string): CallRecord | undefined {
    return this.records.get(id);
  }
}
