/** The command tree without repetition: hosts truncate what they read, so an option that ten commands share is listed once. It declares nothing. */
import { EXIT_OK } from '../base/errors.ts';
import type { Context } from '../flags/context.ts';
import type { CommandDocument, CommandsDocument, OptionDocument } from '../schemas/commands.ts';
import { type CommandNode, describeCommand, type OptionNode } from './tree.ts';

/** By heading, in small letters: the options that are the same in most of the commands with this heading. */
export type OptionGroups = ReadonlyMap<string, readonly OptionNode[]>;

/** As `--help --json` prints it. */
export async function treeDocument(
  words: readonly string[],
  context: Context,
): Promise<CommandsDocument> {
  return {
    schema: 'alltoken.commands.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'help',
    version: context.deps.version,
    ...compact(await describeCommand(words, context)),
  };
}

/** The two fields of the document that `--help --json` prints. */
function compact(tree: CommandNode): {
  option_groups: Record<string, OptionDocument[]>;
  tree: CommandDocument;
} {
  const groups = sharedGroups(tree);
  const { examples, notes } = tree;
  return {
    option_groups: Object.fromEntries(
      [...groups].map(([name, options]) => [name, options.map(optionDocument)]),
    ),
    tree: {
      ...commandDocument(tree, groups),
      ...(examples.length === 0 ? {} : { examples: [...examples] }),
      ...(notes === undefined ? {} : { notes }),
    },
  };
}

/** What several commands of the tree share. A group has two options at least, and two commands that take all of it. */
export function sharedGroups(tree: CommandNode): OptionGroups {
  const commands = withAllBelow(tree);
  const headings = new Set(commands.flatMap(({ options }) => options.map(({ group }) => group)));
  const groups = new Map<string, readonly OptionNode[]>();
  for (const heading of headings) {
    if (heading === undefined) continue;
    const users = commands.filter(({ options }) => options.some(({ group }) => group === heading));
    const usual = distinct(users.flatMap(({ options }) => options)).filter(
      (option) =>
        option.group === heading &&
        users.filter((user) => has(user, option)).length * 2 > users.length,
    );
    const whole = users.filter((user) => usual.every((option) => has(user, option)));
    if (usual.length > 1 && whole.length > 1) groups.set(heading.toLowerCase(), usual);
  }
  return groups;
}

/** The groups that a command takes in full, by name, and the options that are its own. */
export function splitOptions(
  command: CommandNode,
  groups: OptionGroups,
): { named: string[]; own: OptionNode[] } {
  const named = [...groups].filter(([, options]) =>
    options.every((option) => has(command, option)),
  );
  const covered = named.flatMap(([, options]) => options.map(({ name }) => name));
  return {
    named: named.map(([name]) => name),
    own: command.options.filter(({ name }) => !covered.includes(name)),
  };
}

function withAllBelow(command: CommandNode): CommandNode[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

function has({ options }: CommandNode, wanted: OptionNode): boolean {
  return options.some((option) => isSame(option, wanted));
}

function isSame(one: OptionNode, other: OptionNode): boolean {
  return one.name === other.name && JSON.stringify(one) === JSON.stringify(other);
}

function distinct(options: readonly OptionNode[]): OptionNode[] {
  return options.filter(
    (option, index) => options.findIndex((other) => isSame(other, option)) === index,
  );
}

/** Hosts cut what is longer than 30,000 characters: from here on down, a command is named, and its own `--help --json` has the rest. */
const NAMED_ONLY_DEPTH = 2;

/** `depth`: how far below the requested command. Below it, the summary has to do. */
function commandDocument(command: CommandNode, groups: OptionGroups, depth = 0): CommandDocument {
  const { named, own } = splitOptions(command, groups);
  const { name, summary, description, usage } = command;
  if (depth >= NAMED_ONLY_DEPTH) return { name, summary, usage };
  return {
    name,
    summary,
    ...(depth === 0 ? { description } : {}),
    usage,
    ...(command.arguments.length === 0 ? {} : { arguments: command.arguments.map(argument) }),
    ...(own.length === 0 ? {} : { options: own.map(optionDocument) }),
    ...(named.length === 0 ? {} : { option_groups: named }),
    ...(command.commands.length === 0
      ? {}
      : { commands: command.commands.map((below) => commandDocument(below, groups, depth + 1)) }),
  };
}

function argument({
  choices,
  ...rest
}: CommandNode['arguments'][number]): NonNullable<CommandDocument['arguments']>[number] {
  return { ...rest, ...(choices === undefined ? {} : { choices: [...choices] }) };
}

/** Without the form and the heading of the help, which carry no further information for a program. */
function optionDocument({ flags: _, group: _heading, value, ...rest }: OptionNode): OptionDocument {
  if (value === undefined) return rest;
  const { name, required, choices } = value;
  return {
    ...rest,
    value: {
      name,
      ...(required ? {} : { optional: true as const }),
      ...(choices === undefined ? {} : { choices: [...choices] }),
    },
  };
}
