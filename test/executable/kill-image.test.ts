import { testKills } from '../helpers/kill-tests.ts';

await testKills({
  title: 'a picture',
  scenario: {
    argv: ['image', '-o', 'cat.png', 'A cat'],
    goods: { kind: 'image' },
    names: [/^cat\.png$/],
  },
});
