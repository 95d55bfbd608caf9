/** What a command has bought, as far as its events say: for the case that stdout fails, which was to show it. It decides nothing. */
import type { OutputEvent } from '../schemas/events.ts';

/** So many files are named. */
const MOST_FILES = 3;

export class Bought {
  /** A paid request may have been sent. */
  isAny = false;
  /** Of the last one. */
  gateway: string | undefined;
  /** The conversation that has the answer. */
  conversation: string | null = null;
  /** A job, by the gateway's id or by ours. */
  task: string | null = null;
  /** `tasks` knows the job: it is in the journal. */
  isKnown = false;
  /** Paths of what is saved, the first few. */
  saved: readonly string[] = [];
  private hasBegun = false;

  /** The same events. */
  async *noted(events: AsyncIterable<OutputEvent>): AsyncGenerator<OutputEvent, void, undefined> {
    for await (const event of events) {
      this.note(event);
      yield event;
    }
  }

  private note(event: OutputEvent): void {
    // An event behind `start` is one that showing `start` has not prevented.
    if (this.hasBegun) this.isAny = true;
    switch (event.type) {
      case 'start':
        this.hasBegun = true;
        this.gateway = event.gateway;
        break;
      case 'kept':
        this.conversation = event.session;
        break;
      case 'status':
        if ('task_id' in event && event.task_id !== undefined) this.task = event.task_id;
        break;
      case 'output':
        if (event.paid === undefined) break;
        this.isAny = true;
        this.saved = [event.paid.saved];
        break;
      case 'result':
      case 'error':
        if (!('files' in event)) break;
        this.saved = event.files.slice(0, MOST_FILES).map(({ path }) => path);
        if (!('job_id' in event)) break;
        this.isKnown = event.job_id !== null;
        this.task = event.task_id ?? event.job_id;
        break;
    }
    if (event.type === 'error' && event.error.billed === 'no') this.isAny = false;
  }
}
