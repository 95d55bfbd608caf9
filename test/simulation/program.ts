/** What happens in a world, as data that follows from its seed: commands, faults and disasters. Data, so that parts can be left out. */
import { networkFaults, routes } from './network-faults.ts';
import { Random } from './random.ts';

export interface Command {
  /** `#RUN` in a word stands for the number of the process. */
  argv: readonly string[];
  /** Before it begins, ms. */
  after: number;
}

/** The nth passing of a place meets this fault. */
export interface Fault {
  place: string;
  nth: number;
  fault: string;
  /** So many passings in a row meet it; absent: one. */
  lasts?: number;
}

export type Disaster =
  /** `run`: the number of a process; `step`: which of its steps; `share`: how much of that is still done. */
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
  /** From one moment to another, ms of the world. */
  | { do: 'disk'; state: 'full' | 'readonly'; from: number; until: number }
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
  /** Each runs its commands one after the other, beside the others. */
  actors: readonly (readonly Command[])[];
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
  const hasCaps = random.chance(0.35);
  const count = random.pick([1, 1, 1, 1, 2, 2, 3]);
  const isRush = random.chance(0.14);
  const actors = isRush
    ? rush(random, hasCaps)
    : Array.from({ length: count }, () =>
        Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => commandOf(random, hasCaps)),
      );
  const calm = random.chance(0.1);
  const faults = calm
    ? []
    : Array.from({ length: random.pick([0, 1, 1, 2, 3, 5]) }, () => faultOf(random, actors));
  if (isRush && !calm) faults.push(...(hasCaps ? slowLedger(random) : fullLedger(random)));
  const disasters = calm
    ? []
    : Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => disasterOf(random, actors));
  faults.push(...secondThoughts(random, disasters));
  const day = Date.UTC(2026, random.between(0, 11), random.between(1, 28));
  const late = random.chance(0.1);
  return {
    seed,
    startsAt: day + (late ? 86_400_000 - random.between(1, 60_000) : random.between(0, 80_000_000)),
    manners: random.chance(0.7) ? 'journal' : 'strict',
    config: hasCaps ? { budget: capsOf(random) } : null,
    ...(hasCaps && { ledger: ledgerBefore(random) }),
    actors,
    faults,
    disasters,
  };
}

/** Several at the same moment want the same: money under one cap, or one name. */
function rush(random: Random, hasCaps: boolean): Command[][] {
  const chat = ['chat', '-m', 'gpt-5.4', '--max-tokens', '200', 'hello #RUN'];
  const argv = hasCaps ? chat : ['image', '-o', 'cat.png', 'draw a cat #RUN'];
  const many = Array.from({ length: random.between(2, 4) }, () => [{ argv, after: 5000 }]);
  // With the price list at hand, nothing but the disk comes between them.
  return hasCaps ? [[{ argv: ['models'], after: 0 }], ...many] : many;
}

/** One is slow between what it reserves and its line in the ledger; and what another cannot read then, the first one holds. */
function slowLedger(random: Random): Fault[] {
  if (random.chance(0.3)) return [];
  const place = random.pick(['open ledger', 'append ledger']);
  const slow = { place, nth: random.between(1, 2), fault: 'slow' };
  const fault = random.pick(['EIO', 'EACCES']);
  return random.chance(0.5)
    ? [slow, { place: 'read budget', nth: random.between(2, 5), fault }]
    : [slow];
}

/** Half a line of one, just when another appends its own. */
function fullLedger(random: Random): Fault[] {
  if (!random.chance(0.5)) return [];
  return [{ place: 'append ledger', nth: random.between(1, 4), fault: 'ENOSPC' }];
}

