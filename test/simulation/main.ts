/** The command line of the simulator: many worlds, or one of them line by line. */
import { agentsOf } from './agents.ts';
import { batchesOf } from './batches.ts';
import { Coverage } from './coverage.ts';
import { type Program, programOf } from './program.ts';
import { regressions } from './regressions.ts';
import { serveOf } from './serve-plan.ts';
import { shrink } from './shrink.ts';
import { type Result, World } from './world.ts';

export function play(program: Program, coverage: Coverage, keepsTrace: boolean): Promise<Result> {
  return new World(program, coverage, keepsTrace).play();
}

interface Options {
  seed: number | null;
  from: number;
  worlds: number;
  /** A line after every so many worlds; null: none. */
  report: number | null;
  /** CPU seconds after which no world is begun; null: none. */
  seconds: number | null;
  trace: boolean;
  shrink: boolean;
  /** Stops at the first world in which a law is broken. */
  first: boolean;
  coverage: boolean;
  /** Only worlds with an agent. */
  agents: boolean;
  /** Only worlds with a batch. */
  batches: boolean;
  /** Only worlds with a proxy. */
  serve: boolean;
}

function optionsOf(argv: readonly string[]): Options {
  const value = (name: string): number | null => {
    const at = argv.indexOf(name);
    return at < 0 ? null : Number(argv[at + 1]);
  };
  return {
    seed: value('--seed'),
    from: value('--from') ?? 1,
    worlds: value('--worlds') ?? 1000,
    report: value('--report'),
    seconds: value('--seconds'),
    trace: argv.includes('--trace'),
    shrink: argv.includes('--shrink'),
    first: argv.includes('--first'),
    coverage: !argv.includes('--no-coverage'),
    agents: argv.includes('--agents'),
    batches: argv.includes('--batches'),
    serve: argv.includes('--serve'),
  };
}

/** Resolves to the exit code: 0 where every law held. */
export async function main(
  argv: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const options = optionsOf(argv);
  // Where an error was made is for people; it takes a tenth of the time.
  if (!options.trace) Error.stackTraceLimit = 0;
  if (argv.includes('--regressions')) return again(print);
  return options.seed === null ? many(options, print) : one(options.seed, options, print);
}

/** The programs that broke a law once. */
async function again(print: (line: string) => void): Promise<number> {
  let broken = 0;
  for (const { what, program } of regressions) {
    const { violations } = await play(program, new Coverage(false), false);
    if (violations.length > 0) broken += 1;
    print(`seed ${program.seed}: ${what}: ${violations.length === 0 ? 'held' : 'BROKEN'}`);
    for (const { law, what: how } of violations) print(`  ${law}: ${how}`);
  }
  return broken === 0 ? 0 : 1;
}

async function one(
  seed: number,
  { trace, shrink: shrinks }: Options,
  print: (line: string) => void,
): Promise<number> {
  let program = programOf(seed);
  if (shrinks)
    program = await shrink(program, (smaller) => play(smaller, new Coverage(false), false));
  const result = await play(program, new Coverage(false), true);
  if (trace || shrinks) print(JSON.stringify(program, null, 2));
  if (trace) for (const line of result.lines ?? []) print(line);
  for (const { law, what } of result.violations) print(`broken: ${law}: ${what}`);
  print(
    `seed ${seed}: ${result.violations.length === 0 ? 'every law held' : 'LAWS BROKEN'}; trace ${result.hash}`,
  );
  return result.violations.length === 0 ? 0 : 1;
}

async function many(options: Options, print: (line: string) => void): Promise<number> {
  const { from, worlds, report, seconds, first } = options;
  const coverage = new Coverage(options.coverage);
  const began = process.cpuUsage();
  const cpu = (): number => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6;
  };
  const broken = new Map<string, { seeds: number[]; what: string }>();
  let [played, events, processes] = [0, 0, 0];
  for (let seed = from; seed < from + worlds; seed += 1) {
    if (seconds !== null && cpu() > seconds) break;
    if (options.agents && agentsOf(seed).length === 0) continue;
    if (options.batches && batchesOf(seed).actors.length === 0) continue;
    if (options.serve && serveOf(seed) === null) continue;
    const result = await play(programOf(seed), coverage, false);
    played += 1;
    events += result.events;
    processes += result.processes;
    for (const { law, what } of result.violations) {
      const known = broken.get(law) ?? { seeds: [], what };
      broken.set(law, known);
      if (known.seeds.at(-1) !== seed) known.seeds.push(seed);
    }
    if (first && result.violations.length > 0) break;
    if (report !== null && played % report === 0)
      print(
        `world ${seed}: ${cpu().toFixed(0)} s of CPU, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB, ${brokenSoFar(broken)}`,
      );
    // Once a world, whatever is left of it may go.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (options.coverage) printCoverage(coverage, print);
  for (const [law, { seeds, what }] of broken)
    print(`broken in ${seeds.length} worlds (${seeds.slice(0, 8).join(', ')}): ${law}\n  ${what}`);
  print(
    `${played} worlds from seed ${from}: ${processes} processes, ${events} events, ${cpu().toFixed(1)} s of CPU, ${((cpu() / Math.max(1, played)) * 1000).toFixed(1)} ms a world; ${broken.size === 0 ? 'every law held' : `${broken.size} LAWS BROKEN`}`,
  );
  return broken.size === 0 ? 0 : 1;
}

/** At once, so that nobody has to wait for the end of a long run. */
function brokenSoFar(broken: ReadonlyMap<string, { seeds: readonly number[] }>): string {
  if (broken.size === 0) return 'every law held';
  return [...broken]
    .map(([law, { seeds }]) => `BROKEN in ${seeds.slice(0, 8).join(', ')}: ${law}`)
    .join('; ');
}

function printCoverage(coverage: Coverage, print: (line: string) => void): void {
  const hits = coverage.hits();
  print(`faults met: ${hits.length} of place × fault`);
  for (const [place, passed, faults] of coverage.holes())
    print(`never met: ${place} (passed ${passed}): ${faults.join(', ')}`);
}
