import { telling } from '../helpers/kill-points.ts';
import { testInTurns } from '../helpers/kill-tests.ts';

await testInTurns([
  {
    title: 'a picture that is changed',
    scenario: {
      argv: ['image', '--image', '../input.png', '-o', 'cat.png', 'Make it red'],
      goods: { kind: 'image' },
      names: [/^cat\.png$/],
    },
    choose: (deaths) => telling(deaths.filter(({ phase }) => phase === 'nothing')),
  },
  {
    title: 'a video from a picture',
    scenario: {
      argv: ['video', '--first-frame', '../input.png', '-o', 'cat.mp4', 'It moves'],
      goods: { kind: 'video' },
      names: [/^cat\.mp4$/],
    },
    choose: (deaths) => telling(deaths.filter(({ phase }) => phase === 'nothing')),
  },
]);
