/** One world from one program: runs what is to run, lets happen what is to happen, heals everything, and holds the end against the laws. */

import { AGENTS } from './agents.ts';
import type { Coverage } from './coverage.ts';
import { Disk } from './disk.ts';
import { ALLTOKEN, ALLTOKEN_FILES, alltokenServer } from './gateway-alltoken.ts';
import { fileStore, inputFiles } from './gateway-base.ts';
import { Books } from './gateway-books.ts';
import { TOKENHUB, TOKENHUB_FILES, tokenhubServer } from './gateway-tokenhub.ts';
import { STORAGE, Uploads } from './gateway-uploads.ts';
import { checkDurable, noteKept } from './kept.ts';
import { checkLaws } from './laws.ts';
import { noteBatch } from './laws-batch.ts';
import { enter, Loopback } from './loopback.ts';
import { Machine, signalTo } from './machine.ts';
import type { Server } from './network.ts';
import { insideOf } from './own-commands.ts';
import type { Fate, Process, Surroundings } from './process.ts';
import { BATCHES, HOME, IN, OUT } from './process-files.ts';
import type { Death, Disaster, Fault, LedgerBefore, Program } from './program.ts';
import { Random } from './random.ts';
import { isServe, ProxyActors } from './serve-clients.ts';
import { playActor, settleAll } from './shell.ts';
import { Time, TimeIsUp } from './time.ts';
import { Trace } from './trace.ts';

export interface Violation {
  law: string;
  what: string;
}

export interface Result {
  seed: number;
  violations: Violation[];
  /** Of the trace; null where it is not kept. */
  hash: string | null;
  lines: string[] | null;
  events: number;
  processes: number;
}

/** Until the machine is on again after a power cut, ms. */
const DARK_MS = 20_000;

export class World implements Surroundings {
  readonly program: Program;
  readonly time = new Time();
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly disk: Disk;
  readonly books = new Books();
  readonly machine: Machine;
  /** null: this world has no proxy. */
  readonly proxy: ProxyActors | null;
  readonly violations: Violation[] = [];
  /** What the wall clock was set by, ms. */
  #clockOffset = 0;
  #isHealed = false;
  readonly #faults: Map<string, Fault[]>;
  readonly #passed = new Map<string, number>();
  readonly #fates: Map<number, Disaster[]>;
  readonly #deaths: Map<string, Death[]>;
  readonly #reached = new Map<string, number>();
  readonly #random: Random;
  #whenOn: (() => void)[] = [];
  readonly #looks = new Map<string, { at: number; found: unknown }>();

