/** How big the frames of a video are: the requested size, and the size that the sandbox draws, which is much smaller. */
import { macroblock } from '../drawing/macroblock.ts';
import type { resolutions } from './known-models.ts';

export type Resolution = (typeof resolutions)[number];

/** In pixels, at 16:9. */
const requested = { '480p': 864 * 480, '720p': 1280 * 720, '1080p': 1920 * 1080 };

/** Every pixel of the first frame takes a byte and a half, uncompressed; so a file stays below 700 KB. */
const drawn = { '480p': 432 * 240, '720p': 624 * 352, '1080p': 768 * 432 };

/** The pixels that a frame would have, for the count of tokens. */
export function askedPixels(resolution: Resolution): number {
  return requested[resolution];
}

/** `ratio` like 16:9. About a quarter of the requested size, in whole macroblocks: 432x240 for 480p. */
export function frameSize(
  resolution: Resolution,
  ratio: string,
): { width: number; height: number } {
  const [across = 1, down = 1] = ratio.split(':').map(Number);
  const edge = (squared: number): number =>
    Math.round(Math.sqrt(squared) / macroblock) * macroblock;
  const pixels = drawn[resolution];
  return { width: edge((pixels * across) / down), height: edge((pixels * down) / across) };
}
