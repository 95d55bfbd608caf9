/** The simulator over the instrumented copy: which mutants each world reaches, and whether a law is broken once one is on. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { bundle } from '../simulation/bundle.mjs';

/** CPU seconds that the worlds of one mutant may take: a fixed part, and one for each world. A world takes 0.02. */
const LIMIT = { fixed: 10, aWorld: 0.2 };

const QUIET_LOOKS = 15;

/** @param {string} root the instrumented copy */
export async function openSimulator(root, outfile) {
  await bundle(join(root, 'test/mutants/worlds.ts'), outfile, {});
  let thread = null;

  function begin(mutant) {
    const worker = new Worker(outfile, {
      workerData: mutant === null ? {} : { mutant },
      resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 1024 },
    });
    // One that fails when nobody asks it any more.
    worker.on('error', () => {});
    return worker;
  }

  /** A report of `worlds.ts`, or `ended`: how the thread ended without one. */
  function ask(worker, order) {
    const limit = LIMIT.fixed + LIMIT.aWorld * order.seeds.length;
    const began = process.cpuUsage();
    return new Promise((resolve) => {
      const failed = (error) => end({ kind: 'ended', how: String(error) });
      const exited = () => end({ kind: 'ended', how: 'exited' });
      const end = (report) => {
        clearInterval(watch);
        worker.off('message', end).off('error', failed).off('exit', exited);
        resolve(report);
      };
      let before = worker.performance.eventLoopUtilization();
      let quiet = 0;
      const watch = setInterval(() => {
        const { user, system } = process.cpuUsage(began);
        if ((user + system) / 1e6 > limit)
          end({ kind: 'ended', how: `more than ${limit} s of CPU` });
        // A thread that does nothing again and again has nothing left to wait for: in a simulated world nothing takes time.
        const now = worker.performance.eventLoopUtilization();
        // Both are rounded.
        quiet = now.active - before.active < 0.1 && now.idle > before.idle ? quiet + 1 : 0;
        before = now;
        if (quiet === QUIET_LOOKS) end({ kind: 'ended', how: 'the world never ends' });
      }, 200);
      worker.on('message', end).on('error', failed).on('exit', exited);
      worker.postMessage(order);
    });
  }

  async function alone(order) {
    const worker = begin(order.mutant);
    const report = await ask(worker, order);
    await worker.terminate();
    return report;
  }

  /** In a thread that goes on from mutant to mutant, for what it has compiled. */
  async function together(order) {
    thread ??= begin(null);
    const report = await ask(thread, order);
    if (report.kind === 'ended' || report.kind === 'spoilt') {
      await thread.terminate();
      thread = null;
    }
    return report;
  }

  return {
    /** `worlds`: by seed, what it reaches, how often; `loading`: what is reached while the program is loaded. */
    reached: (seeds) => alone({ mutant: null, seeds, hitLimit: Number.POSITIVE_INFINITY }),

    /** The law that breaks first, or null. */
    async kills(mutant, seeds, { hits, isLoading }) {
      const order = { mutant, seeds, hitLimit: hits };
      let report = isLoading ? null : await together(order);
      // What one thread says that others have used is not taken for granted, unless it holds the world with and without.
      if (report === null || report.kind === 'spoilt' || report.kind === 'ended')
        report = await alone(order);
      if (report.kind === 'survived') return null;
      return report.kind === 'killed' ? `world ${report.seed}: ${report.how}` : report.how;
    },

    close: () => thread?.terminate(),
  };
}
