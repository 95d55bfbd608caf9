import { afterAll, describe, expect, test } from 'vitest';
import type { Call, Cut, Goods } from '../helpers/kill-gateway.ts';
import { expectFiles, Report, takeUp } from '../helpers/kill-judge.ts';
import { canKill } from '../helpers/kill-tests.ts';
import { inKillWorld, type Scenario } from '../helpers/kill-world.ts';
import { isTurnOf } from '../helpers/share.ts';

const picture = (goods: Partial<Goods> = {}): Scenario => ({
  argv: ['image', '-o', 'cat.png', 'A cat'],
  goods: { kind: 'image', ...goods },
  names: [/^cat\.png$/],
});

const film: Scenario = {
  argv: ['video', '-o', 'cat.mp4', '--last-frame-out', 'last.png', 'A cat'],
  goods: { kind: 'video' },
  names: [/^cat\.mp4$/, /^last\.png$/],
};

const moments = [
  'request head',
  'whole request',
  'reply head',
  'half reply',
  'whole reply',
] as const;

const scenes: [string, Scenario, [Call, number][]][] = [
  [
    'a picture',
    picture(),
    [
      ['create', 1],
      ['poll', 1],
      ['poll', 2],
    ],
  ],
  ['a picture that has an address only', picture({ inline: false }), [['file', 1]]],
  ['a picture that is told once', picture({ stored: false }), [['poll', 2]]],
  [
    'a video',
    film,
    [
      ['create', 1],
      ['poll', 1],
      ['poll', 2],
      ['file', 1],
      ['frame', 1],
    ],
  ],
];

/** What `tasks resume --all` may end with. A reply that was sent whole may still have been lost with its reader. */
function exitsAfter({ goods }: Scenario, { call, nth, when }: Cut): (number | null)[] {
  if (call === 'create') return when === 'whole reply' ? [0, 46] : [46];
  if (goods.stored !== false || nth === 1 || when === 'request head') return [0];
  return when === 'whole reply' ? [0, 42] : [42];
}

describe.runIf(canKill).each(scenes)('%s', (title, scenario, calls) => {
  const report = new Report();
  afterAll(() => console.log(report.text(`${title}, on the wire`)));
  // All moments of the purchase of a picture; of each other call another one each day.
  const cuts = calls.flatMap(([call, nth], row) =>
    moments
      .filter(
        (_, column) =>
          (call === 'create' && scenario !== film) || isTurnOf(row + column, moments.length),
      )
      .map((when) => ({ call, nth, when })),
  );
  describe.concurrent('killed by the gateway', () => {
    test.each(
      cuts.map((cut, place) => [`${cut.call} ${cut.nth}: ${cut.when}`, cut, place] as const),
    )('at %s', { timeout: 300_000 }, async (at, cut, place) => {
      await inKillWorld(scenario, async (world) => {
        expect(await world.run(scenario.argv, cut)).toMatchObject({ signal: 'SIGKILL' });
        const end = await takeUp(world);
        report.add(place, at, world, end);
        expect(exitsAfter(scenario, cut), end.stderr).toContain(end.exit);
        expect(end.posts).toEqual({ before: 1, now: 0 });
        if (end.exit === 42) return expect(end.stderr).toContain('image_already_retrieved');
        expect(end.hinted).toBe(end.exit === 46 ? 0 : null);
        // The gateway never saw the end of that request, so there is nothing of it to be had.
        const isUnbought = cut.call === 'create' && cut.when === 'request head';
        if (isUnbought && scenario === film) expect(world.gateway.bought()).toBe(0);
        else {
          expect(world.gateway.bought()).toBe(1);
          expectFiles(world, scenario);
        }
      });
    });
  });
  test('nothing but records is left in the journal', () => {
    expect(report.left()).toEqual([]);
  });
});
