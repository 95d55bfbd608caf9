/** `alltoken video`: its help and its action. The plan is `work/media/plan-video.ts`, the work `work/media/run-job.ts`. */
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { videoFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken video "A paper boat in the rain"',
  'alltoken video --duration 8 --resolution 720p -o boat.mp4 "A paper boat"',
  'alltoken video --first-frame boat.png "It begins to sail"',
  'alltoken video --async "A city at night" && alltoken tasks',
  ['alltoken video -g sandbox "A test video"', 'no key, no charge, no model'],
];

const closing =
  'The path of the file goes to stdout, everything else to stderr. The id of the task is on stderr before a wait and after an interruption; a task that was paid for is never lost: alltoken tasks resume <id>. Local files are uploaded first. --max-cost refuses a video whose price no list tells; the budgets of the config count it afterwards. Exit codes: alltoken help exit-codes';

export const registerVideo: RegisterCommand = (program, context) => {
  const command = program
    .command('video')
    .description('Create a video, wait for it and download it; its path is printed to stdout.')
    .argument('[prompt...]', 'video prompt; - reads standard input')
    .usage('[options] <prompt...>');
  takeFlags(addHelp(command, examples, closing), videoFlags, async (flags, words: string[]) => {
    const { deps } = context;
    // Help and slash only declare the command: the schemas of the journal take longer to load than all that they need.
    const [{ runJob }, { checkVideos, planVideo }] = await Promise.all([
      import('../../work/media/run-job.ts'),
      import('../../work/media/plan-video.ts'),
    ]);
    await context.execute('video', flags, () =>
      runJob(
        {
          kind: 'video',
          flags,
          check: (settings) => checkVideos(settings, words, flags),
          plan: (place, within) => planVideo(words, flags, place, within),
        },
        deps,
      ),
    );
  });
};
