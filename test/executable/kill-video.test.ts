import { since, telling } from '../helpers/kill-points.ts';
import { testInTurns } from '../helpers/kill-tests.ts';

await testInTurns([
  {
    title: 'a video',
    scenario: {
      argv: ['video', 'A cat'],
      goods: { kind: 'video' },
      names: [/^alltoken-video-\w{8}\.mp4$/],
    },
    choose: telling,
  },
  {
    title: 'a video and its last frame',
    scenario: {
      argv: ['video', '-o', 'cat.mp4', '--last-frame-out', 'last.png', 'A cat'],
      goods: { kind: 'video' },
      names: [/^cat\.mp4$/, /^last\.png$/],
    },
    choose: (deaths) => telling(since('link out/cat.mp4', deaths)),
  },
]);
