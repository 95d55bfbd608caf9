/** Interleaved runs, their medians, and the server they share; it judges nothing and prints nothing. */
import { fork } from 'node:child_process';
import { runOnce, withUsage } from './process.mjs';

/**
 * Runs all contestants in turn, A B C A B C …, so that a slow minute of the machine hits all alike.
 * `measure(isWarmUp)` resolves to a number; returns name → list of numbers, warm-ups left out.
 * An error says whose run it was.
 */
export async function interleave(contestants, { warmUps, runs }) {
  const samples = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < runs; round += 1) {
    for (const { name, measure } of contestants) {
      try {
        const sample = await measure(round < 0);
        if (round >= 0) samples.get(name).push(sample);
      } catch (error) {
        throw new Error(`${name}: ${error.message}`);
      }
    }
  }
  return samples;
}

/**
 * Whole processes of Node, `[name, argv, expected]` each: in ms of wall time, or with `cpu` of CPU time as the kernel counts
 * it; wrong without `expected` on stdout.
 */
export function wholeProcesses(commands, bench, { cpu = false } = {}) {
  return commands.map(([name, argv, expected, node = process.execPath]) => ({
    name,
    async measure() {
      const command = [node, ...argv];
      const result = await runOnce(cpu ? withUsage(bench.python.path, command) : command, bench);
      if (!result.text.includes(expected)) throw new Error(`stdout has no "${expected}"`);
      return cpu ? result.cpuSeconds * 1000 : result.milliseconds;
    },
  }));
}

/** Median, smallest and 90th percentile (nearest rank) of a list of numbers. */
export function summarise(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1
      ? sorted[Math.floor(middle)]
      : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], p90: sorted[Math.ceil(sorted.length * 0.9) - 1] };
}

/** Starts the server in a process of its own; `reports` gets one entry for each answer it gave. */
export async function startServer(path, env) {
  const child = fork(path, [], { env, execArgv: [] });
  const reports = [];
  let wake = () => {};
  const port = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('the server did not start')));
    child.on('message', (message) => {
      if (message.port) return resolve(message.port);
      const times = Object.entries(message).map(([name, time]) => [name, BigInt(time)]);
      reports.push(Object.fromEntries(times));
      wake();
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    forget() {
      reports.length = 0;
    },
    /** The report of the one answer since `forget`; a second one means that a contestant asked twice. */
    async report() {
      if (reports.length === 0) {
        await new Promise((resolve) => {
          wake = resolve;
          setTimeout(resolve, 2000).unref();
        });
      }
      if (reports.length !== 1) throw new Error(`got ${reports.length} answers instead of 1`);
      return reports[0];
    },
    stop: () => child.disconnect(),
  };
}
