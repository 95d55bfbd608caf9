/** What happens in a world, as data that follows from its seed: commands, faults and disasters. Data, so that parts can be left out. */
import { agentsOf, agentTroubles } from './agents.ts';
import { type BatchPlan, batchPlanOf } from './batch-plans.ts';
import { batchesOf, batchTroubles } from './batches.ts';
import { actorsOf, capsOf, isRush } from './commands.ts';
import { disk } from './disk-faults.ts';
import { networkFaults, routes } from './network-faults.ts';
import { proxyGateway } from './own-commands.ts';
import { Random } from './random.ts';
import { type ServePlan, serveCaps, serveOf, serveTroubles } from './serve-plan.ts';
import { leadOf } from './steering.ts';

/** What comes through a pipe. */
export interface PipedInput {
  /** `after` the piece before it, ms; `#RUN` is the number of the process. */
  pieces: readonly { after: number; text: string }[];
  /** false: the other end stays open for ever. */
  ends: boolean;
}

export interface Command {
  /** `#RUN` in a word stands for the number of the process. */
  argv: readonly string[];
  /** Before it begins, ms. */
  after: number;
  /** Absent: standard input is a terminal at which nobody types. */
  input?: PipedInput;
}

/** The nth passing of a place meets this fault. */
export interface Fault {
  place: string;
  nth: number;
  fault: string;
  /** So many passings in a row meet it; absent: one. */
  lasts?: number;
}

/** Whoever comes to this place as the nth dies there; `share`: how much of the step is still done. */
export interface Death {
  do: 'kill' | 'cut power';
  place: string;
  nth: number;
  share: number;
}

export type Disaster =
  | Death
  /** `run`: the number of a process; `step`: which of its steps. */
  | { do: 'kill' | 'cut power'; run: number; step: number; share: number }
  /** `again`: a second signal comes so much later, ms. */
  | {
      do: 'signal';
      run: number;
      step: number;
      name: 'SIGINT' | 'SIGTERM' | 'SIGHUP';
      again: number | null;
    }
  | { do: 'stop'; run: number; step: number; milliseconds: number }
  /** From one moment to another, ms of the world; `of`: only where our own files are. */
  | { do: 'disk'; state: 'full' | 'readonly'; of?: 'home'; from: number; until: number }
  | { do: 'clock'; at: number; by: number };

export interface Program {
  seed: number;
  /** Wall clock, ms since 1970. */
  startsAt: number;
  manners: 'journal' | 'strict';
  /** config.json; null: there is none. */
  config: Record<string, unknown> | null;
  /** Lines that are in the ledger before anything begins; absent: none. */
  ledger?: readonly LedgerBefore[];
  /** Text of the inputs of batches, by path; absent: there are none. */
  inputs?: Readonly<Record<string, string>>;
  /** Each runs its commands one after the other, beside the others. */
  actors: readonly (readonly Command[])[];
  /** A proxy with its clients, beside the actors; absent: none. */
  serve?: ServePlan;
  faults: readonly Fault[];
  disasters: readonly Disaster[];
}

/** A call of an earlier day, or one of the sandbox's. */
export interface LedgerBefore {
  gateway: 'alltoken' | 'sandbox';
  /** Before the world begins. */
  days: number;
  /** USD. */
  cost: string;
}

/** Tries of one command, and commands of one actor. */
export const TRIES = 10;
const COMMANDS = 10;

/** The number of a process is where it comes from, whatever else runs. */
export function runNumber(actor: number, command: number, tried: number): number {
  return 1000 + actor * TRIES * COMMANDS + command * TRIES + tried;
}

