/** In the process of the tests: counts which mutants each test reaches, or switches one on and sees to it that it ends. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { switchboard, switchOn } from './switchboard.ts';

const {
  MUTANT = '',
  MUTANT_REACHED = '',
  MUTANT_HITS = '0',
  MUTANT_CPU_SECONDS = '0',
} = process.env;

if (MUTANT !== '') {
  if (switchboard.activeMutant === undefined) endAfter(Number(MUTANT_CPU_SECONDS));
  switchOn(MUTANT, Number(MUTANT_HITS));
  beforeEach(() => switchOn(MUTANT, Number(MUTANT_HITS)));
}

if (MUTANT_REACHED !== '') {
  const { static: outside, perTest } = switchboard.mutantCoverage;
  let file = '';
  beforeEach(({ task }) => {
    file = task.file.id;
    switchboard.currentTestId = task.id;
  });
  afterEach(() => {
    switchboard.currentTestId = undefined;
  });
  afterAll(() => {
    writeFileSync(join(MUTANT_REACHED, `${file}.json`), JSON.stringify({ outside, perTest }));
    for (const key of Object.keys(outside)) delete outside[key];
    for (const key of Object.keys(perTest)) delete perTest[key];
  });
}

/** An endless loop cannot be timed: a thread beside it looks at the CPU time, which is the same on a busy machine. */
function endAfter(seconds: number): void {
  const watch = `
    const { user, system } = process.cpuUsage();
    setInterval(() => {
      const now = process.cpuUsage({ user, system });
      if (now.user + now.system > ${seconds * 1e6}) process.kill(process.pid, 'SIGKILL');
    }, 200);`;
  new Worker(watch, { eval: true }).unref();
}
