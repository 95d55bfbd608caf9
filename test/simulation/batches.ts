/** What batches there are in a world: their inputs, what is typed, what is typed again, and what happens to them. */
import type { Process } from './process.ts';
import { BATCHES } from './process-files.ts';
import type { Command, Disaster, Fault, PipedInput } from './program.ts';
import { Random } from './random.ts';

export function isBatch({ argv }: Pick<Process, 'argv'>): boolean {
  return argv[0] === 'batch';
}

export interface Batches {
  actors: readonly Command[][];
  /** Text of the inputs, by path. */
  inputs: Readonly<Record<string, string>>;
}

/** The batches of a world, chosen by the seed alone, so that all else in it stays as it was. */
export function batchesOf(seed: number): Batches {
  const random = new Random(seed, 'batches');
  if (!random.chance(0.125)) return { actors: [], inputs: {} };
  const inputs: Record<string, string> = {};
  const actors: Command[][] = [];
  for (let index = 0; index < random.pick([1, 1, 1, 2]); index += 1) {
    const path = `${BATCHES}/in-${index}.jsonl`;
    const isText = random.chance(0.2);
    inputs[path] = linesOf(random, index, isText);
    const isPiped = random.chance(0.12);
    const words = [
      ...['batch', isPiped ? '-' : path, '-o', `${BATCHES}/out-${index}.jsonl`],
      ...(isText ? ['--text'] : []),
      ...flagsOf(random),
    ];
    const input = isPiped ? piped(random, inputs[path]) : undefined;
    const one = (...more: string[]): Command => ({
      argv: [...words, ...more],
      after: random.pick([0, 0, 1000, 3000]),
      ...(input !== undefined && { input }),
    });
    const kind = random.next();
    if (kind < 0.15) actors.push([one('--shard', '0/2')], [one('--shard', '1/2')]);
    else if (kind < 0.3) actors.push([one()], [one()]);
    else if (kind < 0.4) actors.push([one(), one(...random.pick(again))]);
    else actors.push([one()]);
  }
  return { actors, inputs };
}

const again = [
  ['--retry-failed'],
  ['--resend-unknown'],
  ['--retry-failed', '--resend-unknown'],
  ['--in-order'],
  // Other requests than before are refused.
  ['--param', 'top_p=1'],
] as const;

function flagsOf(random: Random): string[] {
  return [
    ...(random.chance(0.5) ? ['-m', random.pick(['gpt-5.4-nano', 'gpt-5.4-nano', 'gpt-5.4'])] : []),
    ...(random.chance(0.5) ? ['--concurrency', random.pick(['1', '2', '2', '4', '8'])] : []),
    ...(random.chance(0.4) ? ['--max-cost', random.pick(['0.005', '0.02', '0.1', '1'])] : []),
    ...(random.chance(0.1) ? ['--in-order'] : []),
    ...(random.chance(0.1) ? ['--max-errors', random.pick(['1', '2'])] : []),
    ...(random.chance(0.1) ? ['--limit', random.pick(['1', '3'])] : []),
    ...(random.chance(0.2) ? ['--tag', 'ci'] : []),
    ...(random.chance(0.4) ? [random.pick(['--json', '--json', '--jsonl'])] : []),
  ];
}

/** 3 to 12 lines: some have the same prompt, some are equal to the byte, some are no request. */
function linesOf(random: Random, index: number, isText: boolean): string {
  const hasIds = random.chance(0.4);
  const lines: string[] = [];
  for (let count = random.between(3, random.pick([4, 6, 6, 12])); lines.length < count; ) {
    const number = lines.length + 1;
    const same = random.chance(0.2) ? random.between(1, number) : number;
    lines.push(lineOf(random, `question ${same} @batch-${index}`, number, isText, hasIds));
    if (!hasIds && random.chance(0.1)) lines.push(lines.at(-1) ?? '');
  }
  return lines.join('\n') + (random.chance(0.8) ? '\n' : '');
}

