/** `alltoken image`: its flags and its help. The plan is `plan.ts`, the work `media/run-job.ts`. */
import { addGatewayFlags, addOutputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { wholeNumber, wholeNumberBetween } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { addJobFlags } from '../../work/media/options.ts';
import { runJob } from '../../work/media/run-job.ts';
import { type ImageFlags, imageFormat, imageSize, readImageParameter } from './options.ts';
import { checkImages, planImage } from './plan.ts';

const examples: readonly Example[] = [
  'alltoken image "A lighthouse at dawn, watercolour"',
  'alltoken image -o cat.png --quality high "A cat in a hat"',
  'alltoken image --image cat.png "Make the hat red"',
  ['alltoken image --image cat.png', 'a variation'],
  'alltoken image --async "A city" && alltoken tasks',
  ['alltoken image -g sandbox "A test card"', 'no key, no charge, no model'],
];

const closing =
  'The path of each file goes to stdout, everything else to stderr. The id of the task is on stderr before any wait; a task that was paid for is never lost: alltoken tasks resume <id>. Nothing is sent when the result could not be saved. Exit codes: alltoken help exit-codes';

export const registerImage: RegisterCommand = (program, context) => {
  const command = program
    .command('image')
    .description('Make a picture, or change one; its path goes to stdout.')
    .argument('[prompt...]', 'what to draw; - reads standard input')
    .usage('[options] <prompt...>');
  command
    .optionsGroup('Picture:')
    .option('-m, --model <id>', 'the model, or an alias from the config (default: gpt-image-2)')
    .option('--size <size>', 'auto or <width>x<height> (default: 1024x1024)', imageSize)
    .option('--quality <word>', 'auto, low, medium or high (default: low)')
    .option('-n, --count <number>', 'how many pictures', wholeNumberBetween(1, 100))
    .option('--format <format>', 'png, jpeg or webp', imageFormat)
    .option('--compression <number>', 'of jpeg and webp, 0 to 100', wholeNumberBetween(0, 100))
    .option('--background <word>', 'auto, opaque or transparent')
    .option('--moderation <word>', 'auto or low')
    .option(
      '--seed <number>',
      'ask for the same picture again; not every model can',
      wholeNumber(0),
    )
    .option('--image <file>', 'change this picture; without a prompt: make a variation of it')
    .option('--mask <file>', 'change only where this picture is transparent')
    .option(
      '--param <key=json>',
      'set any other field of the request (repeatable)',
      readImageParameter,
    );
  command
    .optionsGroup('File:')
    .option(
      '-o, --out <path>',
      'a file, a directory, or - for standard output (default: alltoken-image-<8 hex>.<type> here)',
    )
    .option('--force', 'replace the file when it exists')
    .option('--preview', 'show the picture on the terminal');
  addHelp(
    addOutputFlags(addGatewayFlags(addJobFlags(command)), { jsonl: true }),
    examples,
    closing,
  ).action(async (words: string[], flags: ImageFlags) => {
    const { deps } = context;
    await context.execute('image', flags, () =>
      runJob(
        {
          kind: 'image',
          flags,
          check: (settings) => checkImages(settings, words, flags, deps),
          plan: (session) => planImage(words, flags, session, deps),
        },
        deps,
      ),
    );
  });
};
