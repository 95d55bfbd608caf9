/** Events of work that goes on beside whoever reads them: tools that run at the same time. */
import type { OutputEvent } from '../../schemas/events.ts';

export class OutputQueue {
  private readonly waiting: { event: OutputEvent; shown(): void }[] = [];
  private wake: () => void = () => {};

  push(event: OutputEvent): void {
    void this.shown(event);
  }

  /** Resolves when the event was read, and the reader is done with it. */
  shown(event: OutputEvent): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ event, shown: resolve });
      this.wake();
    });
  }

  /** The events of `work` until it ends. Throws what it rejects with. Leaving early calls `stop`, and waits for the end. */
  async *of<T>(work: Promise<T>, stop: () => void): AsyncGenerator<OutputEvent, T, undefined> {
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
      this.wake();
    };
    work.then(end, end);
    try {
      for (;;) {
        const next = this.waiting.shift();
        if (next !== undefined) {
          yield next.event;
          next.shown();
        } else if (hasEnded) return await work;
        else
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
      }
    } finally {
      if (!hasEnded) stop();
      for (const { shown } of this.waiting.splice(0)) shown();
      await work.catch(() => {});
    }
  }
}
