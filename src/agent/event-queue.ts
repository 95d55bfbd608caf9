/** Events on their way to `for await`. A run waits when whoever reads them is far behind. */
import type { AgentEvent } from './types.ts';

/** Events that may wait; a run pauses its stream above them. */
const MOST_WAITING = 1024;

export class EventQueue {
  #events: AgentEvent[] = [];
  #isOver = false;
  #failure: { error: unknown } | null = null;
  #wakeReader: (() => void) | null = null;
  #wakeWriters: (() => void)[] = [];

  push(event: AgentEvent): void {
    if (this.#isOver) return;
    this.#events.push(event);
    this.#wakeReader?.();
  }

  /** undefined: go on. */
  ready(): Promise<void> | undefined {
    if (this.#isOver || this.#events.length < MOST_WAITING) return undefined;
    return new Promise((resolve) => this.#wakeWriters.push(resolve));
  }

  end(last: AgentEvent): void {
    this.push(last);
    this.#over();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#over();
  }

  /** Nobody reads any more. */
  close(): void {
    this.#events = [];
    this.#over();
  }

  /** Throws what the run failed with, behind its events. */
  async *events(): AsyncGenerator<AgentEvent, void, undefined> {
    for (;;) {
      const batch = this.#events;
      this.#events = [];
      this.#release();
      yield* batch;
      if (this.#events.length > 0) continue;
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #over(): void {
    this.#isOver = true;
    this.#wakeReader?.();
    this.#release();
  }

  #release(): void {
    const writers = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of writers) wake();
  }
}