function lineOf(
  random: Random,
  prompt: string,
  number: number,
  isText: boolean,
  hasIds: boolean,
): string {
  if (random.chance(0.04)) return '';
  if (isText) return prompt;
  if (random.chance(0.06)) return random.pick(['{"prompt":', '[1]', '{"a":1}', '{"prompt":""}']);
  const id = hasIds && random.chance(0.9) ? { custom_id: `c-${number}` } : {};
  const model = random.chance(0.2) ? { model: 'gpt-5.4-mini' } : {};
  const limit = random.chance(0.6) ? { max_tokens: random.pick([50, 200]) } : {};
  const messages = [{ role: 'user', content: prompt }];
  const body = { model: 'gpt-5.4-nano', messages, ...limit };
  const url = '/v1/chat/completions';
  const line = random.pick([
    { ...id, ...model, prompt },
    { ...id, ...model, messages },
    { ...id, method: 'POST', url, body },
    { ...id, method: 'POST', url, body },
  ]);
  return JSON.stringify(line);
}

function piped(random: Random, text: string): PipedInput {
  const half = text.length >> 1;
  const pause = random.pick([0, 5, 3000]);
  return {
    pieces: [
      { after: 1, text: text.slice(0, half) },
      { after: pause, text: text.slice(half) },
    ],
    ends: true,
  };
}

/** Faults at what only batches pass, and where their money goes. */
const diskFaults: readonly (readonly [place: string, most: number, faults: readonly string[]])[] = [
  ['append results', 12, ['EIO', 'ENOSPC', 'EROFS', 'slow']],
  ['open results', 14, ['EIO', 'ENOSPC', 'EACCES', 'slow']],
  ['openToRead results', 6, ['EIO', 'EACCES']],
  ['sync results', 3, ['EIO', 'ENOSPC']],
  ['rename results', 1, ['EIO', 'EROFS']],
  ['open compacted', 1, ['EIO', 'ENOSPC']],
  ['write compacted', 4, ['EIO', 'ENOSPC']],
  ['sync compacted', 1, ['EIO', 'ENOSPC']],
  ['openToRead state', 4, ['EIO', 'EACCES']],
  ['open state', 2, ['EIO', 'ENOSPC', 'EACCES']],
  ['create state', 3, ['EIO', 'ENOSPC', 'EROFS']],
  ['write state', 12, ['EIO', 'ENOSPC', 'slow']],
  ['sync state', 12, ['EIO', 'ENOSPC']],
  ['rename state', 3, ['EIO', 'EROFS']],
  ['openToRead lines', 3, ['EIO', 'EACCES']],
  ['open lock', 3, ['EIO', 'ENOSPC']],
  ['append ledger', 14, ['EIO', 'ENOSPC', 'slow']],
  ['openToRead ledger', 3, ['EIO', 'EACCES']],
];

const chatFaults = [
  ...['429', '429', '429 for long', '503', '503', '500', '401', '402', '404', 'refused'],
  ...['reset before it arrived', 'reset after it arrived', 'silence after it arrived'],
  ...['cut', 'clean cut', 'silence in the body', 'crumbs', 'no end', 'no cost', 'bad cost'],
  ...['late cost', 'content filter', 'error in the stream', '502 after it arrived', 'redirect'],
];

/** Steps around which what is written and what is not decides. */
const dyingPlaces: readonly (readonly [place: string, most: number])[] = [
  ['append results', 12],
  ['sync results', 4],
  ['write state', 12],
  ['sync state', 12],
  ['rename state', 4],
  ['rename results', 1],
  ['sync compacted', 1],
  ['write compacted', 3],
  ['append ledger', 20],
  ['send POST /v1/chat/completions', 14],
  ['receive POST /v1/chat/completions', 60],
];

