/** What is documented of TokenHub's images and videos. Its reply to an image is not, so both an image and a task are accepted. */
import type { MediaFeatures } from './types.ts';

export const tokenhubMedia: MediaFeatures = {
  image: {
    model: 'bytedance/doubao-seedream-5.0',
    knownModels: ['bytedance/doubao-seedream-5.0'],
    defaults: [{ prefix: 'bytedance/doubao-seedream', body: { size: '2048x2048' } }],
    pollMillis: 2000,
    idempotencyMillis: 0,
    repliesAtOnce: true,
    maxCount: null,
    maxInputs: 1,
  },
  video: {
    model: 'bytedance/doubao-seedance-2.0',
    knownModels: ['bytedance/doubao-seedance-2.0', 'bytedance/doubao-seedance-2.0-fast'],
    defaults: [
      { prefix: 'bytedance/doubao-seedance', body: { duration: 5, resolution: '480p' } },
      { prefix: 'doubao-seedance', body: { duration: 5, resolution: '480p' } },
    ],
    pollMillis: 3000,
    ranges: [
      { prefix: 'bytedance/doubao-seedance', ...seedance() },
      { prefix: 'doubao-seedance', ...seedance() },
    ],
    ratioField: 'aspect_ratio',
    lists: false,
    cancels: false,
    inputs: 'content',
    // Its video guide; (seconds of input videos + seconds of the video) × rate; input images are free.
    prices: {
      asOf: '2026-11-22',
      usual: { duration: 5, resolution: '720p' },
      rates: [
        { model: 'bytedance/doubao-seedance-2.0-fast', resolution: '720p', perSecond: '0.16' },
        { model: 'bytedance/doubao-seedance-2.0-fast', resolution: '480p', perSecond: '0.10' },
        { model: 'bytedance/doubao-seedance-2.0', resolution: '720p', perSecond: '0.20' },
        { model: 'bytedance/doubao-seedance-2.0', resolution: '480p', perSecond: '0.12' },
        { model: 'doubao-seedance-2.0-fast', resolution: '720p', perSecond: '0.16' },
        { model: 'doubao-seedance-2.0-fast', resolution: '480p', perSecond: '0.10' },
        { model: 'doubao-seedance-2.0', resolution: '720p', perSecond: '0.20' },
        { model: 'doubao-seedance-2.0', resolution: '480p', perSecond: '0.12' },
      ],
    },
  },
};

function seedance() {
  return { shortest: 4, longest: 15, mayChoose: false, resolutions: ['480p', '720p'] };
}
