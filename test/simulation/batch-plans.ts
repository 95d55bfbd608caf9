/** Batches that are sent where a defect of theirs would show: what is typed and what is met fit each other. */
import type { Batches } from './batches.ts';
import { BATCHES } from './process-files.ts';
import type { Command, Disaster, Fault } from './program.ts';
import { Random } from './random.ts';

/** Nobody else is in such a world: the nth passing of a place is the batch's. */
export interface BatchPlan {
  batches: Batches;
  faults: readonly Fault[];
  disasters: readonly Disaster[];
}

const CHAT = 'POST /v1/chat/completions';
const OUT = `${BATCHES}/out-0.jsonl`;
export const IN = `${BATCHES}/in-0.jsonl`;

/** The most that one of the lines below can cost, USD, rounded down. */
const LINE = 0.00341;

interface Drawn {
  /** Of its input. */
  lines: number;
  actors: readonly Command[][];
  faults?: readonly Fault[];
  disasters?: readonly Disaster[];
}

type Plan = (random: Random) => Drawn;

export const batchCommand = (after: number, ...flags: readonly string[]): Command => ({
  argv: ['batch', IN, '-o', OUT, ...flags],
  after,
});

/** All but the last byte is written: a line lacks its line feed. */
const ALMOST = 0.9999;

/** A total into which about so many lines fit. */
const totalOf = (random: Random, lines: number): string[] => [
  '--max-cost',
  ((lines + random.next()) * LINE).toFixed(5),
];

