/** The whole command line as data, read from the same declarations that parse it. It runs no command. */
import type { Argument, Command, Option } from 'commander';
import type { Context } from '../flags/context.ts';
import { factsOf } from '../flags/flag-option.ts';
import { type Example, helpText } from '../flags/help-text.ts';
import { about } from './executables.ts';
import { nameGateways } from './gateway-help.ts';

/** What is absent does not apply. */
export interface OptionNode {
  /** As the help shows it: `-m, --model <id>`. */
  flags: string;
  /** With its dashes. */
  name: string;
  short?: string;
  description: string;
  /** The heading in the help. */
  group?: string;
  /** Absent: the flag takes no value. */
  value?: { name: string; required: boolean; choices?: readonly string[] };
  repeatable?: true;
  /** The flag that it switches off. */
  negates?: string;
  default?: unknown;
}

interface ArgumentNode {
  name: string;
  description: string;
  required: boolean;
  variadic: boolean;
  choices?: readonly string[];
}

export interface CommandNode {
  /** Its words: `alltoken tasks resume`. */
  name: string;
  summary: string;
  description: string;
  usage: string;
  arguments: readonly ArgumentNode[];
  options: readonly OptionNode[];
  examples: readonly { command: string; note?: string }[];
  /** What else the help says. */
  notes?: string;
  commands: readonly CommandNode[];
}

/** The command with these words (none: the program) with all below it. Words that name nothing end the path. */
export async function describeCommand(
  words: readonly string[],
  context: Context,
): Promise<CommandNode> {
  const root = await declareAll(context);
  const end = words.reduce<Command>(
    (found, word) => found.commands.find((command) => command.name() === word) ?? found,
    root,
  );
  return commandNode(end);
}

/** A program with every command declared in full. */
async function declareAll(context: Context): Promise<Command> {
  const { Command: Program } = await import('commander');
  const root = new Program('alltoken')
    .description(about)
    .helpCommand(false)
    .option('-V, --version', 'print the version');
  for (const [, { load, summary }] of context.commands) {
    (await load())(root, context);
    root.commands.at(-1)?.summary(summary);
  }
  nameGateways(root);
  return root;
}

function commandNode(command: Command): CommandNode {
  const { examples, closing } = helpText(command);
  const below = command.createHelp().visibleCommands(command);
  return {
    name: pathOf(command),
    summary: command.summary(),
    description: command.description(),
    usage: `${pathOf(command)} ${command.usage()}`,
    arguments: command.registeredArguments.map(argumentNode),
    options: command.options.filter(({ hidden }) => !hidden).map(optionNode),
    examples: examples.map(exampleNode),
    ...(closing === '' ? {} : { notes: closing }),
    commands: below.map(commandNode),
  };
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function exampleNode(example: Example): { command: string; note?: string } {
  return typeof example === 'string'
    ? { command: example }
    : { command: example[0], note: example[1] };
}

function argumentNode(argument: Argument): ArgumentNode {
  const { argChoices, variadic, required, description } = argument;
  return {
    name: argument.name(),
    description,
    required,
    variadic,
    ...(argChoices ? { choices: argChoices } : {}),
  };
}

function optionNode(option: Option): OptionNode {
  const { flags, long, short, description, helpGroupHeading: group, defaultValue } = option;
  const value = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  return {
    flags,
    name: long ?? short ?? flags,
    ...(long && short ? { short } : {}),
    description,
    ...(group === undefined ? {} : { group: group.replace(/:$/, '') }),
    ...(value === undefined ? {} : { value: valueNode(value, option) }),
    ...(factsOf(option).repeatable ? { repeatable: true as const } : {}),
    ...(option.negate && long ? { negates: long.replace('--no-', '--') } : {}),
    ...(defaultValue === undefined || option.negate ? {} : { default: defaultValue as unknown }),
  };
}

function valueNode(
  name: string,
  { required, argChoices }: Option,
): NonNullable<OptionNode['value']> {
  return { name, required, ...(argChoices ? { choices: argChoices } : {}) };
}