export function programOf(seed: number): Program {
  const random = new Random(seed, 'program');
  const lead = leadOf(seed);
  const ledTo = lead?.way.serve ?? null;
  const serve = ledTo ?? serveOf(seed);
  const agents = agentsOf(seed);
  // A world has one set of inputs.
  const inputs = lead?.way.inputs;
  const drawn = inputs === undefined ? batchesOf(seed) : { actors: [], inputs };
  const isAlone = lead === null && serve === null && agents.length === 0;
  const plan = isAlone && drawn.actors.length > 0 ? batchPlanOf(seed) : null;
  if (plan !== null) return planned(seed, plan);
  const hasCaps = lead?.way.hasCaps ?? random.chance(0.35);
  // The others are few where one is sent on a way of its own, or a proxy has clients.
  const others = actorsOf(random, hasCaps).slice(
    0,
    lead === null && serve === null ? undefined : 1,
  );
  const actors =
    lead === null ? others : [lead.way.commands, ...(lead.way.beside ?? []), ...others];
  const calm = lead === null && random.chance(0.15);
  const faults = calm
    ? []
    : Array.from({ length: random.pick(lead === null ? [0, 1, 1, 2, 3, 5] : [0, 0, 1]) }, () =>
        faultOf(random, actors),
      );
  const disasters = calm
    ? []
    : Array.from({ length: random.pick(lead === null ? [0, 0, 1, 1, 2] : [0, 0, 0, 1]) }, () =>
        disasterOf(random, actors),
      );
  if (!calm && lead === null && isRush(actors))
    faults.push(...(hasCaps ? slowLedger(random) : fullLedger(random)));
  faults.push(...secondThoughts(random, disasters));
  const day = Date.UTC(2026, random.between(0, 11), random.between(1, 28));
  const late = random.chance(0.1);
  const runs = agents.flatMap((_, index) =>
    [0, 1].map((tried) => runNumber(actors.length + index, 0, tried)),
  );
  const troubles = agentTroubles(seed, calm ? [] : runs);
  const first = actors.length + agents.length;
  const batchRuns = drawn.actors.flatMap((_, index) =>
    [0, 1].map((tried) => runNumber(first + index, 0, tried)),
  );
  const more = batchTroubles(seed, calm ? [] : batchRuns);
  const ofServe = serve === null || ledTo !== null ? null : serveTroubles(seed);
  return {
    seed,
    startsAt: day + (late ? 86_400_000 - random.between(1, 60_000) : random.between(0, 80_000_000)),
    manners: random.chance(0.7) ? 'journal' : 'strict',
    ...(hasCaps && { ledger: ledgerBefore(random) }),
    config: withProxy(
      serve,
      hasCaps
        ? { budget: budgetOf(random, lead !== null, isRush(actors)) }
        : serve && serveCaps(seed),
    ),
    ...(Object.keys(drawn.inputs).length > 0 && { inputs: drawn.inputs }),
    ...(serve && { serve }),
    actors: [...actors, ...agents, ...drawn.actors],
    faults: [
      ...(lead?.way.faults ?? []),
      ...(lead?.faults ?? []),
      ...faults,
      ...troubles.faults,
      ...more.faults,
      ...(ofServe?.faults ?? []),
    ],
    disasters: [
      ...(lead?.way.disasters ?? []),
      ...(lead?.disasters ?? []),
      ...disasters,
      ...troubles.disasters,
      ...more.disasters,
      ...(ofServe?.disasters ?? []),
    ],
  };
}

function withProxy(serve: ServePlan | null, config: Program['config']): Program['config'] {
  return serve?.own === undefined ? config : { ...config, gateways: proxyGateway };
}

/** A batch that is sent somewhere has the world for itself. */
function planned(seed: number, { batches, faults, disasters }: BatchPlan): Program {
  const random = new Random(seed, 'program');
  return {
    seed,
    startsAt: Date.UTC(2026, random.between(0, 11), random.between(1, 28), 6),
    manners: random.chance(0.7) ? 'journal' : 'strict',
    config: null,
    ...batches,
    faults,
    disasters,
  };
}

/** One is slow between what it reserves and its line in the ledger; and what another cannot read then, the first one holds. */
function slowLedger(random: Random): Fault[] {
  if (random.chance(0.2)) return [];
  const place = random.pick(['open ledger', 'append ledger']);
  const slow = { place, nth: random.between(1, 2), fault: 'slow' };
  const fault = random.pick(['EIO', 'EACCES']);
  return random.chance(0.6)
    ? [slow, { place: 'read budget', nth: random.between(2, 5), fault }]
    : [slow];
}

/** Half a line of one, just when another appends its own. */
function fullLedger(random: Random): Fault[] {
  if (!random.chance(0.5)) return [];
  return [{ place: 'append ledger', nth: random.between(1, 4), fault: 'ENOSPC' }];
}

/** A way on which the caps are passed needs one that counts; those who rush need one that has not room for all. */
function budgetOf(random: Random, isLed: boolean, rushes: boolean): Record<string, unknown> {
  const tight = (random.between(30, 90) / 10_000).toFixed(4);
  return {
    ...(isLed && { day: '1' }),
    ...capsOf(random),
    ...(rushes && random.chance(0.7) && { day: tight }),
  };
}

