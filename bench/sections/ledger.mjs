/** Reports of a long ledger: what is measured, and the bars; it prints nothing. */
import { isDeepStrictEqual } from 'node:util';
import { cli } from '../contestants.mjs';
import { month } from '../ledger-calls.mjs';
import { inWords, ledgerOf } from '../ledger-file.mjs';
import { interleave } from '../measure.mjs';
import { isLinux } from '../media-runs.mjs';
import { runOnce, withUsage } from '../process.mjs';
import { ratio, rows } from '../rows.mjs';

const many = 1_000_000;
const few = 10_000;

/** One report by model, checked: every sum of it, and that nothing is said on stderr. Returns what `runOnce` does. */
async function reportOf(bench, ledger, wrap = (command) => command) {
  const words = ['cost', '--since', month, '--by', 'model', '--json'];
  const result = await runOnce(wrap([process.execPath, cli, ...words]), {
    env: { ...bench.env, ALLTOKEN_HOME: ledger.home },
    pipe: bench.pipe,
  });
  if (result.stderr !== '') throw new Error(`stderr has ${JSON.stringify(result.stderr)}`);
  checkReport(JSON.parse(result.text), ledger);
  return result;
}

function checkReport(document, { report, totals }) {
  const expected = [['all', totals], ...[...report].sort(byKey)].map(([key, tally]) => [
    key,
    inWords(tally),
  ]);
  const found = [
    ['all', document.totals],
    ...document.rows.map((row) => [row.key, row]).sort(byKey),
  ].map(([key, tally]) => [key, comparable(tally)]);
  const wrong = expected.findIndex((row, index) => !isDeepStrictEqual(row, found[index]));
  if (wrong !== -1 || found.length !== expected.length) {
    const [is, should] = [found, expected].map((list) => JSON.stringify(list.at(wrong)));
    throw new Error(`the report has ${is} instead of ${should}`);
  }
  if (document.skipped_lines !== 0) throw new Error(`${document.skipped_lines} lines were skipped`);
}

function byKey([a], [b]) {
  return a < b ? -1 : 1;
}

/** What `inWords` has of a tally in the document. */
function comparable(tally) {
  const { calls, prompt_tokens, total_tokens, known_calls, unknown_calls, unbilled_calls } = tally;
  const counts = { calls, prompt_tokens, total_tokens, known_calls, unknown_calls, unbilled_calls };
  return { ...counts, cost: tally.cost.amount };
}

/** The warm-up compares what jq prints; the timed runs throw it away, so that the harness slows nothing down. */
async function jqRun(bench, { file, usages }, isWarmUp) {
  const jq = [bench.jq.path, '-c', '.usage', file];
  const command = isWarmUp ? jq : ['sh', '-c', 'exec "$@" >/dev/null', 'sh', ...jq];
  const { env, pipe } = bench;
  const result = await runOnce(command, { env, pipe, hash: isWarmUp });
  if (isWarmUp && (result.bytes !== usages.bytes || result.sha256 !== usages.sha256)) {
    throw new Error(`jq printed ${result.bytes} bytes, and not the ${usages.bytes} of the usages`);
  }
  return result;
}

async function speed(bench, runs) {
  const ledger = ledgerOf(bench, many);
  const contestants = [
    {
      name: 'alltoken cost --since',
      measure: async () => (await reportOf(bench, ledger)).milliseconds / 1000,
    },
    {
      name: 'jq -c .usage',
      measure: async (isWarmUp) => (await jqRun(bench, ledger, isWarmUp)).milliseconds / 1000,
    },
  ].filter(({ name }) => bench.jq || !name.startsWith('jq'));
  const samples = await interleave(contestants, { warmUps: 1, runs });
  return {
    title: `A report of 1,000,000 calls (${Math.round(ledger.bytes / 1e6)} MB), whole process`,
    unit: 's',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken cost --since', 'jq -c .usage', { atMost: 2 }),
    ],
  };
}

async function memory(bench, runs) {
  const title = 'Peak memory, report of many calls against few';
  if (!isLinux || !bench.python) {
    return { title: `${title}: n/a (needs Linux and python3)`, unit: 'MiB', rows: [] };
  }
  const names = { [few]: 'alltoken, 10,000 calls', [many]: 'alltoken, 1,000,000 calls' };
  const wrap = (command) => withUsage(bench.python.path, command);
  const contestants = [few, many].map((count) => ({
    name: names[count],
    measure: async () => (await reportOf(bench, ledgerOf(bench, count), wrap)).peakKiB / 1024,
  }));
  const samples = await interleave(contestants, { warmUps: 1, runs });
  return {
    title,
    unit: 'MiB',
    rows: [...rows(samples), ratio(samples, names[many], names[few], { atMost: 1.2 })],
  };
}

export async function ledger(bench, runs) {
  return [await speed(bench, runs), await memory(bench, runs)];
}
