import { readdirSync } from 'node:fs';
import { telling } from '../helpers/kill-points.ts';
import { testInTurns } from '../helpers/kill-tests.ts';
import type { KillWorld, Point, Scenario } from '../helpers/kill-world.ts';

const picture: Scenario = {
  argv: ['image', '-o', 'cat.png', 'A cat'],
  goods: { kind: 'image' },
  names: [/^cat\.png$/],
};

const film: Scenario = {
  argv: ['video', '-o', 'cat.mp4', 'A cat'],
  goods: { kind: 'video' },
  names: [/^cat\.mp4$/],
};

const all = (): string[] => ['tasks', 'resume', '--all'];

const byName = ({ tasks }: KillWorld): string[] => {
  const [file = ''] = readdirSync(tasks).filter((name) => name.endsWith('.json'));
  return ['tasks', 'resume', file.replace(/\.json$/, '')];
};

function point(name: string, occurrence = 1, how: Point['how'] = 'after'): Point {
  return { name, occurrence, how };
}

await testInTurns([
  {
    title: 'resuming a picture of which half the reply has come',
    scenario: picture,
    first: { death: point('write home/tasks/job.reply', 1, 'torn'), records: 2, argv: all },
    choose: telling,
  },

  {
    title: 'resuming a picture that lacks its name, without hard links',
    scenario: { ...picture, links: false },
    first: { death: point('open out/cat.png'), records: 2, argv: all },
    choose: telling,
  },

  {
    title: 'repeating a create request whose reply was lost',
    scenario: picture,
    first: { death: point('head POST /v1/images/generations/async'), records: 1, argv: byName },
    choose: (deaths) => telling(deaths).slice(0, 16),
  },

  {
    title: 'resuming a video of which half has come',
    scenario: film,
    first: { death: point('write out/.job-0.part', 1, 'torn'), records: 2, argv: all },
    choose: telling,
  },
]);