/** What happens to batches: mostly they die, at any of their steps. `runs`: numbers of their processes. */
export function batchTroubles(seed: number, runs: readonly number[]) {
  const random = new Random(seed, 'troubles of batches');
  const disasters: Disaster[] = [];
  const faults: Fault[] = [];
  for (const run of runs) {
    const step = random.between(1, random.pick([40, 120, 300]));
    const share = random.pick([0, 1, random.next()]);
    const kind = random.next();
    if (kind < 0.2) disasters.push({ do: 'kill', run, step, share });
    else if (kind < 0.28) disasters.push({ do: 'cut power', run, step, share });
    else if (kind < 0.38) {
      const again = random.chance(0.4) ? random.between(1, 3000) : null;
      disasters.push({ do: 'signal', run, step, name: 'SIGINT', again });
    } else if (kind < 0.42) disasters.push({ do: 'stop', run, step, milliseconds: 70_000 });
    else if (kind < 0.55) {
      const [place, most] = random.pick(dyingPlaces);
      const how = random.pick(['kill', 'kill', 'cut power'] as const);
      disasters.push({ do: how, place, nth: random.between(1, most), share });
    }
    if (random.chance(0.25)) {
      const [place, most, possible] = random.pick(diskFaults);
      faults.push({ place, nth: random.between(1, most), fault: random.pick(possible) });
    }
    for (let count = random.pick([0, 0, 1, 1, 2]); count > 0; count -= 1) {
      const lasts = random.chance(0.3) ? { lasts: random.between(2, 8) } : {};
      const fault = random.pick(chatFaults);
      const nth = random.between(1, 12);
      faults.push({ place: 'POST /v1/chat/completions', nth, fault, ...lasts });
    }
  }
  if (runs.length > 0 && random.chance(0.05)) {
    const from = random.between(0, 20_000);
    const until = from + random.between(10, 20_000);
    disasters.push({ do: 'disk', state: 'full', from, until });
  }
  if (runs.length > 0 && random.chance(0.04))
    disasters.push({
      do: 'clock',
      at: random.between(0, 20_000),
      by: random.pick([-3_600_000, 86_400_000]),
    });
  return { disasters, faults };
}

/** What is typed after a batch ended so, as the table of exit codes says; null: nothing more. */
export function afterBatch(
  argv: readonly string[],
  { exit, random }: Process,
  tried: number,
): readonly string[] | null {
  if (exit === null || exit > 128)
    return random.chance(0.2) ? withFlags(argv, ['--resend-unknown']) : argv;
  if ((exit >= 30 && exit < 40) || exit === 50) return tried < 4 ? argv : null;
  if (exit === 21 || exit === 22) return tried < 2 ? argv : null;
  if (exit !== 40 || tried > 3) return null;
  return random.pick([
    null,
    argv,
    withFlags(argv, ['--retry-failed']),
    withFlags(argv, ['--resend-unknown']),
    withFlags(argv, ['--retry-failed', '--resend-unknown']),
  ]);
}

export function withFlags(argv: readonly string[], flags: readonly string[]): readonly string[] {
  return [...argv, ...flags.filter((flag) => !argv.includes(flag))];
}

/** Flags that make a run do more or less than the first, with whether a value follows. */
const passing: Readonly<Record<string, boolean>> = {
  '--retry-failed': false,
  '--resend-unknown': false,
  '--in-order': false,
  '--limit': true,
  '--max-errors': true,
  '--param': true,
};

/** The command of each output as it goes on at the end, without a limit of its own. */
export function goOnCommands(processes: readonly Process[]): (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const process of processes)
    if (isBatch(process) && !found.has(outputOf(process.argv)))
      found.set(outputOf(process.argv), plainOf(process.argv));
  return [...found.values()];
}

function plainOf([name = '', input = '', ...argv]: readonly string[]): readonly string[] {
  const out = argv[argv.indexOf('-o') + 1] ?? '';
  return [
    name,
    // The same lines, wherever they come from.
    input === '-' ? out.replace('/out-', '/in-') : input,
    ...argv.filter((word, at) => !(word in passing) && passing[argv[at - 1] ?? ''] !== true),
  ];
}

/** With a total that all lines fit into; itself where it has none. */
export function withoutTotal(argv: readonly string[]): readonly string[] {
  return argv.map((word, at) => (argv[at - 1] === '--max-cost' ? '100' : word));
}

/** Where the results of this command are. */
export function outputOf(argv: readonly string[]): string {
  const out = argv[argv.indexOf('-o') + 1] ?? '';
  const part = partOf(argv);
  return part === null ? out : out.replace(/\.jsonl$/, `.${part.index}-of-${part.count}.jsonl`);
}

/** null: all lines. */
export function partOf(argv: readonly string[]): { index: number; count: number } | null {
  const at = argv.indexOf('--shard');
  if (at < 0) return null;
  const [index, count] = (argv[at + 1] ?? '').split('/').map(Number);
  return { index: index ?? 0, count: count ?? 1 };
}
