/** What people and scripts type, drawn from the seed: single commands, and stories in which several belong together. */
import { IN } from './process-files.ts';
import type { Command, PipedInput } from './program.ts';
import type { Random } from './random.ts';

const chats = ['gpt-5.4-nano', 'gpt-5.4-mini', 'gpt-5.4'];
const photo = `${IN}/photo.png`;

type Story = (random: Random, hasCaps: boolean) => Command[][];

/** Each actor's commands. */
export function actorsOf(random: Random, hasCaps: boolean): Command[][] {
  if (random.chance(hasCaps ? 0.3 : 0.14)) return rush(random, hasCaps);
  if (random.chance(0.2)) return random.pick(hasCaps ? cappedStories : stories)(random, hasCaps);
  const count = random.pick([1, 1, 1, 1, 2, 2, 3]);
  return Array.from({ length: count }, () =>
    Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => commandOf(random, hasCaps)),
  );
}

export function capsOf(random: Random): Record<string, unknown> {
  const amount = (): string => (random.between(8, random.pick([80, 300])) / 10_000).toFixed(4);
  return {
    ...(random.chance(0.3) && { call: amount() }),
    ...(random.chance(0.7) && { day: amount() }),
    ...(random.chance(0.3) && { month: amount() }),
    ...(random.chance(0.3) && { tags: { ci: { day: amount() } } }),
  };
}

/** ms: when those who rush begin. */
const RUSH_AT = 5000;

export function isRush(actors: readonly (readonly Command[])[]): boolean {
  return actors.filter(([first]) => first?.after === RUSH_AT).length > 1;
}

/** Several at the same moment want the same: money under one cap, or one name. */
function rush(random: Random, hasCaps: boolean): Command[][] {
  const chat = ['chat', '-m', 'gpt-5.4', '--max-tokens', '200', 'hello #RUN'];
  const argv = hasCaps ? chat : ['image', '-o', 'cat.png', 'draw a cat #RUN'];
  const many = Array.from({ length: random.between(2, 4) }, () => [{ argv, after: RUSH_AT }]);
  // With the price list at hand, nothing but the disk comes between them.
  return hasCaps ? [[{ argv: ['models'], after: 0 }], ...many] : many;
}

/** A film is cancelled in each state it can be in: before its id is known, while it is waited for, when it is over, twice. */
const cancelling: Story = (random) => {
  const how = random.pick([[], ['--async'], ['--wait', '5'], ['--cancel-on-interrupt']]);
  const cancel = (): Command => ({
    argv: ['tasks', 'CANCEL', ...(random.chance(0.3) ? ['--json'] : [])],
    after: random.pick([100, 600, 1500, 4000, 9000, 30_000]),
  });
  const film: Command = { argv: ['video', ...how, 'film a dog #RUN'], after: 0 };
  const others = random.chance(0.3) ? [[cancel()], [cancel()]] : [[cancel()]];
  return random.chance(0.3) ? [[film, cancel()]] : [[film], ...others];
};

/** Two processes on one conversation. */
const talking: Story = (random, hasCaps) => {
  const limit = hasCaps ? ['--max-tokens', '50'] : [];
  const which = random.pick([['--session', 'one'], ['--session', 'one'], ['-c'], []]);
  const begin = { argv: ['chat', '-m', 'gpt-5.4-nano', ...limit, 'hello #RUN'], after: 0 };
  const say = (): Command => ({
    argv: ['chat', '-m', 'gpt-5.4-nano', ...limit, ...which, 'and then? #RUN'],
    after: random.pick([0, 0, 2000]),
  });
  const first = which[0] === '-c' ? begin : say();
  return [[first, say()], random.chance(0.5) ? [say()] : [say(), say()]];
};

/** Ordered by one, fetched by others, at once or much later. */
const handingOver: Story = (random) => {
  const order = random.pick([
    ['image', '--async', '--json', 'draw a cat #RUN'],
    ['image', '-n', '2', '--async', 'draw a cat #RUN'],
    ['image', '-g', 'tokenhub', '--async', 'draw a cat #RUN'],
    ['video', '--async', '--jsonl', 'film a dog #RUN'],
    ['video', '-g', 'tokenhub', '--async', 'film a dog #RUN'],
    ['image', 'draw a cat #RUN'],
  ]);
  const fetch = (): Command => ({
    argv: random.pick([
      ['tasks', 'RESUME'],
      ['tasks', 'RESUME', '--wait', '3', '--json'],
      ['tasks', 'resume', '--all', '--jsonl'],
      ['tasks', 'SHOW'],
    ]),
    after: random.pick([1000, 3000, 8000, 8000, 2_000_000]),
  });
  return [[{ argv: order, after: 0 }, fetch()], [fetch()]];
};

/** A call that was killed is given up, so that its bound counts no longer. */
const releasing: Story = (random) => {
  const chat: Command = {
    argv: ['chat', '-m', 'gpt-5.4', '--max-tokens', '400', 'hello #RUN'],
    after: 0,
  };
  return [
    [chat, { argv: ['budget', '--json'], after: 0 }, { argv: ['budget', 'RELEASE'], after: 0 }],
    [{ ...chat, after: random.pick([0, 3000]) }],
  ];
};

/** The list of models is fetched once, and the reports are looked at from all sides. */
const reading: Story = (random) => [
  [
    { argv: ['models'], after: 0 },
    commandOf(random, false),
    { argv: ['models', ...random.pick([[], ['--refresh'], ['--prices', '--json']])], after: 0 },
    reportOf(random),
  ],
];

const stories = [cancelling, cancelling, talking, talking, handingOver, handingOver, reading];
const cappedStories = [talking, releasing, releasing];

