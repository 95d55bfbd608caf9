/** `alltoken image`: its help and its action. The plan is `work/media/plan-image.ts`, the work `work/media/run-job.ts`. */
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { imageFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken image "A lighthouse at dawn, watercolour"',
  'alltoken image -o cat.png --quality high "A cat in a hat"',
  'alltoken image --image cat.png "Make the hat red"',
  ['alltoken image --image cat.png', 'a variation'],
  'alltoken image --async "A city" && alltoken tasks',
  ['alltoken image -g sandbox "A test card"', 'no key, no charge, no model'],
];

const closing =
  'The path of each file goes to stdout, everything else to stderr. The id of the task is on stderr before a wait and after an interruption; a task that was paid for is never lost: alltoken tasks resume <id>. Nothing is sent when the result could not be saved. No list tells the cost of an image in advance: --max-cost refuses every image, and the budgets of the config count it afterwards. Exit codes: alltoken help exit-codes';

export const registerImage: RegisterCommand = (program, context) => {
  const command = program
    .command('image')
    .description('Create or edit an image; its path is printed to stdout.')
    .argument('[prompt...]', 'what to draw; - reads standard input')
    .usage('[options] <prompt...>');
  takeFlags(addHelp(command, examples, closing), imageFlags, async (flags, words: string[]) => {
    const { deps } = context;
    // Help and slash only declare the command: the schemas of the journal take longer to load than all that they need.
    const [{ runJob }, { checkImages, planImage }] = await Promise.all([
      import('../../work/media/run-job.ts'),
      import('../../work/media/plan-image.ts'),
    ]);
    await context.execute('image', flags, () =>
      runJob(
        {
          kind: 'image',
          flags,
          check: (settings) => checkImages(settings, words, flags, deps),
          plan: (place, within) => planImage(words, flags, place, within),
        },
        deps,
      ),
    );
  });
};