const plans: readonly Plan[] = [
  // One line meets many refusals.
  (random) => ({
    lines: 4,
    actors: [[batchCommand(0, '--concurrency', '1')]],
    faults: [{ place: CHAT, nth: random.between(1, 4), fault: '429', lasts: random.between(3, 6) }],
  }),
  // Some lines wait for the money of others. One of those is refused for long, another ends meanwhile.
  (random) => {
    const total = ((random.pick([2, 3, 3]) + 0.9 + random.next() / 10) * LINE).toFixed(5);
    const fault = random.pick(['429', '429 for long', '429 for long']);
    return {
      lines: 8,
      actors: [
        [batchCommand(0, '--concurrency', random.pick(['3', '4', '8']), '--max-cost', total)],
      ],
      faults: [{ place: CHAT, nth: random.between(1, 2), fault }],
    };
  },
  // What was spent is not known, and the batch goes on under the same total.
  (random) => {
    const total = totalOf(random, random.pick([2, 3]));
    const fault = random.pick(['no cost', 'no cost', 'reset after it arrived']);
    return {
      lines: 8,
      actors: [[batchCommand(0, '--concurrency', random.pick(['1', '2']), ...total)]],
      faults: [{ place: CHAT, nth: random.between(1, 2), fault, lasts: random.between(1, 4) }],
    };
  },
  // The total is reached, and typed again.
  (random) => {
    const total = totalOf(random, 2);
    return {
      lines: 8,
      actors: [[batchCommand(0, ...total), batchCommand(0, ...total)]],
      faults: [{ place: CHAT, nth: random.between(1, 6), fault: 'no cost' }],
    };
  },
  // A line is paid for twice, and the second run dies between its result and its outcome.
  (random) => ({
    lines: 3,
    actors: [
      [
        batchCommand(0, '--concurrency', '1'),
        batchCommand(0, '--concurrency', '1', '--retry-failed'),
      ],
    ],
    faults: [{ place: CHAT, nth: 1, fault: 'content filter', lasts: random.between(1, 3) }],
    disasters: [{ do: 'kill', place: 'append ledger', nth: 8, share: random.pick([0, 0, ALMOST]) }],
  }),
  // Of several lines that failed, one is sent again.
  (random) => {
    const fault = random.pick(['404', 'content filter', '500']);
    return {
      lines: 5,
      actors: [[batchCommand(0), batchCommand(0, '--retry-failed', '--limit', '1', '--json')]],
      faults: [{ place: CHAT, nth: random.between(1, 3), fault, lasts: random.between(2, 3) }],
    };
  },
  // Nothing can be sent any more, from one moment on; the ledger may take its time then.
  (random) => {
    const fault = random.pick(['401', '402']);
    const nth = random.between(1, 5);
    return {
      lines: 8,
      actors: [[batchCommand(0, '--concurrency', random.pick(['1', '1', '2', '4']))]],
      faults: [
        { place: CHAT, nth, fault, lasts: random.between(1, 10) },
        { place: 'append ledger', nth: 2 * nth, fault: 'slow', lasts: random.between(1, 4) },
      ],
    };
  },
  // It dies in the ledger: an intent is the first, third and fifth line, an outcome the others.
  (random) => ({
    lines: 3,
    actors: [[batchCommand(0, '--concurrency', '1')]],
    disasters: [
      {
        do: 'kill',
        place: 'append ledger',
        nth: random.pick([2, 2, 4, 6, 1, 3]),
        share: random.pick([ALMOST, ALMOST, 0, 0.5]),
      },
    ],
  }),
  // It dies in its own files.
  (random) => ({
    lines: random.between(3, 6),
    actors: [[batchCommand(0, '--concurrency', random.pick(['1', '2', '4']))]],
    disasters: [
      {
        do: random.pick(['kill', 'kill', 'cut power'] as const),
        place: random.pick(['append results', 'append results', 'write state', 'sync results']),
        nth: random.between(1, 4),
        share: random.pick([0, 0, 1, ALMOST, 0.5]),
      },
    ],
  }),
  // What was written is replaced, and the machine stops.
  (random) => ({
    lines: 5,
    actors: [[batchCommand(0), batchCommand(0, '--retry-failed', '--in-order')]],
    faults: [{ place: CHAT, nth: random.between(1, 3), fault: '404' }],
    disasters: [
      {
        do: random.pick(['cut power', 'cut power', 'kill'] as const),
        place: random.pick(['rename results', 'rename state', 'rename state', 'sync compacted']),
        nth: random.between(1, 4),
        share: random.pick([0, 1, 1]),
      },
    ],
  }),
  // Parts share a total.
  (random) => {
    const total = totalOf(random, random.pick([2, 3, 4]));
    const part = (index: number): Command =>
      batchCommand(random.pick([0, 0, 500]), '--shard', `${index}/2`, ...total);
    return {
      lines: 12,
      actors: [[part(0)], [part(1)]],
      faults: [{ place: CHAT, nth: random.between(1, 6), fault: 'no cost', lasts: 2 }],
    };
  },
  // Lines that begin in one turn, and a ledger that takes some of them.
  (random) => {
    const fault = random.pick(['ENOSPC', 'ENOSPC', 'EIO', 'slow']);
    return {
      lines: 6,
      actors: [[batchCommand(0, '--concurrency', random.pick(['4', '8']), ...totalOf(random, 9))]],
      faults: [{ place: 'append ledger', nth: random.between(1, 2), fault }],
    };
  },
  // Two at one output.
  (random) => ({
    lines: 5,
    actors: [[batchCommand(0)], [batchCommand(random.pick([0, 0, 100, 1000]))]],
  }),
];

/** null: this world's batch is sent nowhere. */
export function batchPlanOf(seed: number): BatchPlan | null {
  const random = new Random(seed, 'plan of a batch');
  if (!random.chance(0.75)) return null;
  const { lines, actors, faults = [], disasters = [] } = random.pick(plans)(random);
  return { batches: { actors, inputs: inputOf(lines) }, faults, disasters };
}

/** By its path. */
export function inputOf(lines: number): Batches['inputs'] {
  const input = Array.from({ length: lines }, (_, index) => lineOf(index + 1)).join('\n');
  return { [IN]: `${input}\n` };
}

function lineOf(number: number): string {
  const content = `question ${number} @batch-0`;
  const body = { model: 'gpt-5.4', messages: [{ role: 'user', content }], max_tokens: 200 };
  return JSON.stringify({ method: 'POST', url: '/v1/chat/completions', body });
}
