/** The flags of `image`. Only rules that hold for every model are checked; the gateway knows the others. */
import { InvalidArgumentError } from 'commander';
import { eventOutputFlags, gatewayFlags } from '../../flags/common-flags.ts';
import { flag, flagGroup } from '../../flags/declare-flags.ts';
import { parameterReader, wholeNumber, wholeNumberBetween } from '../../flags/flag-values.ts';
import { jobFlags } from '../../flags/job-flags.ts';
import { moneyFlags } from '../../flags/money-flags.ts';
import { normalSize } from '../../schemas/image-size.ts';

const readImageParameter = parameterReader({
  model: 'use -m',
  prompt: 'it is the words of the command',
  n: 'use -n',
  image_upload_id: 'use --image',
  mask_upload_id: 'use --mask',
});

/** Only the shape is checked: which sizes there are is the server's to say. */
function imageSize(text: string): string {
  const size = normalSize(text);
  if (size === null)
    throw new InvalidArgumentError(
      'Expected auto, <width>x<height> such as 1536x1024, a class such as 2K, or a ratio such as 16:9.',
    );
  return size;
}

function imageFormat(text: string): string {
  const format = text.toLowerCase() === 'jpg' ? 'jpeg' : text.toLowerCase();
  if (!['png', 'jpeg', 'webp'].includes(format))
    throw new InvalidArgumentError('Expected png, jpeg or webp.');
  return format;
}

const contentFlags = flagGroup(
  'Image:',
  flag('-m, --model <id>', 'the model, or an alias from the config', {
    names: 'model',
    usual: 'gpt-image-2',
  }),
  flag('--size <size>', 'auto, <width>x<height>, 2K, 16:9: what the model takes', {
    read: imageSize,
    usual: '1024x1024',
  }),
  flag('--quality <word>', 'auto, low, medium or high', { usual: 'low' }),
  flag('-n, --count <number>', 'number of images', { read: wholeNumberBetween(1, 100) }),
  flag('--format <format>', 'png, jpeg or webp', { read: imageFormat }),
  flag('--compression <number>', 'of jpeg and webp, 0 to 100', {
    read: wholeNumberBetween(0, 100),
  }),
  flag('--background <word>', 'auto, opaque or transparent'),
  flag('--moderation <word>', 'auto or low'),
  flag('--seed <number>', 'seed for a reproducible image; not supported by every model', {
    read: wholeNumber(0),
  }),
  flag('--image <file>', 'edit this image; without a prompt: make a variation', {
    names: 'file',
    repeatable: true,
  }),
  flag('--mask <file>', 'edit only where this image is transparent', { names: 'file', once: true }),
  flag('--param <key=json>', 'set any other field of the request; null leaves it out', {
    names: 'text',
    read: readImageParameter,
    repeatable: true,
  }),
);

const fileFlags = flagGroup(
  'File:',
  flag('-o, --out <path>', 'a file, a directory, or - for standard output', {
    names: 'file or directory',
    dash: 'standard output',
    usual: 'alltoken-image-<8 hex>.<type> here',
  }),
  flag('--force', 'overwrite an existing file'),
  flag('--preview', 'show the image on the terminal'),
);

export const imageFlags = [
  contentFlags,
  fileFlags,
  jobFlags,
  moneyFlags,
  gatewayFlags,
  eventOutputFlags,
] as const;
