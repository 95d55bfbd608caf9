/** Start-up and streamed answers: what is measured, and the bars; it prints nothing. */
import { answers, ask, cli, isHere, packageVersion } from '../contestants.mjs';
import { interleave, wholeProcesses } from '../measure.mjs';
import { withUsage } from '../process.mjs';
import { bar, median, ratio, rows } from '../rows.mjs';

function here(bench, names) {
  return names.filter((name) => isHere(name, bench));
}

/** Wall and CPU time of the same processes: on a busy machine only the second can be compared. */
async function both(bench, title, contestantsFor, runs, bars) {
  const tables = [];
  for (const [what, cpu] of bench.python === null
    ? [['wall', false]]
    : [
        ['wall', false],
        ['CPU', true],
      ]) {
    const samples = await interleave(contestantsFor(cpu), { warmUps: 2, runs });
    tables.push({
      title: `${title}, ${what} time`,
      unit: 'ms',
      rows: [...rows(samples), ...bars(samples)],
    });
  }
  return tables;
}

/** Start-up alone: no request is sent. */
export function start(bench, runs) {
  const commands = [
    ['node -e 0', ['-e', '0'], ''],
    ['alltoken --version', [cli, '--version'], packageVersion('')],
    ['alltoken --help', [cli, '--help'], 'chat'],
  ];
  return both(
    bench,
    'Start-up, whole process',
    (cpu) => wholeProcesses(commands, bench, { cpu }),
    runs,
    (samples) => [
      ratio(samples, 'alltoken --version', 'node -e 0', { atMost: 1.3 }),
      ratio(samples, 'alltoken --help', 'node -e 0', { atMost: 1.6 }),
    ],
  );
}

/** One short answer from a server that answers at once. */
export function chat(bench, runs) {
  const names = [
    'alltoken',
    'alltoken, newer Node',
    'bare node:http',
    'Python urllib',
    'openai package',
    'bare fetch',
    'curl -N',
  ];
  const contestantsFor = (cpu) =>
    here(bench, names).map((name) => ({
      name,
      async measure() {
        const wrap = cpu ? (command) => withUsage(bench.python.path, command) : undefined;
        const { milliseconds, cpuSeconds } = await ask(bench, name, 'short', { wrap });
        return cpu ? cpuSeconds * 1000 : milliseconds;
      },
    }));
  return both(bench, 'One short streamed chat, whole process', contestantsFor, runs, (samples) => [
    ratio(samples, 'alltoken', 'Python urllib', { atMost: 1.2 }),
    ratio(samples, 'alltoken', 'bare node:http', { atMost: 1.7 }),
    ratio(samples, 'alltoken', 'openai package', { atMost: 0.6 }),
    ratio(samples, 'alltoken, newer Node', 'alltoken', { atMost: 1.15 }),
  ]);
}

/** From just before the server's first write to the first byte on our stdout, both on one clock. */
export async function firstByte(bench, runs) {
  const contestant = (client, route, remark) => ({
    name: `${client}${remark}`,
    async measure() {
      const { firstByteAt, report } = await ask(bench, client, route);
      return Number(firstByteAt - report.firstWrite) / 1e6;
    },
  });
  const earlier = ', headers sent earlier';
  const contestants = [
    ...here(bench, ['alltoken', 'bare node:http', 'Python urllib', 'bare fetch', 'curl -N']).map(
      (client) => contestant(client, 'late', ''),
    ),
    contestant('alltoken', 'late-body', earlier),
    contestant('bare node:http', 'late-body', earlier),
    contestant('bare fetch', 'late-body', earlier),
  ];
  const samples = await interleave(contestants, { warmUps: 2, runs });
  return {
    title: "From the server's first byte to the first on stdout",
    unit: 'ms',
    rows: [
      ...rows(samples),
      bar('alltoken, median in ms', median(samples, 'alltoken'), { atMost: 2.5 }),
    ],
  };
}

/** 200 MB of events into a pipe that is drained at once. */
export async function big(bench, runs) {
  const megabytes = answers['big-200'].wire.bytes / 1e6;
  const names = ['alltoken', 'bare loop', 'Python urllib', 'curl -N'];
  const contestants = here(bench, names).map((name) => ({
    name,
    async measure(isWarmUp) {
      // Hashing takes time from the second core, so only the warm-ups compare every byte.
      const { milliseconds } = await ask(bench, name, 'big-200', { hash: isWarmUp });
      return megabytes / (milliseconds / 1000);
    },
  }));
  const samples = await interleave(contestants, { warmUps: 2, runs });
  return {
    title: 'A 200 MB answer, whole process',
    unit: 'MB/s',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken', 'bare loop', { atLeast: 0.85 }),
      ratio(samples, 'alltoken', 'Python urllib', { atLeast: 3 }),
    ],
  };
}
