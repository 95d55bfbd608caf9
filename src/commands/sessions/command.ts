/** `alltoken sessions`: the saved conversations. Each kind of work is a file, loaded when it is asked for. */
import type { Command } from 'commander';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { exportFlags, listFlags, plainFlags, searchFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken sessions',
  'alltoken sessions search louvre',
  'alltoken sessions show paris',
  'alltoken sessions export paris >paris.md',
  ['alltoken sessions export paris --json', 'messages as they are sent to the API'],
  'alltoken sessions rename last paris',
  'alltoken sessions remove paris',
];

export const registerSessions: RegisterCommand = (program, context) => {
  const sessions = program
    .command('sessions')
    .helpCommand(false)
    .description(
      'List, read, search and remove the conversations that chat has saved on this machine. The one without a name is called last.',
    );
  addHelp(sessions, examples);
  const list = sessions
    .command('list', { isDefault: true })
    .summary('list them, newest first')
    .description('List the conversations, newest first: age, turns, model and first words.');
  takeFlags(list, listFlags, async (flags) => {
    const { listSessions } = await import('./list.ts');
    await context.execute('sessions list', flags, () => listSessions(flags, context.deps));
  });
  addReading(sessions, context);
  addChanges(sessions, context);
};

function addReading(sessions: Command, { deps, execute }: Context): void {
  const show = sessions
    .command('show')
    .summary('print one')
    .description('Print a conversation with its prompts, answers and models.')
    .argument('<name>', 'the conversation');
  takeFlags(show, plainFlags, async (flags, name: string) => {
    const { showSession } = await import('./show.ts');
    await execute('sessions show', flags, () => showSession(name, deps));
  });
  const search = sessions
    .command('search')
    .summary('find words in all of them')
    .description('Find the messages in which all the words stand, in any case.')
    .argument('<word...>', 'what to find; several words in quotes are a phrase');
  takeFlags(search, searchFlags, async (flags, words: string[]) => {
    const { searchSessions } = await import('./search.ts');
    await execute('sessions search', flags, () => searchSessions(words, flags, deps));
  });
  const exporting = sessions
    .command('export')
    .summary('print one to take it elsewhere')
    .description(
      'Print a conversation as Markdown, or with --json as the messages that are sent to the API.',
    )
    .argument('<name>', 'the conversation');
  takeFlags(exporting, exportFlags, async (flags, name: string) => {
    const { exportSession } = await import('./show.ts');
    await execute('sessions export', flags, () => exportSession(name, deps));
  });
}

function addChanges(sessions: Command, { deps, execute }: Context): void {
  const remove = sessions
    .command('remove')
    .summary('delete some')
    .description('Delete conversations. It does not ask; an unknown name deletes none of them.')
    .argument('<name...>', 'the conversations');
  takeFlags(remove, plainFlags, async (flags, names: string[]) => {
    const { removeSessions } = await import('./change.ts');
    await execute('sessions remove', flags, () => removeSessions(names, deps));
  });
  const rename = sessions
    .command('rename')
    .summary('give one another name')
    .description('Give a conversation another name. A name that is taken is refused.')
    .argument('<old>', 'the conversation')
    .argument('<new>', 'its new name');
  takeFlags(rename, plainFlags, async (flags, from: string, to: string) => {
    const { renameSession } = await import('./change.ts');
    await execute('sessions rename', flags, () => renameSession(from, to, deps));
  });
}
