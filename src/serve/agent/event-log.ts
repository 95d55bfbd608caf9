/** What happened in a session, in its order and numbered from 1: the newest of it, so that a client can come back for it. */
import type { AgentEvent } from '../../agent/types.ts';
import { jsonText } from '../../base/json.ts';

export interface Entry {
  id: number;
  type: string;
  /** JSON in one line. */
  text: string;
}

export interface LogEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

const MOST_ENTRIES = 2000;
const MOST_CHARACTERS = 1_000_000;
/** One that is longer is told of without what it says. */
const LONGEST_ENTRY = 256_000;

export class EventLog {
  private entries: Entry[] = [];
  private characters = 0;
  private readonly listeners = new Set<() => void>();
  /** The number of the newest; 0 before the first. */
  last = 0;

  /** The oldest that is left; `last + 1` where none is. */
  get oldest(): number {
    return this.last + 1 - this.entries.length;
  }

  push(event: LogEvent): void {
    const { type } = event;
    const whole = jsonText(event);
    const text =
      whole === null || whole.length > LONGEST_ENTRY
        ? JSON.stringify({ type, omitted: whole === null ? 'not_json' : 'too_long' })
        : whole;
    this.last += 1;
    this.entries.push({ id: this.last, type: /^[\w:.-]{1,64}$/.test(type) ? type : 'event', text });
    this.characters += text.length;
    while (this.entries.length > MOST_ENTRIES || this.characters > MOST_CHARACTERS)
      this.characters -= this.entries.shift()?.text.length ?? 0;
    this.wake();
  }

  /** At most `most` of those that came later than number `id`. */
  after(id: number, most: number): readonly Entry[] {
    const from = Math.max(0, id + 1 - this.oldest);
    return this.entries.slice(from, from + most);
  }

  /** `work` is called at each change, until the function that this returns is called. */
  onChange(work: () => void): () => void {
    this.listeners.add(work);
    return () => this.listeners.delete(work);
  }

  /** Lets whoever waits look again. */
  wake(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** An event as it is sent: what other events and the history have already is left out. */
export function wireEvent(event: AgentEvent): LogEvent {
  if (event.type === 'stream:delta') {
    const { type, delta } = event;
    return { type, delta };
  }
  if (event.type !== 'result') return event;
  const { messages: _messages, ...result } = event.result;
  return { type: event.type, result };
}
