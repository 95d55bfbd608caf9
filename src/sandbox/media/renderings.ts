/** The images and videos of the sandbox, each labelled with what it is and what was requested. The same task gives the same bytes. */
import type { Image } from '../drawing/canvas.ts';
import { accent, draw, type Subject } from '../drawing/draw.ts';
import { encodeVideo } from '../drawing/h264.ts';
import { macroblock } from '../drawing/macroblock.ts';
import { encodeMp4 } from '../drawing/mp4.ts';
import { encodePng } from '../drawing/png.ts';
import type { ImageTask, VideoTask } from './tasks.ts';
import { framesPerSecond } from './video-length.ts';

const whatItIs = 'alltoken sandbox';

/** A PNG file, whatever format was requested; `copy` changes bytes at both ends, but not how many there are. */
export function imageBytes(task: ImageTask, index: number, copy: number): Buffer {
  const { count, height, operation, prompt, seed, transparent, width } = task.request;
  const [source = '', mask] = task.sourceDigests;
  const origin = `${operation === 'edit' ? 'edit' : 'variation'} of upload ${source.slice(0, 8)}`;
  const image = draw({
    width,
    height,
    salt: [prompt, seed, index, source].join('\n'),
    caption: [
      whatItIs,
      'no model is behind this image',
      ...(source ? [mask ? `${origin}, with a mask` : origin] : []),
      ...(count > 1 ? [`image ${index + 1} of ${count}`] : []),
      ...(prompt ? [`prompt: ${prompt}`] : []),
    ],
    style: source ? 'framed' : 'shapes',
    transparent,
    footer: 0,
  });
  return encodePng(image, noteFor(copy));
}

/** An MP4 file: a still frame, smaller than requested, with a bar that fills up. */
export function videoBytes(task: VideoTask, copy: number): Buffer {
  const { frame, frames } = task.request;
  const stream = encodeVideo(draw(sceneOf(task)), frames);
  return encodeMp4({ ...stream, ...frame, framesPerSecond, copy });
}

/** The last frame as a PNG file: the bar is full. */
export function lastFrameBytes(task: VideoTask, copy: number): Buffer {
  const image: Image = draw(sceneOf(task));
  const bar = image.width * (image.height - macroblock);
  image.pixels.fill(accent, bar);
  return encodePng(image, noteFor(copy));
}

function sceneOf({ request }: VideoTask): Subject {
  const { frame, prompt, ratio, resolution, seconds, seed } = request;
  return {
    ...frame,
    salt: [prompt, seed].join('\n'),
    caption: [
      whatItIs,
      'no model is behind this video',
      `${seconds} s, ${resolution}, ${ratio}, drawn small at ${frame.width}x${frame.height}`,
      `prompt: ${prompt}`,
    ],
    style: 'shapes',
    transparent: false,
    footer: macroblock,
  };
}

function noteFor(copy: number): string {
  return `${whatItIs}: no model is behind this. Copy ${String(copy % 1_000_000).padStart(6, '0')}`;
}
