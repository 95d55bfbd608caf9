/** What is known of the image and video models behind AllToken's wire. Hints and defaults only: the gateway's own reply decides. */
import type { MediaFeatures } from './types.ts';

export const alltokenMedia: MediaFeatures = {
  image: {
    model: 'gpt-image-2',
    knownModels: ['gpt-image-2', 'wan2.7-image', 'wan2.7-image-pro'],
    // The cheapest useful image. Other families take other values, so they get no defaults.
    defaults: [{ prefix: 'gpt-image-', body: { size: '1024x1024', quality: 'low' } }],
    pollMillis: 2000,
    // A create request with the same key finds the first one's task for this long.
    idempotencyMillis: 60_000,
    repliesAtOnce: false,
    maxCount: 10,
    // The edit's body has one image_upload_id.
    maxInputs: 1,
    smallest: { asOf: '2026-05-12', amount: '0.02', body: { size: '1024x1024', quality: 'low' } },
  },
  video: {
    model: 'seedance-1.5-pro',
    knownModels: [
      'seedance-1.0-pro',
      'seedance-1.0-pro-fast',
      'seedance-1.5-pro',
      'seedance-2.0',
      'seedance-2.0-fast',
      'seedance-2.5',
    ],
    defaults: [{ prefix: 'seedance-', body: { duration: 5, ratio: '16:9', resolution: '480p' } }],
    pollMillis: 3000,
    ratioField: 'ratio',
    lists: true,
    cancels: true,
    inputs: 'content',
    // A video is charged by tokens, and their number is not known in advance.
    prices: null,
    // As documented on 2026-08-13; -1 lets the model choose. The longest name that fits counts.
    ranges: [
      { prefix: 'seedance-1.0-pro', shortest: 2, longest: 12, mayChoose: false },
      { prefix: 'seedance-1.5-pro', shortest: 4, longest: 12, mayChoose: true },
      { prefix: 'seedance-2.0', shortest: 4, longest: 15, mayChoose: true },
      {
        prefix: 'seedance-2.5',
        shortest: 4,
        longest: 30,
        mayChoose: true,
        resolutions: ['480p', '720p'],
      },
    ],
  },
};
