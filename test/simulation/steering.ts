/** Half of the worlds are sent to one pair of place and fault each, by turns: a pure function of the seed, so that a world needs no other. */
import { disk } from './disk-faults.ts';
import { networkFaults, routes } from './network-faults.ts';
import { deaths, deathsOfWrites } from './process.ts';
import { IN } from './process-files.ts';
import type { Command, Disaster, Fault } from './program.ts';
import { Random } from './random.ts';

/** What is typed so that a place is passed. */
interface Way {
  commands: readonly Command[];
  hasCaps: boolean;
  /** What others type at the same time. */
  beside?: readonly (readonly Command[])[];
  /** Without these nobody comes there. */
  faults?: readonly Fault[];
}

export interface Lead {
  way: Way;
  faults: readonly Fault[];
  disasters: readonly Disaster[];
}

const typed = (...lines: readonly (readonly string[])[]): Way => ({
  commands: lines.map((argv) => ({ argv, after: 0 })),
  hasCaps: false,
});
const later = (first: readonly string[], after: number, ...next: string[]): Way => ({
  commands: [
    { argv: first, after: 0 },
    { argv: next, after },
  ],
  hasCaps: false,
});

// What is surely ordered does not fail.
const image = ['image', 'surely a cat #RUN'];
const named = ['image', '-o', 'cat.png', 'surely a cat #RUN'];
const film = ['video', 'surely a dog #RUN'];
const asyncFilm = ['video', '--async', 'surely a dog #RUN'];
const hub = ['-g', 'tokenhub'];
const photo = `${IN}/photo.png`;

const chat = typed(['chat', '-m', 'gpt-5.4', 'hello #RUN']);
const capped: Way = {
  ...typed(['chat', '-m', 'gpt-5.4-nano', '--max-tokens', '50', 'hello #RUN']),
  hasCaps: true,
};
const edit = typed([
  'image',
  '--image',
  photo,
  '--mask',
  `${IN}/mask.png`,
  'surely with a hat #RUN',
]);
const frames = typed(['video', '--first-frame', photo, 'surely a dog #RUN']);
const pictures = typed(['image', '-n', '2', 'surely a cat #RUN']);
const handedOver = later(
  ['image', '--async', 'surely a cat #RUN'],
  9000,
  'tasks',
  'resume',
  '--all',
);
const cancelled = later(asyncFilm, 50, 'tasks', 'CANCEL');
const lastTalk = later(['chat', 'hello #RUN'], 0, 'chat', '-c', 'and then? #RUN');
const talk = later(
  ['chat', '--session', 'one', 'hello #RUN'],
  0,
  ...['chat', '--session', 'one', 'and then? #RUN'],
);
const models = typed(['models'], ['models']);
/** Where there are no hard links the name is taken first. */
const withoutLinks: Way = {
  ...typed(image),
  faults: [{ place: 'link output', nth: 1, fault: 'EPERM' }],
};
const task = typed(['image', ...hub, 'surely a cat as a task #RUN']);
/** The name is taken before it is asked for. */
const taken = typed(named, named);
/** The name is taken while it is waited for, and another is given later. */
const crowded: Way = {
  ...typed(named, ['tasks', 'RESUME', '-o', 'other.png']),
  beside: [[{ argv: named, after: 0 }]],
};
/** Nothing can be given its name. */
const nameless: Way = {
  ...typed(image),
  faults: [
    { place: 'link output', nth: 1, fault: 'EPERM' },
    { place: 'rename output', nth: 1, fault: 'EIO' },
  ],
};
const refusedUpload: Way = {
  ...edit,
  faults: [{ place: 'PUT upload', nth: 1, fault: '403' }],
};
const piped: Way = {
  hasCaps: false,
  commands: [
    {
      argv: ['chat', '-'],
      after: 0,
      input: {
        pieces: [
          { after: 5, text: 'Lies dies. ' },
          { after: 20, text: 'Und? #RUN' },
        ],
        ends: true,
      },
    },
  ],
};
/** A file that could not be written whole is taken away. */
const without = (way: Way, place: string): Way => ({
  ...way,
  faults: [{ place, nth: 1, fault: 'ENOSPC' }],
});
const brokenBudget = without(capped, 'write budget');
const brokenCache = without(models, 'write cache');
const brokenRecord: Way = {
  ...typed(image),
  faults: [{ place: 'write record', nth: 2, fault: 'ENOSPC' }],
};
const brokenTalk = without(chat, 'write sessions');
const lostOrder: Way = {
  ...typed(film, ['tasks', 'RESUME']),
  faults: [{ place: 'POST /v1/videos/generations', nth: 1, fault: 'reset after it arrived' }],
};

