/**
 * What the layout of markdown costs beside the same answer as it was sent, what is measured and the bars; it prints nothing.
 * Both go into a pipe: a terminal would be measured with it.
 */
import { ask } from '../contestants.mjs';
import { interleave } from '../measure.mjs';
import { withUsage } from '../process.mjs';
import { ratio, rows } from '../rows.mjs';

const [plain, laidOut] = ['alltoken', 'alltoken --markdown'];

export async function markdown(bench, runs) {
  const title = 'An answer of 10 MB of markdown, laid out against as sent';
  if (process.platform !== 'linux' || !bench.python)
    return { title: `${title}: n/a (needs Linux and python3)`, unit: '', rows: [] };
  const wrap = (command) => withUsage(bench.python.path, command);
  const results = new Map([plain, laidOut].map((name) => [name, []]));
  const contestants = [plain, laidOut].map((name) => ({
    name,
    async measure(isWarmUp) {
      const result = await ask(bench, name, 'markdown-10', { wrap, hash: false });
      if (!isWarmUp) results.get(name).push(result);
      return result.bytes / 1e6;
    },
  }));
  const bytes = await interleave(contestants, { warmUps: 1, runs });
  const samplesOf = (value) =>
    new Map([...results].map(([name, list]) => [name, list.map((result) => value(result))]));
  const table = (what, unit, samples, atMost) => ({
    title: `${title}: ${what}`,
    unit,
    rows: [...rows(samples), ratio(samples, laidOut, plain, { atMost })],
  });
  return [
    table('bytes on stdout', 'MB', bytes, 1.6),
    table(
      'CPU time',
      'ms',
      samplesOf((result) => result.cpuSeconds * 1000),
      2.5,
    ),
    table(
      'peak memory',
      'MiB',
      samplesOf((result) => result.peakKiB / 1024),
      1.25,
    ),
  ];
}
