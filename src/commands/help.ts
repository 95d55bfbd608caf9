/** `alltoken help [topic]`: a command's help, or one of the pages that belong to no command. */
import type { Command } from 'commander';
import { CliError, exitCodes, exitGroups } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import type { Context, RegisterCommand } from './context.ts';
import { environmentPage } from './help-environment.ts';
import { commands } from './index.ts';

export const registerHelp: RegisterCommand = (program, context) => {
  program
    .command('help')
    .description('Show the help of a command, or one of the pages exit-codes and environment.')
    .argument('[topic]', 'a command, exit-codes, or environment')
    .action(async (topic: string | undefined) => {
      await context.execute('help', { color: true }, () => showTopic(topic, program, context));
    });
};

const pages: Readonly<Record<string, () => string>> = {
  'exit-codes': exitCodesPage,
  environment: environmentPage,
};

async function* showTopic(
  topic: string | undefined,
  program: Command,
  context: Context,
): AsyncGenerator<OutputEvent, void, undefined> {
  const text = await topicText(topic, program, context);
  yield { type: 'output', content: { text }, document: { text } };
}

async function topicText(
  topic: string | undefined,
  program: Command,
  context: Context,
): Promise<string> {
  if (topic === undefined) return fullHelp(program);
  const page = Object.hasOwn(pages, topic) ? pages[topic] : undefined;
  if (page !== undefined) return page();
  const entry = commands.get(topic);
  if (entry !== undefined) return commandHelp(topic, await entry.load(), program, context);
  throw new CliError('usage', `no help for ${JSON.stringify(topic)}`, {
    code: 'unknown_topic',
    hint: `one of: ${[...commands.keys(), ...Object.keys(pages)].join(', ')}`,
  });
}

/** The command as it is when it is run, declared on a program of its own that looks like the real one. */
function commandHelp(
  name: string,
  register: RegisterCommand,
  program: Command,
  context: Context,
): string {
  const alone = program.createCommand(program.name()).copyInheritedSettings(program);
  register(alone, context);
  const command = alone.commands.find((candidate) => candidate.name() === name);
  return command === undefined ? '' : fullHelp(command);
}

/** With the texts before and after, which commander leaves out of `helpInformation`. */
function fullHelp(command: Command): string {
  const printed: string[] = [];
  command.configureOutput({ writeOut: (text) => printed.push(text) }).outputHelp();
  return printed.join('');
}

function exitCodesPage(): string {
  const rows = Object.entries(exitCodes);
  const width = Math.max(...rows.map(([name]) => name.length));
  const groups = exitGroups.map(({ from, to, title }) => {
    const lines = rows
      .filter(([, { code }]) => code >= from && code <= to)
      .map(
        ([name, { code, when }]) => `  ${String(code).padStart(3)}  ${name.padEnd(width)}  ${when}`,
      );
    return `${title}\n${lines.join('\n')}`;
  });
  return `The tens digit says who must act.\n\n${groups.join('\n\n')}\n
Codes are only ever added; take an unknown one that is not 0 for a failure. With several
causes: a signal, then 50, 27, 26, then 40 if anything was printed, then the rest. SIGINT
and SIGTERM end the process by the signal itself, so that a shell loop stops.\n`;
}
