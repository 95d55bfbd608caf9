import { expect, test } from 'vitest';
import { estimateMedia } from '../../src/money/estimate-media.ts';

const listed = { input: '5', output: '40', cached_input: null };
const image = { input_tokens: 7, output_tokens: 196, total_tokens: 203 };

test.each([
  ['an image', listed, image, '0.007875'],
  [
    'an image, with details',
    listed,
    { ...image, input_tokens_details: { text_tokens: 7, image_tokens: 0 } },
    '0.007875',
  ],
  ['a video, which has no prompt', listed, { completion_tokens: 1000, total_tokens: 1000 }, '0.04'],
  [
    'an edit: its images have a price of their own',
    listed,
    { ...image, input_tokens_details: { text_tokens: 2, image_tokens: 5 } },
    null,
  ],
  ['a model with a price per image, too', { ...listed, others: ['image_price'] }, image, null],
  ['a model that is not listed', null, image, null],
  ['all zeros', listed, { input_tokens: 0, output_tokens: 0, total_tokens: 0 }, null],
])('the cost of %s', (_what, model, usage, amount) =>
  expect(estimateMedia(model, usage).amount).toBe(amount),
);