  constructor(program: Program, coverage: Coverage, keepsTrace: boolean) {
    this.program = program;
    this.coverage = coverage;
    this.trace = new Trace(keepsTrace);
    this.disk = new Disk(program.manners, () => this.wall());
    this.#random = new Random(program.seed, 'world');
    this.#faults = groupBy(program.faults, ({ place }) => place);
    this.#deaths = groupBy(
      program.disasters.filter((disaster) => 'place' in disaster),
      ({ place }) => place,
    );
    this.#fates = groupBy(program.disasters, (disaster) => ('run' in disaster ? disaster.run : -1));
    const shop = {
      books: this.books,
      time: this.time,
      wall: () => program.startsAt + this.time.now,
      seed: program.seed,
    };
    const store = fileStore(this.books);
    const uploads = new Uploads();
    const servers = new Map<string, Server>([
      [ALLTOKEN, alltokenServer(shop, uploads)],
      [TOKENHUB, tokenhubServer(shop)],
      [ALLTOKEN_FILES, store],
      [TOKENHUB_FILES, store],
      [STORAGE, uploads.storage()],
    ]);
    const loopback = new Loopback(this, () => this.machine.running().findLast(isServe));
    this.machine = new Machine({
      world: this,
      internet: (origin) => servers.get(origin) ?? null,
      inside: (process) => insideOf(process, loopback),
      seed: program.seed,
      wall: () => this.wall(),
      breaks: (law, what) => this.breaks(law, what),
      began: (process) => noteBatch(this, process, 'before'),
      ended: (process) => {
        noteKept(this);
        if (process.batch?.after === null) noteBatch(this, process, 'after');
      },
    });
    enter(loopback);
    const { serve } = program;
    this.proxy = serve === undefined ? null : new ProxyActors(this, serve, loopback);
    this.#furnish();
  }

  wall(): number {
    return this.program.startsAt + this.time.now + this.#clockOffset;
  }

  breaks(law: string, what: string): void {
    this.violations.push({ law, what });
    this.trace.add(this.time.now, 'LAW', `${law}: ${what}`);
  }

  async play(): Promise<Result> {
    try {
      this.#planDisasters();
      const { actors } = this.program;
      if (
        await this.#until(
          Promise.all([
            ...actors.map((commands, index) => playActor(this, index, commands)),
            this.proxy?.play(),
          ]),
        )
      ) {
        this.#heal();
        const { proxy } = this;
        const closed = proxy === null || (await this.#until(proxy.settle()));
        if (closed && (await this.#until(settleAll(this)))) await checkLaws(this);
      }
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      this.breaks('everything ends', `${error.message}: ${this.#whatRuns()}`);
    }
    return {
      seed: this.program.seed,
      violations: this.violations,
      hash: this.trace.hash(),
      lines: this.trace.lines,
      events: this.time.events,
      processes: this.machine.processes.length,
    };
  }

  releases(process: Process): void {
    noteBatch(this, process, 'after');
  }

  faultAt(place: string, possible: readonly string[], process: Process): string | null {
    this.coverage.passed(place, possible);
    const planned = this.#faults.get(place);
    if (planned === undefined || this.#isHealed) return null;
    const nth = (this.#passed.get(place) ?? 0) + 1;
    this.#passed.set(place, nth);
    const found = planned.find(
      (one) => nth >= one.nth && nth < one.nth + (one.lasts ?? 1) && possible.includes(one.fault),
    );
    if (found === undefined) return null;
    this.coverage.met(place, found.fault);
    process.disturb(`${place}: ${found.fault}`);
    return found.fault;
  }

  fateOf(process: Process, place: string): Fate {
    const planned = this.#deaths.get(place);
    if (planned !== undefined && !this.#isHealed) {
      const nth = (this.#reached.get(place) ?? 0) + 1;
      this.#reached.set(place, nth);
      const death = planned.find((one) => one.nth === nth);
      if (death !== undefined) return { do: death.do, share: death.share };
    }
    const due = this.#fates.get(process.pid);
    if (due === undefined || this.#isHealed) return { do: 'go on' };
    for (const disaster of due) {
      if (!('step' in disaster) || disaster.step !== process.steps) continue;
      this.coverage.met('process', disaster.do);
      if (disaster.do === 'kill' || disaster.do === 'cut power')
        return { do: disaster.do, share: disaster.share };
      if (disaster.do === 'signal') {
        const { name, again } = disaster;
        this.time.after(0, () => signalTo(process, name));
        if (again !== null) this.time.after(again, () => signalTo(process, name));
      }
      if (disaster.do === 'stop') {
        this.time.after(0, () => process.pause());
        this.time.after(disaster.milliseconds, () => process.goOn());
      }
    }
    return { do: 'go on' };
  }

  diskState(path: string): 'well' | 'full' | 'readonly' {
    if (this.#isHealed) return 'well';
    for (const disaster of this.program.disasters)
      if (
        disaster.do === 'disk' &&
        (disaster.of !== 'home' || path.startsWith(HOME)) &&
        this.time.now >= disaster.from &&
        this.time.now < disaster.until
      )
        return disaster.state;
    return 'well';
  }

  cutPower(): void {
    this.trace.add(this.time.now, 'world', 'the power is cut');
    this.machine.loseAll(this.#random);
    for (const task of this.books.tasks.values()) task.isKept = false;
    noteKept(this);
    checkDurable(this);
    this.time.after(DARK_MS, () => this.#powerOn());
  }

  /** Resolves at once while there is power. */
  untilOn(): Promise<void> {
    if (this.machine.isOn) return Promise.resolve();
    return new Promise((resolve) => this.#whenOn.push(resolve));
  }

  /** What is read off the disk, once between two events: nothing can change it meanwhile. */
  look<T>(what: string, read: () => T): T {
    const known = this.#looks.get(what);
    if (known?.at === this.time.events) return known.found as T;
    const found = read();
    this.#looks.set(what, { at: this.time.events, found });
    return found;
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.time.after(milliseconds, resolve));
  }

  /** A program that never wakes up again and does not end is a defect, too. */
  async #until(work: Promise<unknown>): Promise<boolean> {
    const state = { isDone: false };
    void work.then(() => {
      state.isDone = true;
    });
    if (await this.time.run(() => state.isDone)) return true;
    this.breaks('everything ends', `nothing happens any more: ${this.#whatRuns()}`);
    return false;
  }

  #whatRuns(): string {
    return this.machine
      .running()
      .map(({ name, argv }) => `${name} ${argv.join(' ')}`)
      .join(', ');
  }

  #planDisasters(): void {
    for (const disaster of this.program.disasters)
      if (disaster.do === 'clock')
        this.time.after(disaster.at, () => {
          this.#clockOffset += disaster.by;
          this.coverage.met('machine', 'clock');
          this.trace.add(this.time.now, 'world', `the clock is set by ${disaster.by} ms`);
        });
  }

  #powerOn(): void {
    this.machine.turnOn();
    this.trace.add(this.time.now, 'world', 'the power is back');
    for (const resolve of this.#whenOn.splice(0)) resolve();
  }

  #heal(): void {
    this.#isHealed = true;
    this.trace.add(this.time.now, 'world', 'everything works again');
    if (!this.machine.isOn) this.#powerOn();
  }

  #furnish(): void {
    const hasAgents = this.program.actors.some(([first]) => first?.argv[0] === 'agent');
    const { inputs = {} } = this.program;
    const places = [...(hasAgents ? [AGENTS] : []), ...(this.program.inputs ? [BATCHES] : [])];
    for (const path of ['/home', '/home/user', HOME, OUT, IN, ...places]) {
      this.disk.makeDirectory(path);
      this.disk.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
    }
    for (const [path, text] of Object.entries(inputs)) this.#put(path, Buffer.from(text));
    const { config, actors } = this.program;
    const words = actors.flatMap((commands) => commands.flatMap(({ argv }) => argv));
    for (const [name, bytes] of inputFiles)
      if (words.includes(`${IN}/${name}`)) this.#put(`${IN}/${name}`, bytes);
    if (config !== null) this.#put(`${HOME}/config.json`, Buffer.from(JSON.stringify(config)));
    this.#fillLedger();
  }

  #fillLedger(): void {
    const { ledger = [], startsAt } = this.program;
    if (ledger.length === 0) return;
    this.disk.makeDirectory(`${HOME}/ledger`);
    this.disk.syncDirectory(HOME);
    const months = new Map<string, string>();
    for (const [index, line] of ledger.entries()) {
      const at = new Date(startsAt - line.days * 86_400_000).toISOString();
      const month = at.slice(0, 7);
      months.set(month, (months.get(month) ?? '') + ledgerLine(index, at, line));
    }
    for (const [month, text] of months)
      this.#put(`${HOME}/ledger/${month}.jsonl`, Buffer.from(text));
  }

  #put(path: string, bytes: Buffer): void {
    const file = this.disk.create(path, 0o600);
    this.disk.write(file, 0, bytes);
    this.disk.sync(file);
    this.disk.syncDirectory(path.slice(0, path.lastIndexOf('/')));
  }
}

/** As the program writes the outcome of a call. */
function ledgerLine(index: number, at: string, { gateway, cost }: LedgerBefore): string {
  const model = 'gpt-5.4';
  const line = {
    ...{ v: 1, event: 'outcome', call: `before-${index}`, at, command: 'chat', gateway },
    ...{ session: null, tags: [], model, requested_model: model, request_id: null, exit: 0 },
    ...{ billed: 'yes', attempts: 1, usage: null, duration_ms: 10, first_token_ms: 5 },
    cost: { amount: cost, currency: 'USD', source: 'catalog' },
  };
  return `${JSON.stringify(line)}\n`;
}

function groupBy<Key, Item>(list: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
