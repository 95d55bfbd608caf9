/** The object through which StrykerJS's instrumented code is told which mutant is on, and says which it came by: `globalThis.__stryker__`. */
import { workerData } from 'node:worker_threads';

interface Switchboard {
  activeMutant?: string | undefined;
  /** Counts how often the active mutant was met; past `hitLimit` the code throws, which ends most endless loops. */
  hitCount?: number | undefined;
  hitLimit?: number;
  currentTestId?: string | undefined;
  /** By mutant: how often it was met, in each test and outside of them. The code keeps these two objects: empty them, do not replace them. */
  mutantCoverage: {
    static: Record<string, number>;
    perTest: Record<string, Record<string, number>>;
  };
}

const place = globalThis as { __stryker__?: Switchboard };
place.__stryker__ ??= { mutantCoverage: { static: {}, perTest: {} } };
place.__stryker__.mutantCoverage ??= { static: {}, perTest: {} };

export const switchboard: Switchboard = place.__stryker__;

/** From now on this mutant is on; null: none. */
export function switchOn(mutant: string | null, hitLimit: number): void {
  switchboard.activeMutant = mutant ?? undefined;
  switchboard.hitCount = mutant === null ? undefined : 0;
  switchboard.hitLimit = hitLimit;
}

// In a thread that was begun for one mutant it is on before anything else is loaded.
const { mutant } = (workerData ?? {}) as { mutant?: string };
if (mutant !== undefined) switchOn(mutant, Number.POSITIVE_INFINITY);
