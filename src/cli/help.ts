/** `alltoken help [topic]`: a command's help, or one of the pages that belong to no command. It runs no command. */

import type { Command, Help } from 'commander';
import { CliError, EXIT_OK } from '../base/errors.ts';
import { nearOrAll, runStep } from '../base/next-step.ts';
import type { Context, RegisterCommand } from '../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../flags/declare-flags.ts';
import { addHelp, type Example } from '../flags/help-text.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { nameGateways } from './gateway-help.ts';
import { environmentPage, environmentVariables } from './help-environment.ts';
import { exitCodeRows, exitCodesPage } from './help-exit-codes.ts';
import { helpTopics, type pageNames } from './help-topics.ts';

const examples: readonly Example[] = [
  'alltoken help tasks resume',
  'alltoken help exit-codes',
  ['alltoken help man | man -l -', 'the manual page, on Linux'],
  ['alltoken help man chat >alltoken-chat.1', 'the page of one command'],
  ['alltoken help --json', 'all commands and options, as data'],
];

export const registerHelp: RegisterCommand = (program, context) => {
  const command = program
    .command('help')
    .description(
      'Show the help of a command, or one of the pages exit-codes, environment and man: the manual page, as roff.',
    )
    .usage('[options] [topic]')
    .argument('[topic...]', 'a command (and its subcommand), exit-codes, environment, man');
  const flags = flagGroup(null, flag('--json', 'print the same as one JSON document'));
  takeFlags(addHelp(command, examples), [flags], async ({ json }, topic: string[]) => {
    const shown = { color: true, json: json === true };
    const [first = '', ...rest] = topic;
    const page = findPage(first);
    if (first === 'man')
      await context.execute('help', shown, () => showManual(topic, program, context));
    else if (page !== undefined && rest.length === 0)
      await context.execute('help', shown, () => showPage(page, program.createHelp()));
    else {
      const found = await findCommand(topic, program, context);
      if (json !== true)
        found.outputHelp(); // the way that --help goes, so that both print the same
      else await context.execute('help', shown, () => showTree(topic, context));
    }
  });
};

interface Page {
  text(help: Help): string;
  /** Without the fields that every document has. */
  document: () => { schema: string } & Record<string, unknown>;
}

const pages: Readonly<Record<Exclude<(typeof pageNames)[number], 'man'>, Page>> = {
  'exit-codes': {
    text: exitCodesPage,
    document: () => ({ schema: 'alltoken.exit-codes.v1', exit_codes: exitCodeRows() }),
  },
  environment: {
    text: environmentPage,
    document: () => ({ schema: 'alltoken.environment.v1', variables: environmentVariables() }),
  },
};

function findPage(name: string): Page | undefined {
  return Object.hasOwn(pages, name) ? pages[name as keyof typeof pages] : undefined;
}

type Events = AsyncGenerator<OutputEvent, void, undefined>;

async function* showPage({ text, document }: Page, help: Help): Events {
  yield { type: 'output', content: { page: text(help) }, document: helpDocument(document()) };
}

function helpDocument({ schema, ...fields }: ReturnType<Page['document']>): unknown {
  return { schema, ok: true, exit: EXIT_OK, command: 'help', ...fields };
}

async function* showTree(words: readonly string[], context: Context): Events {
  const { treeDocument } = await import('./compact-tree.ts');
  const document = await treeDocument(words, context);
  yield { type: 'output', content: { text: `${JSON.stringify(document)}\n` }, document };
}

/** `topic`: man, and the command; without one, the page of the program. */
async function* showManual(topic: readonly string[], program: Command, context: Context): Events {
  const words = topic.slice(1);
  // A subcommand is described on the page of its command.
  if (words.length > 1) throw noHelp(topic, 2, context);
  if (words.length === 1) await findCommand(words, program, context);
  const { manualPage } = await import('./man/page.ts');
  const { name, text } = await manualPage(words, context);
  const document = helpDocument({ schema: 'alltoken.man.v1', page: name, section: 1, text });
  yield { type: 'output', content: { text }, document };
}

/** The command as it is when it is run. Throws `CliError` usage for words that name none. */
async function findCommand(
  topic: readonly string[],
  program: Command,
  context: Context,
): Promise<Command> {
  const [first, ...below] = topic;
  if (first === undefined) return program;
  const declared = await context.declare(first);
  if (declared === null) throw noHelp(topic, 0, context);
  nameGateways(declared);
  let found = declared;
  for (const [index, word] of below.entries()) {
    const next = found.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) throw noHelp(topic, index + 1, context);
    found = next;
  }
  return found;
}

/** `depth`: how many words of the topic are known. */
function noHelp(topic: readonly string[], depth: number, context: Context): CliError {
  return new CliError('usage', `no help for ${JSON.stringify(topic.join(' '))}`, {
    code: 'unknown_topic',
    next:
      depth === 0
        ? nearOrAll(null, helpTopics(context))
        : runStep(['help', ...topic.slice(0, depth)]),
  });
}
