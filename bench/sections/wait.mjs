/** Waiting for a task: what the client adds to the server's own time, and what waiting costs; it prints nothing. */
import { interleave, summarise } from '../measure.mjs';
import { fetchFile } from '../media-runs.mjs';
import { withUsage } from '../process.mjs';
import { bar, median, rows } from '../rows.mjs';

const bytes = 100_000;
/** The pauses between polls that the client chooses where the gateway does not say. */
const intervalMs = { image: 2000, video: 3000 };
/** When the task is ready, in intervals: just after the first poll, half-way, just before the second. */
const phases = [1.05, 1.5, 1.95];
const longMs = 60_000;
const bareRuns = 3;

/** Seconds from the moment when the task was ready to the one at which the client learned it. */
async function delay(bench, runs) {
  const kinds = Object.keys(intervalMs);
  const nameOf = (kind, milliseconds) => `${kind}, task of ${milliseconds / 1000} s`;
  const rests = [];
  const contestants = kinds.flatMap((kind) =>
    phases
      .map((phase) => phase * intervalMs[kind])
      .map((milliseconds) => ({
        name: nameOf(kind, milliseconds),
        async measure() {
          const result = await fetchFile(bench, 'alltoken', { kind, bytes, milliseconds });
          const { created, ready, told } = result.report;
          rests.push(result.milliseconds / 1000 - Number(told - created) / 1e9);
          return Number(told - ready) / 1e9;
        },
      })),
  );
  const samples = await interleave(contestants, { warmUps: 0, runs });
  const longest = (kind) => {
    const lengths = phases.map((phase) => phase * intervalMs[kind]);
    return Math.max(...lengths.map((length) => median(samples, nameOf(kind, length))));
  };
  return {
    title: "Added to the server's own time",
    unit: 's',
    rows: [
      ...rows(samples),
      { name: 'all else: start-up, request, download, saving', ...summarise(rests) },
      ...kinds.map((kind) =>
        bar(`${kind}, longest / poll interval`, (longest(kind) * 1000) / intervalMs[kind], {
          atMost: 1,
        }),
      ),
    ],
  };
}

/** Cpu time of ten minutes' wait in seconds: what a long wait takes more than a short one, scaled. */
async function waitingCost(bench, kind, terminal) {
  const one = async (milliseconds) => {
    const result = await fetchFile(
      bench,
      'alltoken',
      { kind, bytes, milliseconds },
      {
        env: { TERM: 'xterm-256color' },
        wrap: (command) => withUsage(bench.python.path, command, { terminal }),
      },
    );
    if (terminal && !/[\u2800-\u28ff]/.test(result.stderr)) throw new Error('no spinner was drawn');
    return result;
  };
  const long = await one(longMs);
  const short = [];
  for (let count = 0; count < bareRuns; count += 1) short.push(await one(0));
  const middle = (name) => summarise(short.map((result) => result[name])).median;
  const share =
    (long.cpuSeconds - middle('cpuSeconds')) / (long.milliseconds - middle('milliseconds'));
  return share * 600_000;
}

async function cpu(bench, runs) {
  const title = 'Cpu time of the client in ten minutes of waiting';
  if (!bench.python) return { title: `${title}: n/a (needs python3)`, unit: 's', rows: [] };
  const contestants = [
    ['image, polls every 2 s', 'image', false],
    ['video, polls every 3 s', 'video', false],
    ['video, with the spinner of a terminal', 'video', true],
  ].map(([name, kind, terminal]) => ({
    name,
    measure: () => waitingCost(bench, kind, terminal),
  }));
  const samples = await interleave(contestants, { warmUps: 0, runs });
  return {
    title,
    unit: 's',
    rows: [
      ...rows(samples),
      ...contestants.map(({ name }) =>
        bar(`${name}, median in s`, median(samples, name), { atMost: 1 }),
      ),
    ],
  };
}

export async function wait(bench, runs) {
  return [await delay(bench, runs), await cpu(bench, runs)];
}
