/** Commands that this machine answers without a request: what is measured, and the bars; it prints nothing. */
import { cli, packageVersion } from '../contestants.mjs';
import { ledgerOf } from '../ledger-file.mjs';
import { interleave } from '../measure.mjs';
import { chatIds, homeWithModels } from '../model-list.mjs';
import { runOnce } from '../process.mjs';
import { ratio, rows } from '../rows.mjs';

/** Nothing listens there: a run that ignores the cached list fails in the warm-up, without a request to a gateway. */
const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };

/** One run that must print just this, and nothing on stderr. */
async function exactly(bench, words, expected, env) {
  const result = await runOnce([process.execPath, cli, ...words], {
    env: { ...bench.env, ...env },
    pipe: bench.pipe,
  });
  if (result.text === expected && result.stderr === '') return result.milliseconds;
  const [is, should] = [result.text, expected].map((text) => JSON.stringify(text.slice(0, 200)));
  throw new Error(
    `stdout is ${is} instead of ${should}; stderr is ${JSON.stringify(result.stderr)}`,
  );
}

/** The cached list of models, and the end of a ledger, against the version. */
export async function local(bench, runs) {
  const modelRun = (name, config) => {
    const home = homeWithModels(bench, name, { config });
    const expected = `${chatIds.join('\n')}\n`;
    return (isWarmUp) =>
      exactly(bench, ['models'], expected, { ALLTOKEN_HOME: home, ...(isWarmUp && noNetwork) });
  };
  const costRun = (calls) => {
    const { home, last } = ledgerOf(bench, calls);
    return () => exactly(bench, ['cost'], `${last}\n`, { ALLTOKEN_HOME: home });
  };
  const contestants = [
    ['alltoken --version', () => exactly(bench, ['--version'], `${packageVersion('')}\n`)],
    ['alltoken models', modelRun('models', false)],
    ['alltoken models, with a config file', modelRun('models-and-config', true)],
    ['alltoken cost, of 10,000 calls', costRun(10_000)],
    ['alltoken cost, of 1,000,000 calls', costRun(1_000_000)],
  ].map(([name, measure]) => ({ name, measure }));
  const samples = await interleave(contestants, { warmUps: 2, runs });
  const against = (name, limit) => ratio(samples, name, 'alltoken --version', limit);
  return {
    title: 'What this machine knows, whole process',
    unit: 'ms',
    rows: [
      ...rows(samples),
      against('alltoken models', { atMost: 1.5 }),
      against('alltoken models, with a config file', { atMost: 1.8 }),
      against('alltoken cost, of 1,000,000 calls', { atMost: 1.2 }),
    ],
  };
}
