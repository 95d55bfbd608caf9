/** One test for each point at which a command is killed and taken up again, and a table of them all. */
import { afterAll, describe, expect, test } from 'vitest';
import { expectFiles, expectHonest, type Outcome, Report, takeUp } from './kill-judge.ts';
import { type Death, deathsIn, shareOf, titleOf, unsafeSteps } from './kill-points.ts';
import {
  type Ended,
  inKillWorld,
  type KillWorld,
  type Point,
  type Scenario,
} from './kill-world.ts';
import { isTurnOf } from './share.ts';

export interface Kills {
  title: string;
  scenario: Scenario;
  /** Which of the points count; all of them where it is left out. A share of them is tried. */
  choose?: (deaths: Death[]) => Death[];
  /** Other rules than the usual ones. */
  judge?: (world: KillWorld, death: Death, end: Outcome, killed: Ended) => void;
  /** A first process is killed here; `argv` then takes the job up, and is killed at each of its own steps. */
  first?: { death: Point; records: 1 | 2; argv: (world: KillWorld) => string[] };
}

/** There is no SIGKILL on Windows. */
export const canKill = process.platform !== 'win32';

/** Five of them run at a time, perhaps on one busy core. */
const TIMEOUT_MS = 300_000;

/** Half of them, the other half on the next day. */
export async function testInTurns(all: readonly Kills[]): Promise<void> {
  for (const kills of all.filter((_, index) => isTurnOf(index, 2))) await testKills(kills);
}

export async function testKills(kills: Kills): Promise<void> {
  const { title, scenario, choose, judge, first } = kills;
  if (!canKill) return test.skip(title, () => {});
  const steps = await traceOf(kills);
  const all = deathsIn(steps, first?.records);
  const chosen = choose?.(all) ?? all;
  const deaths = shareOf(chosen);
  const asProcesses = takenUpByExecutable(deaths);
  const report = new Report();
  afterAll(() =>
    console.log(report.text(`${title} (${deaths.length} of ${chosen.length} points)`)),
  );
  test(`${title}: what counts is on disk before the next thing happens`, () => {
    expect(unsafeSteps(steps)).toEqual([]);
  });
  describe.concurrent(title, () => {
    test.each(deaths.map((death, place) => [titleOf(death), death, place] as const))(
      'killed %s',
      { timeout: TIMEOUT_MS },
      async (at, death, place) => {
        await inKillWorld(scenario, async (world) => {
          const killed = await world.run(await begin(kills, world), death);
          expectKilled(killed, death);
          const end = await takeUp(world, { executable: asProcesses.includes(death) });
          report.add(place, at, world, end);
          if (judge) judge(world, death, end, killed);
          else expectHonest(world, scenario, death.phase, end);
        });
      },
    );
  });
  test(`${title}: nothing but records is left in the journal`, () => {
    expect(report.left()).toEqual([]);
  });
}

/** There the executable itself takes the job up: at the first death of a phase, of another phase each day. */
function takenUpByExecutable(deaths: readonly Death[]): Death[] {
  const firsts = deaths.filter(
    ({ phase }, index) => deaths.findIndex((death) => death.phase === phase) === index,
  );
  return firsts.filter((_, index) => isTurnOf(index, firsts.length));
}

/** The steps of a run that nobody disturbs. */
async function traceOf(kills: Kills): Promise<string[]> {
  return inKillWorld(kills.scenario, async (world) => {
    const ended = await world.run(await begin(kills, world));
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
    if (kills.scenario.names.length > 0) expectFiles(world, kills.scenario);
    // Loads what takes a job up, which is no test's time.
    expect((await world.runHere(['tasks', 'resume', '--all'])).code).toBe(0);
    return ended.steps;
  });
}

/** Kills the first process where there is one; returns the command that is looked at. */
async function begin({ scenario, first }: Kills, world: KillWorld): Promise<readonly string[]> {
  if (first === undefined) return scenario.argv;
  const killed = await world.run(scenario.argv, first.death);
  expectKilled(killed, first.death);
  return first.argv(world);
}

/** A reply may come in fewer pieces than the one of the undisturbed run did: then there is no such step to die at. */
function expectKilled({ code, signal, stderr }: Ended, { name, occurrence }: Point): void {
  const isPiece = occurrence > 1 && /^write .*\.(reply|part)$/.test(name);
  if (isPiece && code === 0) return;
  expect({ code, signal }, stderr).toEqual({ code: null, signal: 'SIGKILL' });
}
