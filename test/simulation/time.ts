/** Simulated time: a queue of events and the loop that runs them, one after the other. It never waits for real. */

export interface Event {
  at: number;
  /** Of two at the same time the one that was scheduled first comes first. */
  order: number;
  work(): void;
  cancelled: boolean;
}

/** More than any world needs: above this one spins. */
const MOST_EVENTS = 200_000;
/** Two weeks, in ms. */
const LATEST = 14 * 24 * 3_600_000;

export class TimeIsUp extends Error {}

export class Time {
  #now = 0;
  #order = 0;
  #heap: Event[] = [];
  events = 0;
  /** Open connections of Node's own HTTP: between two events a whole turn of the event loop is needed, since they go on by ticks. */
  deep = 0;

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  after(milliseconds: number, work: () => void): Event {
    const event: Event = {
      at: this.#now + Math.max(0, milliseconds),
      order: this.#order,
      work,
      cancelled: false,
    };
    this.#order += 1;
    this.#push(event);
    return event;
  }

  /**
   * Runs events until `isDone` says so or none is left; resolves to whether it is done. Between two events every promise
   * that can go on has gone on: a tick of Node begins only when no microtask is left, so no turn of the event loop is needed.
   */
  run(isDone: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      // When this runs, promises may have more to do; the tick after it comes when none has.
      const again = (): void => {
        if (this.deep > 0) setImmediate(step);
        else process.nextTick(step);
      };
      const settled = Promise.resolve();
      const step = (): void => {
        try {
          const isOver = isDone();
          const event = isOver ? undefined : this.#pop();
          if (event === undefined) {
            resolve(isOver);
            return;
          }
          this.events += 1;
          if (this.events > MOST_EVENTS || event.at > LATEST)
            throw new TimeIsUp(
              `after ${this.events} events and ${Math.round(event.at / 1000)} s something still runs`,
            );
          this.#now = event.at;
          event.work();
          void settled.then(again);
        } catch (error) {
          reject(error);
        }
      };
      void settled.then(again);
    });
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLess(at, parent)) break;
      at = parent;
    }
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    for (;;) {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        for (let at = 0; ; ) {
          const left = 2 * at + 1;
          const right = left + 1;
          const least = right < heap.length && isLess(heap[right], heap[left]) ? right : left;
          if (least >= heap.length || !this.#swapIfLess(least, at)) break;
          at = least;
        }
      }
      if (!first.cancelled) return first;
    }
  }

  #swapIfLess(at: number, other: number): boolean {
    const one = this.#heap[at];
    const two = this.#heap[other];
    if (one === undefined || two === undefined || !isLess(one, two)) return false;
    this.#heap[at] = two;
    this.#heap[other] = one;
    return true;
  }
}

function isLess(one: Event | undefined, two: Event | undefined): boolean {
  if (one === undefined || two === undefined) return false;
  return one.at < two.at || (one.at === two.at && one.order < two.order);
}
