/** What is typed so that a place is passed: one way or several to each. */
import { batchCommand, inputOf, IN as LINES } from './batch-plans.ts';
import { IN } from './process-files.ts';
import type { Command, Disaster, Fault, Program } from './program.ts';
import { type ClientCall, type OwnCommand, SERVER, type ServePlan } from './serve-plan.ts';

/** What is typed so that a place is passed. */
export interface Way {
  commands: readonly Command[];
  hasCaps: boolean;
  /** What others type at the same time. */
  beside?: readonly (readonly Command[])[];
  /** Without these nobody comes there. */
  faults?: readonly Fault[];
  disasters?: readonly Disaster[];
  /** Of a batch. */
  inputs?: Program['inputs'];
  /** The proxy of the world. */
  serve?: ServePlan;
}

export const typed = (...lines: readonly (readonly string[])[]): Way => ({
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
export const image = ['image', 'surely a cat #RUN'];
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

const CHAT = 'POST /v1/chat/completions';

const batch = (lines: number, ...commands: readonly Command[]): Way => ({
  commands,
  hasCaps: false,
  inputs: inputOf(lines),
});
const plainBatch = batch(3, batchCommand(0, '--concurrency', '2'));
/** What was good and what failed is written anew. */
const ordered: Way = {
  ...batch(3, batchCommand(0), batchCommand(0, '--retry-failed', '--in-order')),
  faults: [{ place: CHAT, nth: 1, fault: '404' }],
};
/** Parts with a total have a file for both. */
const parts: Way = {
  ...batch(6, batchCommand(0, '--shard', '0/2', '--max-cost', '1')),
  beside: [[batchCommand(0, '--shard', '1/2', '--max-cost', '1')]],
};
const pipedBatch = batch(2, {
  ...batchCommand(0),
  argv: batchCommand(0).argv.map((word) => (word === LINES ? '-' : word)),
  input: { pieces: [{ after: 1, text: inputOf(2)[LINES] ?? '' }], ends: true },
});
/** It died before the line feed of a result. */
const lacksEnd: Way = {
  ...batch(3, batchCommand(0, '--concurrency', '1')),
  disasters: [{ do: 'kill', place: 'append results', nth: 1, share: 0.9999 }],
};
/** Two lines reach the ledger at once. */
const together: Way = { ...chat, beside: [chat.commands, chat.commands, chat.commands] };
const inTalk = ['chat', '--session', 'one', 'and then? #RUN'];
/** One has seen the end of the file, and is slow; the others are not. */
const inOneTalk: Way = {
  ...typed(inTalk),
  beside: [inTalk, inTalk, inTalk].map((argv) => [{ argv, after: 0 }]),
  faults: [{ place: 'append sessions', nth: 1, fault: 'slow' }],
};
/** Its state is written anew, and what was begun is taken away. */
const brokenState = without(plainBatch, 'create state');
const brokenOrder = without(ordered, 'write compacted');

/** The number of the first command of a way. */
const FIRST = 1000;
/** So long that a lock is old when it goes on. */
const paused = (way: Way, step: number): Way => ({
  ...way,
  disasters: [{ do: 'stop', run: FIRST, step, milliseconds: 700_000 }],
});

/** All lines have ended when it goes on. */
const allAtOnce = (step: number): Way =>
  paused(batch(8, batchCommand(0, '--concurrency', '8')), step);

const call = (number: number, isStream: boolean): ClientCall => ({
  ...{ after: 0, number, model: 'gpt-5.4-nano', maxTokens: 50, isStream, isLibrary: true },
  ...{ key: null, headers: {}, retries: 2, patience: null, leavesAt: null },
});
const own: OwnCommand = { after: 1500, number: 7900, maxTokens: 50 };
export const served = (flags: readonly string[] = [], ...more: OwnCommand[]): Way => ({
  ...typed(['cost']),
  serve: {
    argv: ['serve', ...flags],
    clients: [[call(7000, false), call(7001, true)]],
    ...(more.length > 0 && { own: more }),
  },
});
/** It gives its file back while things can still go wrong. */
const told: Way = {
  ...served(),
  disasters: [{ do: 'signal', run: SERVER, step: 40, name: 'SIGTERM', again: null }],
};
const agent = typed(['agent', 'agent-9', '--model', 'gpt-5.4-nano', '--again', 'do it #RUN']);

/** The first that fits; several ways take turns. */
export const ways: readonly (readonly [RegExp, ...Way[]])[] = [
  [/look into results/, allAtOnce(80), allAtOnce(90)],
  [/look into ledger/, together],
  [/look into sessions/, inOneTalk],
  [/write results/, lacksEnd],
  [/(read|syncDirectory) results|create compacted/, parts],
  [/remove compacted/, brokenOrder],
  [/remove state/, brokenState],
  [/compacted|rename results/, ordered],
  [/(open|write|sync|remove) lines/, pipedBatch],
  [/results|state|lines/, plainBatch, ordered],
  [/remove servers/, told],
  [/receive from the proxy|read servers/, served([], own)],
  [/listen|take request|give reply|servers/, served()],
  [/write lock/, paused(typed(film), 60), paused(typed(image), 60)],
  [/(open|append|read) other/, agent],
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
