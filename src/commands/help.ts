/** `alltoken help [topic]`: a command's help, or one of the pages that belong to no command. */
import type { Command } from 'commander';
import { CliError, exitCodes, exitGroups } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import type { RegisterCommand } from './context.ts';
import { environmentPage } from './help-environment.ts';

export const registerHelp: RegisterCommand = (program, context) => {
  program
    .command('help')
    .summary('help for a command, or: exit-codes, environment')
    .description('Show the help of a command, or one of the pages exit-codes and environment.')
    .argument('[topic]', 'a command, exit-codes, or environment')
    .action(async (topic: string | undefined) => {
      await context.execute('help', { color: true }, () => showTopic(topic, program));
    });
};

const pages: Readonly<Record<string, () => string>> = {
  'exit-codes': exitCodesPage,
  environment: environmentPage,
};

async function* showTopic(
  topic: string | undefined,
  program: Command,
): AsyncGenerator<OutputEvent, void, undefined> {
  const text = topicText(topic, program);
  yield { type: 'output', content: { text }, document: { text } };
}

function topicText(topic: string | undefined, program: Command): string {
  if (topic === undefined) return program.helpInformation();
  const page = pages[topic];
  if (page !== undefined) return page();
  const command = program.commands.find((candidate) => candidate.name() === topic);
  if (command !== undefined) return command.helpInformation();
  throw new CliError('usage', `no help for ${JSON.stringify(topic)}`, {
    code: 'unknown_topic',
    hint: `one of: ${[...program.commands.map((candidate) => candidate.name()), ...Object.keys(pages)].join(', ')}`,
  });
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
