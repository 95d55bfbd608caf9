/** Images and videos that become files: what is measured, and the bars; it prints nothing. */
import { interleave } from '../measure.mjs';
import { canFetch, fetchFile, isLinux } from '../media-runs.mjs';
import { withUsage } from '../process.mjs';
import { bar, median, ratio, rows } from '../rows.mjs';

const mebibyte = 1_048_576;
const megabyte = 1_000_000;

/** Peak memory, in MiB, of `alltoken` with files of these sizes: name → bytes. Null where it cannot be known. */
async function peaks(bench, runs, { kind, sizes, hashAll }) {
  if (!isLinux || !bench.python) return null;
  const contestants = Object.entries(sizes).map(([name, bytes]) => ({
    name,
    async measure(isWarmUp) {
      const options = {
        hash: hashAll || isWarmUp,
        wrap: (command) => withUsage(bench.python.path, command),
      };
      const run = { kind, bytes, milliseconds: 0 };
      return (await fetchFile(bench, 'alltoken', run, options)).peakKiB / 1024;
    },
  }));
  return interleave(contestants, { warmUps: 1, runs });
}

function notMeasured(title) {
  return { title: `${title}: n/a (needs Linux and python3)`, unit: 'MiB', rows: [] };
}

/** An image in the reply itself, as base64. */
export async function image(bench, runs) {
  const title = 'Peak memory, large image against small';
  const [large, small] = ['alltoken, 64 MB', 'alltoken, 100 KB'];
  const sizes = { [small]: 100_000, [large]: 64 * megabyte };
  const samples = await peaks(bench, runs, { kind: 'image', sizes, hashAll: true });
  if (!samples) return notMeasured(title);
  // The bar: at most 2.5 times the small one, and 64 MB on top.
  const above = (median(samples, large) - (64 * megabyte) / mebibyte) / median(samples, small);
  return {
    title,
    unit: 'MiB',
    rows: [...rows(samples), bar(`(${large}, less 64 MB) / ${small}`, above, { atMost: 2.5 })],
  };
}

/** From just before the video's first byte is served until the process has ended. */
async function videoSpeed(bench, runs) {
  const run = { kind: 'video', bytes: 1000 * megabyte, milliseconds: 0 };
  const names = ['alltoken', 'curl -o', 'curl -o, then sync'];
  const contestants = names
    .filter((name) => canFetch(name, bench))
    .map((name) => ({
      name,
      async measure(isWarmUp) {
        const { exitedAt, report } = await fetchFile(bench, name, run, { hash: isWarmUp });
        return run.bytes / megabyte / (Number(exitedAt - report.firstWrite) / 1e9);
      },
    }));
  const samples = await interleave(contestants, { warmUps: 1, runs });
  return {
    title: 'A video of 1 GB, from its first byte to the end of the process',
    unit: 'MB/s',
    rows: [...rows(samples), ratio(samples, 'alltoken', 'curl -o', { atLeast: 0.8 })],
  };
}

async function videoMemory(bench, runs) {
  const title = 'Peak memory, large video against small';
  const [large, small] = ['alltoken, 1 GB', 'alltoken, 1 MB'];
  const sizes = { [small]: megabyte, [large]: 1000 * megabyte };
  const samples = await peaks(bench, runs, { kind: 'video', sizes, hashAll: false });
  if (!samples) return notMeasured(title);
  return {
    title,
    unit: 'MiB',
    rows: [...rows(samples), ratio(samples, large, small, { atMost: 1.1 })],
  };
}

export async function video(bench, runs) {
  return [await videoSpeed(bench, runs), await videoMemory(bench, runs)];
}
