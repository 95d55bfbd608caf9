/** `alltoken help [topic]`: a command's help, or one of the pages that belong to no command. It runs no command. */
import type { Command, Help } from 'commander';
import { CliError, exitCodes, exitGroups } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import type { Context, RegisterCommand } from './context.ts';
import { environmentPage } from './help-environment.ts';
import { commands } from './index.ts';

export const registerHelp: RegisterCommand = (program, context) => {
  program
    .command('help')
    .description('Show the help of a command, or one of the pages exit-codes and environment.')
    .usage('[topic]')
    .argument('[topic...]', 'a command (and its subcommand), exit-codes, or environment')
    .action(async (topic: string[]) => {
      const name = topic.join(' ');
      const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
      if (page !== undefined)
        await context.execute('help', { color: true }, () => showPage(page(program.createHelp())));
      // The way that --help goes too, so that both print the same.
      else (await findCommand(topic, program, context)).outputHelp();
    });
};

const pages: Readonly<Record<string, (help: Help) => string>> = {
  'exit-codes': exitCodesPage,
  environment: environmentPage,
};

async function* showPage(text: string): AsyncGenerator<OutputEvent, void, undefined> {
  yield { type: 'output', content: { text }, document: { text } };
}

/** The command as it is when it is run, declared on a program of its own that looks like the real one. */
async function findCommand(
  topic: readonly string[],
  program: Command,
  context: Context,
): Promise<Command> {
  const [first] = topic;
  if (first === undefined) return program;
  const alone = program.createCommand(program.name()).copyInheritedSettings(program);
  const register = await commands.get(first)?.load();
  register?.(alone, context);
  let found = alone;
  for (const [depth, word] of topic.entries()) {
    const next = found.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) throw noHelp(topic, depth);
    found = next;
  }
  return found;
}

/** `depth`: how many words of the topic are known. */
function noHelp(topic: readonly string[], depth: number): CliError {
  const known = [...commands.keys(), ...Object.keys(pages)];
  return new CliError('usage', `no help for ${JSON.stringify(topic.join(' '))}`, {
    code: 'unknown_topic',
    hint:
      depth === 0
        ? `one of: ${known.join(', ')}`
        : `alltoken help ${topic.slice(0, depth).join(' ')}`,
  });
}

function exitCodesPage(help: Help): string {
  const rows = Object.entries(exitCodes).map(([name, { code, when }]) => ({
    code,
    term: `${String(code).padStart(3)}  ${name}`,
    when,
  }));
  const width = Math.max(...rows.map(({ term }) => term.length));
  const groups = exitGroups.map(({ from, to, title }) => {
    const lines = rows
      .filter(({ code }) => code >= from && code <= to)
      .map(({ term, when }) => help.formatItem(term, width, when, help));
    return [`${from}-${to}  ${title}`, ...lines].join('\n');
  });
  const more = help.boxWrap(closing, help.helpWidth ?? 80);
  return `The tens digit says who must act.\n\n${groups.join('\n\n')}\n\n${more}\n`;
}

const closing =
  'New codes may be added; take any code but 0 for a failure. With several causes, the first of these wins: a signal, 50, 27, 26, 40 if anything was printed, then the rest. SIGINT and SIGTERM end the process by the signal itself, so that a shell loop stops.';
