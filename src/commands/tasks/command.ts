/** `alltoken tasks`: the jobs that were paid for, and coming back to them. Each subcommand is a file. */
import type { Command } from 'commander';
import { addGatewayFlags, addOutputFlags, type CommonFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { waitSeconds } from '../../work/media/options.ts';
import type { ForgetFlags, ListFlags, ResumeFlags } from '../../work/tasks/options.ts';

const examples: readonly Example[] = [
  'alltoken tasks',
  'alltoken tasks resume vgen_1a2b3c',
  'alltoken tasks resume --all',
  'alltoken tasks cancel vgen_1a2b3c',
];

type Events = AsyncGenerator<OutputEvent, void, undefined>;

export const registerTasks: RegisterCommand = (program, context) => {
  const tasks = program
    .command('tasks')
    .helpCommand(false)
    .description(
      'The pictures and videos that were paid for: what became of them, and how to come back to them. An id is the one of the gateway (igen_…, vgen_…) or ours (job_…), or the beginning of one.',
    );
  addHelp(tasks, examples, 'Resuming never buys anything twice, however often it is done.');
  addList(tasks, context);
  addShow(tasks, context);
  addResume(tasks, context);
  addCancel(tasks, context);
  addForget(tasks, context);
};

function addList(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('list', { isDefault: true })
    .summary('list them, newest first')
    .description(
      'List the jobs of the journal, newest first, together with the videos that the gateway knows.',
    )
    .option('--local', 'only the journal: ask no gateway')
    .option('--limit <number>', 'at most this many', wholeNumber(1), 30);
  addOutputFlags(addGatewayFlags(command), { jsonl: false }).action(async (flags: ListFlags) => {
    const { listTasks } = await import('./list.ts');
    await execute('tasks list', flags, () => listTasks(flags, deps));
  });
}

function addShow(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('show')
    .summary('all that is known of one')
    .description('Show all that is known of one. Asking never takes a picture away.')
    .argument('<id>', 'the task')
    .option('--local', 'only the journal: ask no gateway');
  addOutputFlags(addGatewayFlags(command), { jsonl: false }).action(
    async (id: string, flags: ListFlags) => {
      const { showTask } = await import('./show.ts');
      await execute('tasks show', flags, () => showTask(id, flags, deps));
    },
  );
}

function addResume(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('resume')
    .summary('come back to one, or to all')
    .description(
      'Wait for a task and save its result, from wherever it was left. Nothing is bought twice.',
    )
    .argument('[id]', 'the task; one that is not in the journal is asked for at the gateway')
    .option('--all', 'every job that is not finished; never sends a create request')
    .option('--adopt <task-id>', 'this task of the gateway is the one whose reply was lost')
    .option('-o, --out <path>', 'save it here instead: a file or a directory')
    .option('--force', 'replace the file when it exists')
    .option(
      '--wait <seconds>',
      'wait this long, then exit 45 (default: until it ends)',
      waitSeconds,
    );
  addOutputFlags(addGatewayFlags(command), { jsonl: true }).action(
    async (id: string | undefined, flags: ResumeFlags) => {
      const { resumeTasks } = await import('./resume.ts');
      await execute('tasks resume', flags, (): Events => resumeTasks(id, flags, deps));
    },
  );
}

function addCancel(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('cancel')
    .summary('cancel a video on the gateway')
    .description('Cancel a video on the gateway. One that has ended already is reported as it is.')
    .argument('<id>', 'the task');
  addOutputFlags(addGatewayFlags(command), { jsonl: false }).action(
    async (id: string, flags: CommonFlags) => {
      const { cancelTask } = await import('./cancel.ts');
      await execute('tasks cancel', flags, () => cancelTask(id, flags, deps));
    },
  );
}

function addForget(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('forget')
    .summary('take one out of the journal')
    .description(
      'Take jobs out of the journal, with the replies that are kept for them. Saved files stay, and so does the task of the gateway.',
    )
    .argument('[id...]', 'the tasks')
    .option('--finished', 'all that are finished')
    .option('--force', 'also one whose result is not saved yet');
  addOutputFlags(command, { jsonl: false }).action(async (ids: string[], flags: ForgetFlags) => {
    const { forgetTasks } = await import('./forget.ts');
    await execute('tasks forget', flags, () => forgetTasks(ids, flags, deps));
  });
}
