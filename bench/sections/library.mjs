/** The library: what its import costs, and a step of its loop, beside the official SDK; it prints nothing. */
import { fileURLToPath } from 'node:url';
import { model } from '../answers.mjs';
import { interleave, wholeProcesses } from '../measure.mjs';
import { runOnce } from '../process.mjs';
import { bar, median, ratio, rows } from '../rows.mjs';

const root = new URL('../../', import.meta.url);
const steps = fileURLToPath(new URL('bench/contestants/loop-steps.mjs', root));

function importOf(path) {
  const url = new URL(path, root).href;
  return ['--input-type=module', '-e', `import ${JSON.stringify(url)}; console.log('loaded')`];
}

const imports = [
  ['nothing', ['--input-type=module', '-e', "console.log('loaded')"], 'loaded'],
  ['import openai', importOf('node_modules/openai/index.mjs'), 'loaded'],
  ['import alltoken-cli', importOf('dist/library.js'), 'loaded'],
];

/** CPU of whole processes; what Node itself takes is no part of the ratio. */
async function importing(bench, runs) {
  const contestants = wholeProcesses(imports, bench, { cpu: true });
  const samples = await interleave(contestants, { warmUps: 2, runs });
  const [base, openai, ours] = imports.map(([name]) => median(samples, name));
  return {
    title: 'Importing the library, CPU of the whole process',
    unit: 'ms',
    rows: [
      ...rows(samples),
      bar('import alltoken-cli / import openai, without Node', (ours - base) / (openai - base), {
        atMost: 0.4,
      }),
    ],
  };
}

function stepper(name, who, history, count, bench) {
  const baseUrl = `${bench.server.origin}/short/v1`;
  return {
    name,
    async measure() {
      const words = [steps, who, baseUrl, model, String(history), String(count)];
      const { text } = await runOnce([process.execPath, ...words], bench);
      const found = /ms ([\d.]+)/.exec(text)?.[1];
      if (found === undefined) throw new Error('no figure on stdout');
      return Number(found);
    },
  };
}

/** Warm: what a server that lives on pays for each step. */
async function stepping(bench, runs) {
  const samples = await interleave(
    [
      stepper('streamed call of the SDK', 'sdk', 0, 200, bench),
      stepper('step of the loop', 'library', 0, 200, bench),
      stepper('step behind 500 steps', 'library', 500, 40, bench),
      stepper('step behind 1,000 steps', 'library', 1000, 40, bench),
    ],
    { warmUps: 1, runs },
  );
  return {
    title: 'One step of an agent, CPU',
    unit: 'ms',
    rows: [
      ...rows(samples),
      ratio(samples, 'step of the loop', 'streamed call of the SDK', { atMost: 0.4 }),
      ratio(samples, 'step behind 1,000 steps', 'step behind 500 steps', { atMost: 2.4 }),
    ],
  };
}

export async function library(bench, runs) {
  return [await importing(bench, runs), await stepping(bench, Math.max(3, Math.ceil(runs / 5)))];
}
