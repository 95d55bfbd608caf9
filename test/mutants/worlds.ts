/** Plays simulated worlds with one mutant switched on. It runs in a thread of its own: a mutant may never end. */
// First, so that what is counted and switched on begins with the loading of the program.

import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from '../simulation/coverage.ts';
import { play } from '../simulation/main.ts';
import { programOf } from '../simulation/program.ts';
import { switchboard, switchOn } from './switchboard.ts';

interface Order {
  /** null: none, what each world reaches is counted. */
  mutant: string | null;
  seeds: number[];
  hitLimit: number;
}

type Report =
  | { kind: 'reached'; worlds: Record<string, Record<string, number>>; loading: string[] }
  | { kind: 'killed'; seed: number; how: string }
  | { kind: 'spoilt' }
  | { kind: 'survived' };

Error.stackTraceLimit = 0;

parentPort?.on('message', (order: Order) => {
  void answer(order).then((report) => parentPort?.postMessage(report));
});

async function answer({ mutant, seeds, hitLimit }: Order): Promise<Report> {
  if (mutant === null) return reached(seeds);
  for (const seed of seeds) {
    if (isThisThreads(mutant)) {
      const how = await broken(seed);
      if (how !== null) return { kind: 'killed', seed, how };
      continue;
    }
    switchOn(mutant, hitLimit);
    const how = await broken(seed);
    switchOn(null, hitLimit);
    if (how === null) continue;
    // What a mutant left behind in a module is not held against the next one.
    return (await broken(seed)) === null ? { kind: 'killed', seed, how } : { kind: 'spoilt' };
  }
  return { kind: 'survived' };
}

/** It was on while the program was loaded, and stays on. */
function isThisThreads(mutant: string): boolean {
  return (workerData as { mutant?: string } | null)?.mutant === mutant;
}

async function reached(seeds: number[]): Promise<Report> {
  const { perTest, static: before } = switchboard.mutantCoverage;
  const count = async (seed: number, name: string): Promise<Record<string, number>> => {
    switchboard.currentTestId = name;
    await broken(seed);
    return perTest[name] ?? {};
  };
  // Parts of the program are loaded when they are first used, and each only once.
  const first = new Map<number, Record<string, number>>();
  for (const seed of seeds) first.set(seed, await count(seed, `first ${seed}`));
  const loading = new Set(Object.keys(before));
  const worlds: Record<string, Record<string, number>> = {};
  for (const seed of seeds) {
    const known = first.get(seed) ?? {};
    const again = seed < LOADED_BY ? await count(seed, `again ${seed}`) : known;
    for (const id of Object.keys(known)) if (again[id] === undefined) loading.add(id);
    worlds[seed] = again;
  }
  return { kind: 'reached', worlds, loading: [...loading] };
}

/** By this world everything that any world loads has been loaded. */
const LOADED_BY = 60;

/** The first law that does not hold; null: all do. */
async function broken(seed: number): Promise<string | null> {
  try {
    const { violations } = await play(programOf(seed), new Coverage(), false);
    // Once a world, whatever is left of it may go.
    await new Promise((resolve) => setImmediate(resolve));
    return violations[0]?.law ?? null;
  } catch (error) {
    return `thrown: ${error}`;
  }
}