function capsOf(random: Random): Record<string, unknown> {
  const amount = (): string => (random.between(8, random.pick([80, 300])) / 10_000).toFixed(4);
  return {
    ...(random.chance(0.3) && { call: amount() }),
    ...(random.chance(0.7) && { day: amount() }),
    ...(random.chance(0.3) && { month: amount() }),
    ...(random.chance(0.3) && { tags: { ci: { day: amount() } } }),
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

function commandOf(random: Random, hasCaps: boolean): Command {
  const argv = argvOf(random, hasCaps);
  const more = random.chance(0.08) ? ['--debug'] : random.chance(0.08) ? ['-v'] : [];
  const [name = '', ...rest] = argv;
  const takesMore = name !== 'tasks' && name !== 'cost' && name !== 'models';
  return {
    argv: takesMore ? [name, ...more, ...rest] : argv,
    after: random.pick([0, 0, 50, 3000, 70_000]),
  };
}

function argvOf(random: Random, hasCaps: boolean): string[] {
  const json = random.chance(0.4) ? ['--json'] : random.chance(0.1) ? ['--jsonl'] : [];
  const tag = random.chance(0.3) ? ['--tag', 'ci'] : [];
  const kind = random.next();
  if (kind < 0.38 || (hasCaps && kind < 0.6)) {
    const isHub = !hasCaps && random.chance(0.2);
    const model = isHub
      ? ['-g', 'tokenhub']
      : ['-m', random.pick(['gpt-5.4-nano', 'gpt-5.4-mini', 'gpt-5.4'])];
    const limit =
      hasCaps || random.chance(0.3) ? ['--max-tokens', String(random.pick([50, 200, 400]))] : [];
    const session = random.chance(0.25) ? ['--session', random.pick(['one', 'two'])] : [];
    const cap = random.chance(0.1) ? ['--max-cost', '0.004'] : [];
    return ['chat', ...model, ...limit, ...tag, ...session, ...cap, ...json, 'hello #RUN'];
  }
  if (kind < 0.44) return ['search', ...json, 'news of today #RUN'];
  if (kind < 0.7) {
    const hub = random.chance(0.2) ? ['-g', 'tokenhub'] : [];
    const count = random.chance(0.25) ? ['-n', String(random.between(2, 3))] : [];
    const how = random.chance(0.15) ? ['--async'] : random.chance(0.15) ? ['--wait', '5'] : [];
    const name = random.chance(0.2) ? ['-o', 'cat.png'] : [];
    return ['image', ...hub, ...count, ...how, ...name, ...tag, ...json, 'draw a cat #RUN'];
  }
  if (kind < 0.9) {
    const hub = random.chance(0.15) ? ['-g', 'tokenhub'] : [];
    const cancel = hub.length > 0 ? [] : ['--cancel-on-interrupt'];
    const how = random.pick([[], [], ['--async'], ['--wait', '10'], cancel]);
    return ['video', ...hub, ...how, ...tag, ...json, 'film a dog #RUN'];
  }
  const document = json.length > 0 ? ['--json'] : [];
  return random.pick([
    ['tasks', 'list', ...document],
    ['tasks', 'resume', '--all', ...json],
    ['cost', ...document],
    ['models', ...document],
    ['tasks', 'CANCEL'],
    ['tasks', 'CANCEL'],
  ]);
}

const unwritable = ['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'slow'];
const unreadable = ['EIO', 'EACCES', 'slow'];

const disk: readonly (readonly [place: string, most: number, faults: readonly string[]])[] = [
  ['open ledger', 5, unwritable],
  ['append ledger', 5, unwritable],
  ['openToRead ledger', 4, unreadable],
  ['mkdir room', 4, unwritable],
  ['create record', 12, unwritable],
  ['write record', 12, unwritable],
  ['sync record', 12, ['EIO']],
  ['rename record', 12, unwritable],
  ['read record', 8, unreadable],
  ['open lock', 10, unwritable],
  ['remove lock', 10, ['EIO', 'EROFS']],
  ['open reply', 3, unwritable],
  ['write reply', 5, unwritable],
  ['sync reply', 3, ['EIO']],
  ['rename reply', 3, unwritable],
  ['openToRead reply', 6, unreadable],
  ['remove reply', 6, ['EIO', 'EROFS']],
  ['status reply', 6, ['EIO']],
  ['open temporary', 4, unwritable],
  ['write temporary', 6, unwritable],
  ['sync temporary', 3, ['EIO']],
  ['remove temporary', 3, ['EIO', 'EROFS']],
  ['openToRead temporary', 3, unreadable],
  ['link output', 3, [...unwritable, 'EPERM', 'ENOTSUP']],
  ['rename output', 2, unwritable],
  ['create budget', 8, unwritable],
  ['write budget', 8, unwritable],
  ['rename budget', 8, unwritable],
  ['read budget', 8, unreadable],
  ['create cache', 2, unwritable],
  ['read cache', 4, unreadable],
  ['create sessions', 2, unwritable],
  ['read sessions', 2, unreadable],
  ['read config', 4, unreadable],
  ['status config', 3, ['EIO']],
  ['status output', 3, ['EIO']],
  ['status other', 3, ['EIO']],
  ['open output', 2, unwritable],
  ['openToRead output', 3, unreadable],
  ['remove output', 2, ['EIO', 'EROFS']],
  ['remove record', 3, ['EIO', 'EROFS']],
  ['sync budget', 4, ['EIO']],
  ['write cache', 2, unwritable],
  ['rename cache', 2, unwritable],
  ['write sessions', 2, unwritable],
  ['rename sessions', 2, unwritable],
  ['open sessions', 2, unwritable],
  ['append sessions', 2, unwritable],
  ['write stdout', 4, ['EPIPE', 'ENOSPC', 'slow']],
];

/** The words of a command line by which its places are found; the rest is passed by any command. */
const ways: Readonly<Record<string, RegExp>> = {
  chat: /chat|search|budget|sessions|cache|models$|account/,
  search: /chat|cache/,
  image: /image|file|record|reply|temporary|output/,
  video: /video|file|record|temporary|output/,
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

function faultOf(random: Random, actors: readonly (readonly Command[])[]): Fault {
  const { argv } = random.pick(random.pick(actors));
  const isNetwork = random.chance(0.55);
  const places = (isNetwork ? routes : disk).filter(([place]) => isOnTheWay(place, argv));
  const [place, most, own] = random.pick(places.length > 0 ? places : disk);
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
    return {
      do: 'disk',
      state: random.chance(0.6) ? 'full' : 'readonly',
      from: at,
      until: at + random.between(10, 60_000),
    };
  const by = random.pick([-86_400_000, -3_600_000, -90_000, 61_000, 3_600_000, 86_400_000]);
  return { do: 'clock', at, by };
}