/** The first that fits; several ways take turns. */
const ways: readonly (readonly [RegExp, ...Way[]])[] = [
  [/^POST \/v1\/chat|write std/, chat, capped],
  [/^POST \/v1\/images\/edits|input/, edit],
  [/^receive PUT/, refusedUpload],
  [/upload/, edit, frames],
  [/^POST \/v1\/images/, typed(image), handedOver],
  [/^GET \/v1\/images\/generations/, typed(image), handedOver],
  [/^POST \/v1\/videos\/generations$/, typed(film), frames],
  [/cancel/, cancelled],
  [/^GET \/v1\/videos\/generations$/, typed(asyncFilm, ['tasks', 'list']), lostOrder],
  [/^GET \/v1\/videos\/generations\/\{id\}/, typed(film), later(asyncFilm, 3000, 'tasks', 'SHOW')],
  [/^GET file/, typed(film), task],
  [/^GET \/api-account\/models\/\{id\}/, typed(['models', 'gpt-5.4-nano'])],
  [/^GET \/api-account/, models, capped],
  [/^GET \/v1\/.*models/, models],
  [/^GET \/api\/v1\/models/, typed(['models', ...hub])],
  [/^POST \/api\/v1\/chat/, typed(['chat', ...hub, 'hello #RUN'])],
  [/^(POST|GET) \/api\/v1\/images/, task],
  [/^(POST|GET) \/api\/v1\/videos/, typed(['video', ...hub, 'surely a dog #RUN'])],
  [/remove budget/, brokenBudget],
  [/remove cache/, brokenCache],
  [/remove sessions/, brokenTalk],
  [/remove record/, brokenRecord],
  [/remove output/, nameless],
  [/budget/, capped],
  [/(open|append|status|read) sessions/, talk],
  [/sessions/, chat, lastTalk],
  [/cache/, models, capped],
  [/(rename|open) output/, withoutLinks],
  [/(status|openToRead|isTaken) temporary|openToRead output/, crowded],
  [/(status|isTaken) output/, taken],
  [/reply/, typed(image), pictures, handedOver],
  [/freeBytes/, typed(image)],
  [/temporary|output|other/, typed(image), typed(film), pictures],
  [/record|lock/, typed(image), typed(film), handedOver, cancelled],
  [/openToRead ledger/, typed(['chat', 'hello #RUN'], ['cost']), capped],
  [/config/, capped],
  [/ledger|room/, chat, capped],
  [/stdin/, piped],
];

interface Pair {
  place: string;
  most: number;
  /** null: a death. */
  fault: string | null;
  death: string | null;
}

/** Every place, with all that can happen at it. */
const pairs: readonly Pair[] = [...routes, ...disk].flatMap(([place, most, own]) => {
  const isRoute = !disk.some(([other]) => other === place);
  const faults = isRoute ? [...networkFaults, ...own] : own;
  const steps = isRoute ? ['send', 'reply', 'receive'].map((step) => `${step} ${place}`) : [place];
  const dying =
    /^(write|append) /.test(place) && place !== 'write stdout' ? deathsOfWrites : deaths;
  return [
    ...faults.map((fault) => ({ place, most, fault, death: null })),
    ...steps.flatMap((step) => dying.map((death) => ({ place: step, most, fault: null, death }))),
  ];
});

/** Leads that no single pair of place and fault makes. */
const stories: readonly ((random: Random) => Lead)[] = [
  // The answers to an order are lost, and when somebody asks again, it is older than the clock says.
  (random) => ({
    way: { ...typed(image), beside: [[{ argv: ['tasks', 'RESUME'], after: 70_000 }]] },
    faults: [
      {
        place: 'POST /v1/images/generations/async',
        nth: 1,
        fault: 'silence after it arrived',
        lasts: 2,
      },
    ],
    disasters: [
      { do: 'clock', at: random.between(55_000, 65_000), by: -1000 * random.between(40, 65) },
    ],
  }),
];

/** A prime, so that each round of the pairs leaves others out. */
const STORY_EACH = 97;

function storyOf(turn: number): (typeof stories)[number] | undefined {
  return stories[Math.floor(turn / STORY_EACH) % stories.length];
}

/** The way to a place, of several by turns. */
function wayOf(place: string, round: number): { way: Way; count: number } | null {
  const plain = place.replace(/^(send|reply|receive) /, '');
  const fits = ([pattern]: (typeof ways)[number]): boolean =>
    pattern.test(place) || pattern.test(plain);
  const [, ...choice] = ways.find(fits) ?? [/^$/];
  const way = choice[round % Math.max(1, choice.length)];
  return way === undefined ? null : { way, count: choice.length };
}

/** null: this world goes where it likes. */
export function leadOf(seed: number): Lead | null {
  if (seed % 2 === 0) return null;
  const turn = (seed - 1) / 2;
  const story = turn % STORY_EACH === STORY_EACH - 1 ? storyOf(turn) : undefined;
  if (story !== undefined) return story(new Random(seed, 'lead'));
  const pair = pairs[turn % pairs.length];
  const round = Math.floor(turn / pairs.length);
  const found = pair === undefined ? null : wayOf(pair.place, round);
  if (pair === undefined || found === null) return null;
  const { place, most, fault, death } = pair;
  const random = new Random(seed, 'lead');
  // The first passing first: later ones may never come.
  const nth = round < found.count || random.chance(0.5) ? 1 : random.between(1, most);
  const { way } = found;
  if (fault !== null) return { way, faults: [{ place, nth, fault }], disasters: [] };
  const isEarly = death?.endsWith('before') === true;
  const isLate = death?.endsWith('after') === true;
  const share = isEarly ? 0 : isLate ? 1 : 0.05 + random.next() * 0.9;
  const how = death?.startsWith('kill') ? 'kill' : 'cut power';
  return { way, faults: [], disasters: [{ do: how, place, nth, share }] };
}
