/** The image and video tasks that were ordered through this server, until their end is known: then their cost can be booked. */
import type { OutcomeLine } from '../../money/ledger/lines.ts';

/** That are remembered; the cost of older ones stays unknown. */
const MAX_TASKS = 1000;

export class Tasks {
  private readonly open = new Map<string, OutcomeLine>();

  /** `line`: the outcome of the request that ordered it. */
  add(id: string, line: OutcomeLine): void {
    this.open.set(id, line);
    if (this.open.size <= MAX_TASKS) return;
    const [oldest] = this.open.keys();
    if (oldest !== undefined) this.open.delete(oldest);
  }

  /** Once: the end of a task is booked by whoever sees it first. */
  take(id: string): OutcomeLine | null {
    const line = this.open.get(id) ?? null;
    this.open.delete(id);
    return line;
  }
}
