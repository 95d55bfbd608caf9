/** Manual pages, from the same declarations that parse the command line: alltoken(1) with everything, and one for each command. It formats nothing: that is for man. */
import { withoutFullStop } from '../../base/json.ts';
import type { Context } from '../../flags/context.ts';
import { type OptionGroups, sharedGroups, splitOptions } from '../compact-tree.ts';
import { executables } from '../executables.ts';
import { environmentClosing, environmentVariables } from '../help-environment.ts';
import { exitCodeRows, exitCodesClosing } from '../help-exit-codes.ts';
import { type CommandNode, describeCommand, type OptionNode } from '../tree.ts';
import {
  asText,
  bold,
  italic,
  page,
  paragraph,
  section,
  subsection,
  tagged,
  title,
  verbatim,
} from './roff.ts';

/** `words`: a command, or none for the program. `text` is roff, and ends with a line end. */
export async function manualPage(
  words: readonly string[],
  context: Context,
): Promise<{ name: string; text: string }> {
  const node = await describeCommand(words, context);
  const name = node.name.replace(' ', '-');
  const { version } = context.deps;
  const parts = words.length === 0 ? programPage(node) : commandPage(node, name);
  return { name, text: page([title(name, version), ...parts]) };
}

function programPage(program: CommandNode): string[] {
  const groups = sharedGroups(program);
  return [
    ...nameSection(program.name, program.description),
    section('Synopsis'),
    `${bold('alltoken')} command [options] [words...]`,
    section('Description'),
    paragraph(
      'Each command is described below with the options of its own. Options that several commands share are described once, at the end, under the name of their group. --help, -h shows the help of any command, with --json as data.',
    ),
    ...options(program.options),
    section('Commands'),
    ...program.commands.flatMap((command) => [subsection(command.usage), ...body(command, groups)]),
    section('Shared options'),
    ...[...groups].flatMap(([name, shared]) => [
      subsection(`Group ${JSON.stringify(name)}`),
      ...options(shared),
    ]),
    ...exitStatus(),
    section('Environment'),
    ...environmentVariables().map(({ name, what }) => tagged(bold(name), what)),
    paragraph(environmentClosing),
    ...files(),
    section('Examples'),
    verbatim(program.commands.flatMap(({ examples }) => exampleLines(examples.slice(0, 2)))),
    section('See also'),
    executables.slice(1).map(reference).join(',\n'),
  ];
}

function commandPage(command: CommandNode, name: string): string[] {
  const isExecutable = executables.includes(name);
  const usage = command.usage.slice(command.name.length);
  return [
    ...nameSection(name, command.summary),
    section('Synopsis'),
    synopsis(command.name, usage),
    ...(isExecutable ? ['.br', synopsis(name, usage)] : []),
    section('Description'),
    paragraph(command.description),
    ...words(command),
    ...(command.notes === undefined ? [] : [paragraph(command.notes)]),
    ...(command.options.length === 0 ? [] : [section('Options'), ...ownSections(command.options)]),
    ...(command.commands.length === 0
      ? []
      : [
          section('Commands'),
          ...command.commands.flatMap((below) => [subsection(below.usage), ...whole(below)]),
        ]),
    ...exitStatus(),
    ...(command.examples.length === 0
      ? []
      : [section('Examples'), verbatim(exampleLines(command.examples))]),
    section('See also'),
    `${reference('alltoken')}: all commands, the environment and the files.`,
  ];
}

function nameSection(name: string, summary: string): string[] {
  // One line without a period: apropos lists it.
  return [section('Name'), `${bold(name)} \\- ${asText(withoutFullStop(summary))}`];
}

function synopsis(name: string, usage: string): string {
  return `${bold(name)}${asText(usage)}`;
}

/** A command among others: its groups are described elsewhere. */
function body(command: CommandNode, groups: OptionGroups): string[] {
  const { named, own } = splitOptions(command, groups);
  const shared = `Options of these groups: ${named.join(', ')}.`;
  return [
    paragraph(command.description),
    ...words(command),
    ...options(own),
    ...(named.length === 0 ? [] : [paragraph(shared)]),
    ...(command.notes === undefined ? [] : [paragraph(command.notes)]),
    ...command.commands.flatMap((below) => [subsection(below.usage), ...body(below, groups)]),
  ];
}

function whole(command: CommandNode): string[] {
  return [
    paragraph(command.description),
    ...words(command),
    ...options(command.options),
    ...command.commands.flatMap((below) => [subsection(below.usage), ...whole(below)]),
  ];
}

function words(command: CommandNode): string[] {
  return command.arguments.map(({ name, variadic, description, choices }) =>
    tagged(
      bold(variadic ? `${name}...` : name),
      choices === undefined ? `${description}.` : `${description} (one of: ${choices.join(', ')}).`,
    ),
  );
}

function exitStatus(): string[] {
  const rows = exitCodeRows().map(({ code, name, when }) =>
    tagged(bold(`${code} ${name}`), `${when}.`),
  );
  const who =
    'The tens digit says who has to fix it. 2x: you, change something; nothing was bought. 3x: them, run the same again later; nothing was bought. 4x: look first, something may have been bought. 5x: this machine.';
  return [section('Exit status'), paragraph(who), ...rows, paragraph(exitCodesClosing)];
}

function files(): string[] {
  const rows: [string, string][] = [
    ['~/.config/alltoken/config.json', 'the config'],
    ['~/.local/state/alltoken/ledger/', 'what each call cost, one file a month; no prompts'],
    ['~/.local/state/alltoken/budget/', 'what running calls have reserved of the budgets'],
    ['~/.local/state/alltoken/tasks/', 'the journal of paid image and video jobs'],
    ['~/.local/state/alltoken/sessions/', 'conversations'],
    ['~/.cache/alltoken/', 'lists of models; may be removed at any time'],
  ];
  const note = 'ALLTOKEN_HOME and the XDG variables move them; alltoken config path prints them.';
  return [
    section('Files'),
    ...rows.map(([name, what]) => tagged(bold(name), `${what}.`)),
    paragraph(note),
  ];
}

function exampleLines(examples: CommandNode['examples']): string[] {
  return examples.map(({ command, note }) =>
    note === undefined ? command : `${command}    # ${note}`,
  );
}

function reference(name: string): string {
  return `${bold(name)}(1)`;
}

function options(all: readonly OptionNode[]): string[] {
  return all.map((option) => tagged(term(option), explanation(option)));
}

/** Under the headings that they have in the help; those without come first. */
function ownSections(all: readonly OptionNode[]): string[] {
  const headings = [...new Set(all.map(({ group }) => group))];
  return headings
    .sort((one, other) => Number(one !== undefined) - Number(other !== undefined))
    .flatMap((heading) => [
      ...(heading === undefined ? [] : [subsection(heading)]),
      ...options(all.filter(({ group }) => group === heading)),
    ]);
}

/** `-m, --model <id>`: what is typed is bold, placeholders are italic. */
function term({ name, short, value }: OptionNode): string {
  const names = [short, name].flatMap((each) => (each === undefined ? [] : [bold(each)]));
  const [open, close] = value?.required === false ? ['[', ']'] : ['<', '>'];
  return names.join(', ') + (value === undefined ? '' : ` ${italic(open + value.name + close)}`);
}

function explanation({ description, value, default: fallback }: OptionNode): string {
  const choices = value?.choices === undefined ? [] : [`one of: ${value.choices.join(', ')}`];
  const usual = fallback === undefined ? [] : [`default: ${String(fallback)}`];
  const more = [...choices, ...usual].join('; ');
  return more === '' ? `${description}.` : `${description} (${more}).`;
}
