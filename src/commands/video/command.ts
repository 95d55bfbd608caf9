/** `alltoken video`: its flags and its help. The plan is `plan.ts`, the work `media/run-job.ts`. */
import { addGatewayFlags, addOutputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { append, wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { addJobFlags } from '../../work/media/options.ts';
import { runJob } from '../../work/media/run-job.ts';
import { readVideoParameter, type VideoFlags, videoSeconds } from './options.ts';
import { checkVideos, planVideo } from './plan.ts';

const examples: readonly Example[] = [
  'alltoken video "A paper boat in the rain"',
  'alltoken video --duration 8 --resolution 720p -o boat.mp4 "A paper boat"',
  'alltoken video --first-frame boat.png "It begins to sail"',
  'alltoken video --async "A city at night" && alltoken tasks',
  ['alltoken video -g sandbox "A test film"', 'no key, no charge, no model'],
];

const closing =
  'The path of the file goes to stdout, everything else to stderr. The id of the task is on stderr before any wait; a task that was paid for is never lost: alltoken tasks resume <id>. Local files are uploaded first. Exit codes: alltoken help exit-codes';

export const registerVideo: RegisterCommand = (program, context) => {
  const command = program
    .command('video')
    .description('Make a video, wait for it and download it; its path goes to stdout.')
    .argument('[prompt...]', 'what to film; - reads standard input')
    .usage('[options] <prompt...>');
  command
    .optionsGroup('Video:')
    .option(
      '-m, --model <id>',
      'the model, or an alias from the config (default: seedance-1.5-pro)',
    )
    .option(
      '--duration <seconds>',
      'how long it is; -1: the model chooses (default: 5)',
      videoSeconds,
    )
    .option('--ratio <ratio>', '16:9, 9:16, 4:3, 3:4, 21:9, 1:1 or adaptive (default: 16:9)')
    .option('--resolution <name>', '480p, 720p or 1080p (default: 480p)')
    .option('--seed <number>', 'ask for the same video again', wholeNumber(Number.MIN_SAFE_INTEGER))
    .option('--audio', 'with sound')
    .option('--no-audio', 'without sound')
    .option('--watermark', 'with a watermark')
    .option('--no-watermark', 'without a watermark')
    .option('--camera-fixed', 'the camera does not move')
    .option('--first-frame <file|url>', 'begin with this picture')
    .option('--last-frame <file|url>', 'end with this picture')
    .option('--reference <file|url>', 'a picture, video or sound to follow (repeatable)', append)
    .option('--callback-url <url>', 'the gateway calls it when the task changes')
    .option('--service-tier <name>', 'default or flex')
    .option(
      '--param <key=json>',
      'set any other field of the request (repeatable)',
      readVideoParameter,
    );
  command
    .optionsGroup('File:')
    .option(
      '-o, --out <path>',
      'a file or a directory (default: alltoken-video-<end of the id>.mp4 here)',
    )
    .option('--force', 'replace the file when it exists')
    .option('--no-download', 'print the id of the task; with --json also the address of the video')
    .option('--last-frame-out <file>', 'save the last picture of the video, too');
  addHelp(
    addOutputFlags(
      addGatewayFlags(
        addJobFlags(command).option(
          '--cancel-on-interrupt',
          'Ctrl-C cancels the task on the gateway, too',
        ),
      ),
      { jsonl: true },
    ),
    examples,
    closing,
  ).action(async (words: string[], flags: VideoFlags) => {
    const { deps } = context;
    await context.execute('video', flags, () =>
      runJob(
        {
          kind: 'video',
          flags,
          check: (settings) => checkVideos(settings, words, flags),
          plan: (connection) => planVideo(words, flags, connection, deps),
        },
        deps,
      ),
    );
  });
};
