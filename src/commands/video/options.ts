/** The flags of `video`. What a model can do is the gateway's to say. */
import { InvalidArgumentError } from 'commander';
import { eventOutputFlags, gatewayFlags } from '../../flags/common-flags.ts';
import { flag, flagGroup } from '../../flags/declare-flags.ts';
import { parameterReader, wholeNumber } from '../../flags/flag-values.ts';
import { jobFlags } from '../../flags/job-flags.ts';
import { moneyFlags } from '../../flags/money-flags.ts';

const readVideoParameter = parameterReader({
  model: 'use -m',
  prompt: 'it is the words of the command',
  content: 'use --first-frame, --last-frame and --reference',
});

function videoSeconds(text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,5}$/.test(text) || (value < 1 && value !== -1))
    throw new InvalidArgumentError('Expected whole seconds, or -1 to let the model choose.');
  return value;
}

const contentFlags = flagGroup(
  'Video:',
  flag('-m, --model <id>', 'the model, or an alias from the config', {
    names: 'model',
    usual: 'seedance-1.5-pro',
  }),
  flag('--duration <seconds>', 'length of the video; -1: the model chooses', {
    read: videoSeconds,
    usual: '5',
  }),
  flag('--ratio <ratio>', '16:9, 9:16, 4:3, 3:4, 21:9, 1:1 or adaptive', { usual: '16:9' }),
  flag('--resolution <name>', '480p, 720p or 1080p', { usual: '480p' }),
  flag('--seed <number>', 'seed for a reproducible video', {
    read: wholeNumber(Number.MIN_SAFE_INTEGER),
  }),
  flag('--audio', 'generate audio'),
  flag('--no-audio', 'do not generate audio'),
  flag('--watermark', 'add a watermark'),
  flag('--no-watermark', 'do not add a watermark'),
  flag('--camera-fixed', 'fix the camera position'),
  flag('--first-frame <file|url>', 'use this image as the first frame', {
    names: 'file or address',
    once: true,
  }),
  flag('--last-frame <file|url>', 'use this image as the last frame', {
    names: 'file or address',
    once: true,
  }),
  flag('--reference <file|url>', 'a reference image, video or sound', {
    names: 'file or address',
    repeatable: true,
  }),
  flag('--callback-url <url>', 'URL that the gateway calls when the task changes', {
    names: 'address',
  }),
  flag('--service-tier <name>', 'default or flex'),
  flag('--param <key=json>', 'set any other field of the request; null leaves it out', {
    names: 'text',
    read: readVideoParameter,
    repeatable: true,
  }),
);

const fileFlags = flagGroup(
  'File:',
  flag('-o, --out <path>', 'a file or a directory', {
    names: 'file or directory',
    usual: 'alltoken-video-<end of the id>.mp4 here',
  }),
  flag('--force', 'overwrite an existing file'),
  flag('--no-download', 'print the id of the task; with --json also the address of the video'),
  flag('--last-frame-out <file>', 'also save the last frame of the video', { names: 'file' }),
);

const cancelFlags = flagGroup(
  'Job:',
  flag('--cancel-on-interrupt', 'Ctrl-C cancels the task on the gateway, too'),
);

export const videoFlags = [
  contentFlags,
  fileFlags,
  jobFlags,
  cancelFlags,
  moneyFlags,
  gatewayFlags,
  eventOutputFlags,
] as const;
