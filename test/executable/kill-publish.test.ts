import { since, telling } from '../helpers/kill-points.ts';
import { testInTurns } from '../helpers/kill-tests.ts';

await testInTurns([
  {
    title: 'two pictures in one reply',
    scenario: {
      argv: ['image', '-n', '2', 'A cat'],
      goods: { kind: 'image', count: 2 },
      names: [/^alltoken-image-[0-9a-f]{8}\.png$/, /^alltoken-image-[0-9a-f]{8}\.png$/],
    },
    choose: (deaths) => telling(since('rename home/tasks/job.body', deaths)),
  },

  {
    title: 'a picture on a disk without hard links',
    scenario: {
      argv: ['image', '-o', 'cat.png', 'A cat'],
      goods: { kind: 'image' },
      links: false,
      names: [/^cat\.png$/],
    },
    choose: (deaths) => telling(since('fail to link out/cat.png', deaths)),
  },

  {
    title: 'two pictures on a disk without hard links',
    scenario: {
      argv: ['image', '-n', '2', 'A cat'],
      goods: { kind: 'image', count: 2 },
      links: false,
      names: [/^alltoken-image-[0-9a-f]{8}\.png$/, /^alltoken-image-[0-9a-f]{8}\.png$/],
    },
    choose: (deaths) => telling(since('fail to link out/alltoken-image.png', deaths)).slice(0, 12),
  },

  {
    title: 'a picture that replaces another',
    scenario: {
      argv: ['image', '--force', '-o', 'cat.png', 'A cat'],
      goods: { kind: 'image' },
      replaces: 'cat.png',
      names: [/^cat\.png$/],
    },
    choose: (deaths) => telling(since('open out/.job-0.part', deaths)).slice(0, 10),
  },
]);
