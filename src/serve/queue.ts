/** What a server has to show, in its order; more than a reader takes in time is dropped. */
import type { OutputEvent } from '../schemas/events.ts';

/** Events that wait to be shown. */
const MAX_WAITING = 1000;

export class Queue {
  private waiting: OutputEvent[] = [];
  private wake = (): void => {};
  private isOver = false;

  push(event: OutputEvent): void {
    if (this.waiting.length < MAX_WAITING) this.waiting.push(event);
    this.wake();
  }

  /** What waits is still shown. */
  end(): void {
    this.isOver = true;
    this.wake();
  }

  async *events(): AsyncGenerator<OutputEvent, void, undefined> {
    for (;;) {
      yield* this.waiting.splice(0);
      if (this.isOver && this.waiting.length === 0) return;
      if (this.waiting.length > 0) continue;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
