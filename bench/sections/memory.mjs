/** Peak memory of a long answer, what is measured and the bars; it prints nothing. */
import { answers, ask } from '../contestants.mjs';
import { interleave, summarise } from '../measure.mjs';
import { withUsage } from '../process.mjs';
import { bar, ratio, rows } from '../rows.mjs';

/** A slow reader takes the text of 20 MB of events a second. */
const slowBytesPerSecond = 20e6 * (answers['big-200'].text.bytes / answers['big-200'].wire.bytes);

/** Peak memory against the length of the answer, and whether a slow reader slows the server. */
export async function memory(bench, runs) {
  const title = 'Peak memory, long answer against short';
  if (process.platform !== 'linux' || !bench.python) {
    return { title: `${title}: n/a (needs Linux and python3)`, unit: 'MiB', rows: [] };
  }
  const wrap = (command) => withUsage(bench.python.path, command);
  const heldBack = [];
  const contestant = (client, size, bytesPerSecond) => ({
    name: `${client}, ${size} MB, ${bytesPerSecond ? 'slow' : 'fast'} reader`,
    async measure(isWarmUp) {
      const result = await ask(bench, client, `big-${size}`, { wrap, bytesPerSecond });
      const { firstWrite, lastWrite } = result.report;
      if (bytesPerSecond && size === 200 && !isWarmUp) {
        heldBack.push(Number(lastWrite - firstWrite) / Number(result.endedAt - firstWrite));
      }
      return result.peakKiB / 1024;
    },
  });
  const contestants = [
    contestant('alltoken', 1),
    contestant('alltoken', 200),
    contestant('alltoken', 1, slowBytesPerSecond),
    contestant('alltoken', 200, slowBytesPerSecond),
    contestant('bare loop', 1),
    contestant('bare loop', 200),
  ];
  const samples = await interleave(contestants, { warmUps: 1, runs });
  const growth = (client, reader, limit) =>
    ratio(
      samples,
      `${client}, 200 MB, ${reader} reader`,
      `${client}, 1 MB, ${reader} reader`,
      limit,
    );
  return {
    title,
    unit: 'MiB',
    rows: [
      ...rows(samples),
      growth('alltoken', 'fast', { atMost: 1.25 }),
      growth('alltoken', 'slow', { atMost: 1.25 }),
      bar('slow reader: server still writing, share of the run', summarise(heldBack).median, {
        atLeast: 0.8,
      }),
    ],
  };
}