/** Play money counts in no cap; what was spent yesterday in none of today. */
function ledgerBefore(random: Random): LedgerBefore[] {
  const cost = (most: number): string => (random.between(1, most) / 10_000).toFixed(4);
  const lines: LedgerBefore[] = [];
  if (random.chance(0.3)) lines.push({ gateway: 'sandbox', days: 0, cost: cost(3000) });
  if (random.chance(0.3))
    lines.push({ gateway: 'alltoken', days: random.between(1, 3), cost: cost(300) });
  return lines;
}

/** The words of a command line by which its places are found; the rest is passed by any command. */
const ways: Readonly<Record<string, RegExp>> = {
  chat: /chat|search|budget|sessions|cache|models$|account/,
  search: /chat|cache/,
  image: /image|file|upload|input|record|reply|temporary|output/,
  video: /video|file|upload|input|record|temporary|output/,
  models: /models|cache/,
  tasks: /record|cancel|videos/,
  cost: /ledger/,
};

function isOnTheWay(place: string, argv: readonly string[]): boolean {
  const isHub = argv.includes('tokenhub');
  if (place.includes('/api/v1/') !== isHub && /\/v1\//.test(place)) return false;
  const way = ways[argv[0] ?? ''];
  return way?.test(place) === true || /ledger|lock|config|room|stdout/.test(place);
}

/** Early passings more often than late ones. */
function nthOf(random: Random, most: number): number {
  return 1 + Math.floor(random.next() * random.next() * most);
}

const failingDisk = disk.filter(([, , faults]) => faults.length > 0);

function faultOf(random: Random, actors: readonly (readonly Command[])[]): Fault {
  const { argv } = random.pick(random.pick(actors));
  const isNetwork = random.chance(0.55);
  const places = (isNetwork ? routes : failingDisk).filter(([place]) => isOnTheWay(place, argv));
  const [place, most, own] = random.pick(places.length > 0 ? places : failingDisk);
  const faults = isNetwork && places.length > 0 && random.chance(0.6) ? networkFaults : own;
  const fault = { place, nth: nthOf(random, most), fault: random.pick(faults) };
  return isNetwork && random.chance(0.2) ? { ...fault, lasts: random.between(2, 6) } : fault;
}

/** The steps of a job around its create request. */
const PURCHASE = [16, 32] as const;

/** Who was killed while it bought asks again, and is refused. */
function secondThoughts(random: Random, disasters: readonly Disaster[]): Fault[] {
  const isCut = disasters.some(
    (one) => 'run' in one && one.step >= PURCHASE[0] && one.step <= PURCHASE[1],
  );
  if (!isCut || !random.chance(0.3)) return [];
  const fault = random.pick(['500', '402', '429 for long', '503']);
  return [{ place: 'POST /v1/images/generations/async', nth: 2, fault }];
}

function disasterOf(random: Random, actors: readonly (readonly Command[])[]): Disaster {
  const actor = random.between(0, actors.length - 1);
  const command = random.between(0, (actors[actor]?.length ?? 1) - 1);
  const run = runNumber(actor, command, random.pick([0, 0, 0, 1]));
  // Around the purchase, or anywhere.
  const step = random.chance(0.25)
    ? random.between(...PURCHASE)
    : random.between(1, random.pick([40, 70, 70, 130]));
  const share = random.pick([0, 1, random.next()]);
  const kind = random.next();
  if (kind < 0.4) return { do: 'kill', run, step, share };
  if (kind < 0.6) return { do: 'cut power', run, step, share };
  if (kind < 0.75)
    return {
      do: 'signal',
      run,
      step,
      name: random.pick(['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP']),
      again: random.chance(0.2) ? random.between(1, 4000) : null,
    };
  if (kind < 0.83)
    return { do: 'stop', run, step, milliseconds: random.pick([5000, 70_000, 700_000]) };
  const at = random.between(0, 40_000);
  if (kind < 0.94)
    return random.chance(0.25)
      ? { do: 'disk', state: 'readonly', of: 'home', from: 0, until: random.between(10, 60_000) }
      : {
          do: 'disk',
          state: random.chance(0.6) ? 'full' : 'readonly',
          from: at,
          until: at + random.between(10, 60_000),
        };
  const by = random.pick([-86_400_000, -3_600_000, -90_000, 61_000, 3_600_000, 86_400_000]);
  return { do: 'clock', at, by };
}
