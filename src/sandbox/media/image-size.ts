/** Sizes of images as requests write them: `auto` or `1024x1536`. */
import { invalid } from '../envelope.ts';

export interface Size {
  /** In pixels. */
  width: number;
  height: number;
}

const usual: Size = { width: 1024, height: 1024 };
const smallest = 16;
const longEdge = 3840;
const shortEdge = 2160;
const steepestRatio = 3;

/**
 * Throws Rejection (400) for anything but the two forms, for more than 3840x2160 (either way round), for more than
 * three times as long as wide, and for what gpt-image models cannot do: edges that are not multiples of 16.
 */
export function readImageSize(value: unknown, model: string): Size {
  if (value === undefined || value === null || value === 'auto') return usual;
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(String(value))?.map(Number) ?? [];
  if (width === undefined || height === undefined) {
    throw invalid('size', 'size must be auto or WIDTHxHEIGHT.');
  }
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  if (short < smallest || long > longEdge || short > shortEdge) {
    const limits = `${smallest}x${smallest} to ${longEdge}x${shortEdge}`;
    throw invalid('size', `size must be from ${limits}.`);
  }
  if (long > short * steepestRatio) throw invalid('size', 'size must be between 1:3 and 3:1.');
  if (model.startsWith('gpt-image-') && (width % 16 !== 0 || height % 16 !== 0)) {
    throw invalid('size', 'size must have edges that are multiples of 16.');
  }
  return { width, height };
}
