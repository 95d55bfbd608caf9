/** What was typed after `image`, as values. Only rules that hold for every model are checked; the gateway knows the others. */
import { InvalidArgumentError } from 'commander';
import { parameterReader } from '../../flags/flag-values.ts';
import type { MediaFlags } from '../../work/media/options.ts';

export interface ImageFlags extends MediaFlags {
  size?: string;
  quality?: string;
  count?: number;
  format?: string;
  compression?: number;
  background?: string;
  moderation?: string;
  seed?: number;
  image?: string;
  mask?: string;
  preview?: boolean;
}

export const readImageParameter = parameterReader({
  model: 'use -m',
  prompt: 'it is the words of the command',
  n: 'use -n',
  image_upload_id: 'use --image',
  mask_upload_id: 'use --mask',
});

export function imageSize(text: string): string {
  const size = text.toLowerCase();
  if (size !== 'auto' && !/^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(size))
    throw new InvalidArgumentError('Expected auto or <width>x<height>, such as 1536x1024.');
  return size;
}

export function imageFormat(text: string): string {
  const format = text.toLowerCase() === 'jpg' ? 'jpeg' : text.toLowerCase();
  if (!['png', 'jpeg', 'webp'].includes(format))
    throw new InvalidArgumentError('Expected png, jpeg or webp.');
  return format;
}
