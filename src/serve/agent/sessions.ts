/** The sessions of one server, at most so many: by ids that nobody can guess, and by the names that clients of `/chat` choose. */
import { randomBytes } from 'node:crypto';
import type { Agent } from '../../agent/types.ts';
import type { Clock } from '../../base/deps.ts';
import { isRecord, oneLine, thrownWords } from '../../base/json.ts';
import { Refusal } from '../refusal.ts';
import { Session } from './session.ts';

/** What it makes, or resolves to, is checked. */
export type MakeAgent = () => unknown;

export interface SessionsOptions {
  make: MakeAgent;
  max: number;
  clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Aborted when no new requests are accepted. */
  stopping: AbortSignal;
  /** Aborted when what runs has to end. */
  end: AbortSignal;
}

/** A session that was not used for so long gives way to a new one, ms. */
const IDLE_MS = 60 * 60_000;

export class Sessions {
  readonly options: SessionsOptions;
  private readonly byId = new Map<string, Session>();
  private readonly byName = new Map<string, Promise<Session>>();
  /** Agents that are being made. */
  private making = 0;

  constructor(options: SessionsOptions) {
    this.options = options;
    options.stopping.addEventListener('abort', () => this.wake(), { once: true });
    options.end.addEventListener(
      'abort',
      () => {
        for (const session of this.byId.values()) void session.abort();
        this.wake();
      },
      { once: true },
    );
  }

  /** Throws `Refusal` 404. */
  find(id: string): Session {
    const session = this.byId.get(id);
    if (session === undefined)
      throw new Refusal(404, 'unknown_session', 'there is no such session');
    session.usedAt = this.options.clock.monotonic();
    return session;
  }

  has(session: Session): boolean {
    return this.byId.get(session.id) === session;
  }

  /** Throws `Refusal` 429 where there are too many, 500 where no agent was made. */
  async create(): Promise<Session> {
    this.makeRoom();
    this.making += 1;
    try {
      const agent = await this.agent();
      const session = new Session(randomBytes(24).toString('hex'), agent, this.options.clock);
      this.byId.set(session.id, session);
      return session;
    } finally {
      this.making -= 1;
    }
  }

  /** The session of that id, else of that name; a new one where there is none. */
  async named(name: string): Promise<Session> {
    const begun = this.byId.get(name) ?? this.byName.get(name);
    const known = begun === undefined ? undefined : await begun;
    if (known !== undefined && this.has(known)) return this.find(known.id);
    const made = this.create();
    this.byName.set(name, made);
    try {
      return await made;
    } catch (error) {
      if (this.byName.get(name) === made) this.byName.delete(name);
      throw error;
    }
  }

  /** Resolves when its run has ended. */
  async remove(session: Session): Promise<void> {
    this.forget(session);
    await session.abort();
    session.log.wake();
  }

  private forget(session: Session): void {
    this.byId.delete(session.id);
    for (const [name, promise] of this.byName)
      void promise.then(
        (one) => {
          if (one === session && this.byName.get(name) === promise) this.byName.delete(name);
        },
        () => {},
      );
  }

  private makeRoom(): void {
    const { max, clock } = this.options;
    if (this.byId.size + this.making < max) return;
    const [oldest] = [...this.byId.values()]
      .filter(({ isRunning }) => !isRunning)
      .sort((one, other) => one.usedAt - other.usedAt);
    if (oldest === undefined || clock.monotonic() - oldest.usedAt < IDLE_MS)
      throw new Refusal(429, 'too_many_sessions', `there are ${max} sessions`, {
        hint: 'delete one, or set --max-sessions',
      });
    this.forget(oldest);
    oldest.log.wake();
  }

  private async agent(): Promise<Agent> {
    let made: unknown;
    try {
      made = await this.options.make();
    } catch (error) {
      const words = oneLine(thrownWords(error));
      throw new Refusal(500, 'agent_failed', `the agent could not be made: ${words}`);
    }
    if (isAgent(made)) return made;
    throw new Refusal(500, 'agent_failed', 'what was made is not an agent');
  }

  private wake(): void {
    for (const session of this.byId.values()) session.log.wake();
  }
}

/** It has what is used of one. */
export function isAgent(value: unknown): value is Agent {
  return (
    isRecord(value) &&
    ['stream', 'getMessages', 'pending', 'decide', 'cost'].every(
      (name) => typeof value[name] === 'function',
    )
  );
}