function reportOf(random: Random): Command {
  const by = random.pick(['model', 'command', 'day', 'gateway', 'tag', 'session']);
  const argv = random.pick([
    ['cost', '--by', by, '--since', '2020-01-01', '--json'],
    ['cost', '--by', by],
    ['cost', '--calls', '--since', '7d'],
    ['cost', 'gpt-5.4-nano', '19', '12', '--json'],
    ['budget'],
  ]);
  return { argv, after: 0 };
}

function commandOf(random: Random, hasCaps: boolean): Command {
  const argv = argvOf(random, hasCaps);
  const more = random.chance(0.08) ? ['--debug'] : random.chance(0.08) ? ['-v'] : [];
  const [name = '', ...rest] = argv;
  const takesMore = ['chat', 'search', 'image', 'video'].includes(name);
  const command: Command = {
    argv: takesMore ? [name, ...more, ...rest] : argv,
    after: random.pick([0, 0, 50, 3000, 70_000]),
  };
  return name === 'chat' && random.chance(0.12) ? piped(random, command) : command;
}

/** The prompt comes through a pipe, or part of it, or nothing ever does. */
function piped(random: Random, { argv, after }: Command): Command {
  const words = argv.slice(0, -1);
  const pause = random.pick([0, 5, 1500, 1500, 3000, 15_000]);
  const input: PipedInput = {
    pieces: [
      { after: pause, text: 'Lies dies – ü, ' },
      { after: random.pick([0, 20, 12_000]), text: 'und sage, was es ist. #RUN\n' },
    ],
    ends: true,
  };
  return random.pick([
    { argv: words, after, input },
    { argv: [...words, '-'], after, input },
    { argv: [...words, 'hello'], after, input },
    { argv: [...words, '--no-stdin', 'hello #RUN'], after, input: { pieces: [], ends: false } },
    { argv: [...words, 'hello #RUN'], after, input: { pieces: [], ends: true } },
    { argv: [...words, 'hello #RUN'], after, input: { pieces: [], ends: false } },
  ]);
}

function argvOf(random: Random, hasCaps: boolean): string[] {
  const json = random.chance(0.4) ? ['--json'] : random.chance(0.17) ? ['--jsonl'] : [];
  const tag = random.chance(0.3) ? ['--tag', 'ci'] : [];
  const kind = random.next();
  if (kind < 0.38 || (hasCaps && kind < 0.6)) return chatOf(random, hasCaps, tag, json);
  if (kind < 0.44) return ['search', ...json, 'news of today #RUN'];
  if (kind < 0.7) return imageOf(random, tag, json);
  if (kind < 0.9) return videoOf(random, tag, json);
  const document = json.length > 0 ? ['--json'] : [];
  return random.pick([
    ['tasks', 'list', ...document],
    ['tasks', 'resume', '--all', ...json],
    ['cost', ...document],
    ['models', ...document],
    ['models', '-g', 'tokenhub', ...document],
    ['models', 'gpt-5.4-nano', ...document],
    ['tasks', 'CANCEL', ...document],
    [...reportOf(random).argv],
  ]);
}

function chatOf(random: Random, hasCaps: boolean, tag: string[], json: string[]): string[] {
  const isHub = !hasCaps && random.chance(0.2);
  const model = isHub ? ['-g', 'tokenhub'] : ['-m', random.pick(chats)];
  const limit =
    hasCaps || random.chance(0.3) ? ['--max-tokens', String(random.pick([50, 200, 400]))] : [];
  const session = random.chance(0.25) ? ['--session', random.pick(['one', 'two'])] : [];
  const cap = random.chance(0.1) ? ['--max-cost', '0.004'] : [];
  const more = [
    ...(random.chance(0.1) ? ['--strict'] : []),
    ...(!isHub && random.chance(0.12) ? ['--fallback', random.pick(chats)] : []),
    ...(session.length === 0 && random.chance(0.08) ? ['--no-save'] : []),
    // Its cost is unknown, so that no cap can be held against the books.
    ...(!hasCaps && !isHub && random.chance(0.08) ? ['--no-stream'] : []),
    ...(random.chance(0.06) ? ['-f', `${IN}/notes.md`] : []),
  ];
  return ['chat', ...model, ...limit, ...tag, ...session, ...cap, ...more, ...json, 'hello #RUN'];
}

function imageOf(random: Random, tag: string[], json: string[]): string[] {
  const hub = random.chance(0.2) ? ['-g', 'tokenhub'] : [];
  const edit =
    hub.length === 0 && random.chance(0.15)
      ? ['--image', photo, ...(random.chance(0.4) ? ['--mask', `${IN}/mask.png`] : [])]
      : [];
  const count = random.chance(0.25) ? ['-n', String(random.between(2, 3))] : [];
  const how = random.chance(0.15)
    ? ['--async']
    : random.chance(0.15)
      ? ['--wait', random.pick(['5', '45'])]
      : [];
  const name = random.chance(0.2) ? ['-o', 'cat.png'] : [];
  const what = [...hub, ...edit, ...count, ...how, ...name];
  return ['image', ...what, ...tag, ...json, 'draw a cat #RUN'];
}

function videoOf(random: Random, tag: string[], json: string[]): string[] {
  const hub = random.chance(0.15) ? ['-g', 'tokenhub'] : [];
  const cancel = hub.length > 0 ? [] : ['--cancel-on-interrupt'];
  const how = random.pick([[], [], ['--async'], ['--wait', '10'], cancel]);
  const frames =
    hub.length === 0 && random.chance(0.12)
      ? ['--first-frame', photo, ...(random.chance(0.3) ? ['--last-frame', photo] : [])]
      : [];
  return ['video', ...hub, ...how, ...frames, ...tag, ...json, 'film a dog #RUN'];
}
