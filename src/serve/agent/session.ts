/** One conversation with an agent: one run at a time, and the log of its events. It knows nothing of HTTP. */
import type { Agent, ContentPart, Decision, RunResult } from '../../agent/types.ts';
import type { Clock } from '../../base/deps.ts';
import { Refusal } from '../refusal.ts';
import { EventLog, type LogEvent, wireEvent } from './event-log.ts';
import { fieldsIn, refusalFor } from './failure.ts';

/** A message; null: the run goes on from the history. */
export type Input = string | ContentPart[] | null;

/** How long an agent has to end a run that was aborted, ms. */
const ABORT_MS = 5000;

export class Session {
  readonly id: string;
  readonly agent: Agent;
  readonly log = new EventLog();
  /** On the monotonic clock, ms. */
  usedAt: number;
  private readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  private current: { stop: AbortController; ended: Promise<unknown> } | null = null;

  constructor(id: string, agent: Agent, clock: Pick<Clock, 'after' | 'monotonic'>) {
    this.id = id;
    this.agent = agent;
    this.clock = clock;
    this.usedAt = clock.monotonic();
  }

  get isRunning(): boolean {
    return this.current !== null;
  }

  /** Rejects with `Refusal`: 409 where a run goes on, else for what the run failed with. */
  run(input: Input): Promise<RunResult> {
    if (this.current !== null) return Promise.reject(busy());
    const stop = new AbortController();
    const running = this.follow(input, stop.signal);
    this.current = { stop, ended: running.catch(() => {}) };
    return this.orGivenUp(running, stop.signal);
  }

  /** Throws `Refusal` 409 where a run goes on, or no such call waits. */
  decide(callId: string, decision: Decision): void {
    if (this.current !== null) throw busy();
    if (!this.agent.pending().some((call) => call.callId === callId))
      throw new Refusal(409, 'not_pending', 'no call of that id waits for a decision', {
        facts: { pending: this.agent.pending() },
      });
    this.agent.decide(callId, decision);
  }

  /** Resolves when the run has ended: to whether there was one. */
  async abort(): Promise<boolean> {
    const { current } = this;
    if (current === null) return false;
    current.stop.abort();
    await this.orGivenUp(current.ended, current.stop.signal).catch(() => {});
    return true;
  }

  private async follow(input: Input, signal: AbortSignal): Promise<RunResult> {
    let result: RunResult | null = null;
    try {
      for await (const event of this.agent.stream(input, { signal }))
        if (event.type === 'result') result = event.result;
        else this.log.push(wireEvent(event));
      if (result === null) throw new Error('the run of the agent has no result');
    } catch (thrown) {
      const error = fieldsIn(thrown);
      this.end({ type: 'error', error });
      throw refusalFor(error);
    }
    const pending = this.agent.pending();
    if (pending.length > 0) this.log.push({ type: 'approval', pending });
    this.end(wireEvent({ type: 'result', result }));
    return result;
  }

  /** The last event of a run says that the next one may begin. */
  private end(last: LogEvent): void {
    this.current = null;
    this.usedAt = this.clock.monotonic();
    this.log.push(last);
  }

  /** An agent of somebody else may not care that it was aborted: the session stays busy then, and nobody waits for it. */
  private async orGivenUp<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    let cancel = (): void => {};
    let onAbort = (): void => {};
    const givenUp = new Promise<never>((_, reject) => {
      onAbort = () => {
        cancel = this.clock.after(ABORT_MS, () =>
          reject(
            new Refusal(500, 'not_ended', 'the agent did not end its run', { billed: 'unknown' }),
          ),
        );
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, givenUp]);
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }
}

function busy(): Refusal {
  return new Refusal(409, 'busy', 'a run of this session goes on', {
    hint: 'wait for its end, or abort it',
  });
}
