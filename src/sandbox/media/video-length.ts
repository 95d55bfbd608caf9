/** How long a video shall be: seconds or frames, as its model takes them. */

import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../envelope.ts';
import type { VideoModel } from './known-models.ts';

export const framesPerSecond = 24;

/** The default, and when the model may choose. */
const usualSeconds = 5;

interface Length {
  /** Whole ones. */
  seconds: number;
  frames: number;
}

/**
 * `frames` counts before `duration` where the model takes it, and is dropped without a word where it does not.
 * Throws Rejection (400) for a length out of the model's range.
 */
export function readLength({ duration, frames }: JsonObject, model: VideoModel): Length {
  if (model.takesFrames && (frames ?? null) !== null) {
    const count = typeof frames === 'number' ? frames : Number.NaN;
    if (!(count >= 29 && count <= 289 && (count - 25) % 4 === 0)) {
      throw invalid('frames', 'frames must be 25+4n, from 29 to 289.');
    }
    return { seconds: Math.round(count / framesPerSecond), frames: count };
  }
  const seconds = readSeconds(duration ?? 0, model);
  return { seconds, frames: seconds * framesPerSecond };
}

function readSeconds(duration: unknown, model: VideoModel): number {
  const { choosesLength, longest, shortest } = model;
  if (duration === 0 || (duration === -1 && choosesLength)) return usualSeconds;
  if (Number.isInteger(duration) && Number(duration) >= shortest && Number(duration) <= longest) {
    return Number(duration);
  }
  const orAny = choosesLength ? ', or -1' : '';
  const message = `duration must be from ${shortest} to ${longest} seconds for ${model.id}${orAny}.`;
  throw invalid('duration', message);
}
