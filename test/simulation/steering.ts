/** Half of the worlds are sent to one pair of place and fault each, by turns: a pure function of the seed, so that a world needs no other. */
import { disk, loopback, rarer } from './disk-faults.ts';
import { networkFaults, routes } from './network-faults.ts';
import { deaths, deathsOfWrites } from './process.ts';
import type { Disaster, Fault } from './program.ts';
import { Random } from './random.ts';
import { image, served, typed, type Way, ways } from './ways.ts';

export interface Lead {
  way: Way;
  faults: readonly Fault[];
  disasters: readonly Disaster[];
}

interface Pair {
  place: string;
  most: number;
  /** null: a death. */
  fault: string | null;
  death: string | null;
}

/** Every place, with all that can happen at it. */
const pairs: readonly Pair[] = [...routes, ...disk, ...rarer, ...loopback].flatMap((row) => {
  const [place, most, own] = row;
  const isRoute = routes.includes(row);
  const faults = isRoute ? [...networkFaults, ...own] : own;
  const steps = isRoute ? ['send', 'reply', 'receive'].map((step) => `${step} ${place}`) : [place];
  const dying =
    /^(write|append) /.test(place) && place !== 'write stdout' ? deathsOfWrites : deaths;
  return [
    ...faults.map((fault) => ({ place, most, fault, death: null })),
    ...steps.flatMap((step) => dying.map((death) => ({ place: step, most, fault: null, death }))),
  ];
});

const ORDER = 'POST /v1/images/generations/async';

/** Leads that no single pair of place and fault makes. */
const stories: readonly ((random: Random) => Lead)[] = [
  // The answers to an order are lost, and when somebody asks again, it is older than the clock says.
  (random) => ({
    way: { ...typed(image), beside: [[{ argv: ['tasks', 'RESUME'], after: 70_000 }]] },
    faults: [
      {
        place: ORDER,
        nth: 1,
        fault: 'silence after it arrived',
        lasts: 2,
      },
    ],
    disasters: [
      { do: 'clock', at: random.between(55_000, 65_000), by: -1000 * random.between(40, 65) },
    ],
  }),
  // The proxy begins without a price list, with a total.
  (random) => ({
    way: served(['--max-cost', '1']),
    faults: ['GET /api-account/models', 'GET /v1/models'].map((place) => ({
      ...{ place, nth: 1, fault: random.pick(['500', 'refused']), lasts: 9 },
    })),
    disasters: [],
  }),
  // Who ordered dies before the answer, and who asks again is refused.
  (random) => ({
    way: typed(image, ['tasks', 'RESUME']),
    faults: [{ place: ORDER, nth: 2, fault: random.pick(['402', '429 for long', '500']) }],
    disasters: [{ do: 'kill', place: `send ${ORDER}`, nth: 1, share: 1 }],
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
  // By turns, the first passing and any: later ones may never come.
  const isFirst = Math.floor(round / found.count) % 2 === 0;
  const nth = isFirst || random.chance(0.3) ? 1 : random.between(1, most);
  const { way } = found;
  if (fault !== null) return { way, faults: [{ place, nth, fault }], disasters: [] };
  const isEarly = death?.endsWith('before') === true;
  const isLate = death?.endsWith('after') === true;
  const share = isEarly ? 0 : isLate ? 1 : 0.05 + random.next() * 0.9;
  const how = death?.startsWith('kill') ? 'kill' : 'cut power';
  return { way, faults: [], disasters: [{ do: how, place, nth, share }] };
}
