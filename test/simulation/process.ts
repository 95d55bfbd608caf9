/** A simulated process: it goes on only at its steps, and can be killed, stopped and continued between any two of them. */
import type { Coverage } from './coverage.ts';
import type { Disk } from './disk.ts';
import type { PipedInput } from './program.ts';
import type { Random } from './random.ts';
import type { Event, Time } from './time.ts';
import type { Trace } from './trace.ts';

/** What a process meets at one of its steps. */
export type Fate =
  | { do: 'go on' }
  /** share: how much of what the step does is done before it dies; 1: all of it, but nobody learns of it. */
  | { do: 'kill' | 'cut power'; share: number };

/** What of the world a process and its files and connections see. */
export interface Surroundings {
  readonly time: Time;
  readonly disk: Disk;
  readonly trace: Trace;
  readonly coverage: Coverage;
  /** The fault that is planned for this passing of a place, if any. */
  faultAt(place: string, possible: readonly string[], process: Process): string | null;
  fateOf(process: Process, place: string): Fate;
  diskState(path: string): 'well' | 'full' | 'readonly';
  cutPower(): void;
  /** It gives the output of its batch back: from then on another one may write it. */
  releases(process: Process): void;
}

/** A request of a process, and what came of it. */
export interface ExchangeNote {
  route: string;
  /** Equal for a request and its repetitions. */
  request: string;
  /** ms of the world. */
  at: number;
  fault: string | null;
  /** null: no head came. */
  status: number | null;
  /** Of the head: how long the server asked to wait, ms. */
  retryAfterMs: number | null;
  /** The head came, or the connection failed; null: neither. */
  overAt: number | null;
  /** The last bytes were read. */
  lastAt: number | null;
  /** A Ctrl-C or the like ended it before it was over: nothing failed. */
  isInterrupted: boolean;
}

/** Texts; null: there is no such file. */
export interface BatchFiles {
  /** When they were so, ms of the world. */
  at: number;
  output: string | null;
  state: string | null;
}

export interface Step<T> {
  /** For the trace, and for what disturbed whoever dies of it. */
  what(): string;
  /** What it is for: deaths are planned and counted by it. */
  place: string;
  milliseconds: number;
  work(): T;
  /** Does only this share of the work. */
  tear?(share: number): void;
}

const never = new Promise<never>(() => {});

/** How a process can die at a step. */
export const deaths = ['kill before', 'kill after', 'cut power before', 'cut power after'];
/** At one that does its work byte by byte. */
export const deathsOfWrites = [...deaths, 'kill in the middle of', 'cut power in the middle of'];

export class Process {
  readonly name: string;
  readonly pid: number;
  readonly argv: readonly string[];
  /** null: a terminal, at which nobody types. */
  readonly input: PipedInput | null;
  readonly random: Random;
  readonly #world: Surroundings;
  readonly stop = new AbortController();
  steps = 0;
  state: 'runs' | 'stopped' | 'ended' = 'runs';
  /** null: it was killed. */
  exit: number | null = null;
  /** Milliseconds of the world. */
  readonly startedAt: number;
  endedAt = Number.POSITIVE_INFINITY;
  stdout = '';
  stderr = '';
  /** Faults that it met, and whatever else disturbed it. */
  readonly disturbances: string[] = [];
  readonly exchanges: ExchangeNote[] = [];
  /** Of a batch: its output and its state, as they were when it began and when it ended. */
  batch: { before: BatchFiles; after: BatchFiles | null } | null = null;
  /** Of an agent: the tools that ran. */
  readonly toolCalls: { callId: string; args: unknown }[] = [];
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<void>;
  #hasEnded = (): void => {};
  readonly #deferred: (() => void)[] = [];

  constructor(
    name: string,
    pid: number,
    argv: readonly string[],
    input: PipedInput | null,
    random: Random,
    world: Surroundings,
  ) {
    this.name = name;
    this.pid = pid;
    this.argv = argv;
    this.input = input;
    this.startedAt = world.time.now;
    this.random = random;
    this.#world = world;
    this.ended = new Promise((resolve) => {
      this.#hasEnded = resolve;
    });
  }

  get mark(): string | null {
    return this.state === 'ended' ? null : `p${this.pid}`;
  }

  /** Rejects with what the work throws; never settles for a process that has died meanwhile. */
  step<T>({ what, place, milliseconds, work, tear }: Step<T>): Promise<T> {
    if (this.state === 'ended') return never;
    return new Promise((resolve, reject) => {
      this.#after(milliseconds, () => {
        if (!this.#survives(what, place, work, tear)) return;
        try {
          const result = work();
          this.note(what);
          resolve(result);
        } catch (error) {
          this.note(() => `${what()}: ${(error as { code?: string }).code ?? error}`);
          reject(error);
        }
      });
    });
  }

  /** Runs work after that time, if the process still runs then; while it is stopped, work waits. Returns how to cancel it. */
  later(milliseconds: number, work: () => void): () => void {
    const event = this.#after(milliseconds, work);
    return () => {
      if (event.cancelled) return;
      event.cancelled = true;
      const waiting = this.#deferred.indexOf(event.work);
      if (waiting >= 0) this.#deferred.splice(waiting, 1);
    };
  }

  #after(milliseconds: number, work: () => void): Event {
    const run = (): void => {
      if (this.state === 'ended') return;
      if (this.state === 'stopped') this.#deferred.push(run);
      else work();
    };
    return this.#world.time.after(milliseconds, run);
  }

  note(what: string | (() => string)): void {
    this.#world.trace.add(this.#world.time.now, this.name, what);
  }

  disturb(what: string): void {
    this.disturbances.push(what);
    this.note(`! ${what}`);
  }

  kill(why = 'killed'): void {
    if (this.state === 'ended') return;
    this.disturb(why);
    this.state = 'ended';
    this.endedAt = this.#world.time.now;
    this.#hasEnded();
  }

  end(code: number): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.endedAt = this.#world.time.now;
    this.exit = code;
    this.note(`exit ${code}`);
    this.#hasEnded();
  }

  pause(): void {
    if (this.state !== 'runs') return;
    this.disturb('stopped');
    this.state = 'stopped';
  }

  goOn(): void {
    if (this.state !== 'stopped') return;
    this.note('goes on');
    this.state = 'runs';
    for (const work of this.#deferred.splice(0)) this.#world.time.after(0, work);
  }

  #survives(
    what: () => string,
    place: string,
    work: () => unknown,
    tear?: (share: number) => void,
  ): boolean {
    this.steps += 1;
    const { coverage } = this.#world;
    coverage.reached(place, tear ? deathsOfWrites : deaths);
    const fate = this.#world.fateOf(this, place);
    if (fate.do === 'go on') return true;
    try {
      if (fate.share === 1) work();
      else if (fate.share > 0) tear?.(fate.share);
    } catch {
      // Nobody is left to learn of it.
    }
    const how = fate.share === 1 ? 'after' : fate.share > 0 && tear ? 'in the middle of' : 'before';
    coverage.met(`at ${place}`, `${fate.do} ${how}`);
    this.kill(`killed ${how}: ${what()}`);
    if (fate.do === 'cut power') this.#world.cutPower();
    return false;
  }
}
