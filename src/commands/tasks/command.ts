/** `alltoken tasks`: the jobs that were paid for, and coming back to them. Each subcommand is a file. */
import type { Command } from 'commander';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { cancelFlags, forgetFlags, listFlags, resumeFlags, showFlags } from './options.ts';

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
      'List image and video jobs, check their status, and resume them. An id is the one of the gateway (igen_…, vgen_…) or ours (job_…), or the beginning of one.',
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
    );
  takeFlags(command, listFlags, async (flags) => {
    const { listTasks } = await import('./list.ts');
    await execute('tasks list', flags, () => listTasks(flags, deps));
  });
}

function addShow(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('show')
    .summary('all that is known of one')
    .description(
      'Show the details of one job. This never consumes the one-time download of an image.',
    )
    .argument('<id>', 'the task');
  takeFlags(command, showFlags, async (flags, id: string) => {
    const { showTask } = await import('./show.ts');
    await execute('tasks show', flags, () => showTask(id, flags, deps));
  });
}

function addResume(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('resume')
    .summary('come back to one, or to all')
    .description(
      'Wait for a task and save its result, resuming where it was interrupted. Nothing is bought twice.',
    )
    .argument('[id]', 'the task; one that is not in the journal is looked up at the gateway');
  takeFlags(command, resumeFlags, async (flags, id: string | undefined) => {
    const { resumeTasks } = await import('./resume.ts');
    await execute('tasks resume', flags, (): Events => resumeTasks(id, flags, deps));
  });
}

function addCancel(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('cancel')
    .summary('cancel a video on the gateway')
    .description('Cancel a video on the gateway. One that has already ended is reported unchanged.')
    .argument('<id>', 'the task');
  takeFlags(command, cancelFlags, async (flags, id: string) => {
    const { cancelTask } = await import('../../work/tasks/cancel.ts');
    await execute('tasks cancel', flags, () => cancelTask(id, flags, deps));
  });
}

function addForget(tasks: Command, { deps, execute }: Context): void {
  const command = tasks
    .command('forget')
    .summary('take one out of the journal')
    .description(
      'Remove jobs and their saved responses from the journal. Downloaded files and the task at the gateway are not touched.',
    )
    .argument('[id...]', 'the tasks');
  takeFlags(command, forgetFlags, async (flags, ids: string[]) => {
    const { forgetTasks } = await import('./forget.ts');
    await execute('tasks forget', flags, () => forgetTasks(ids, flags, deps));
  });
}
