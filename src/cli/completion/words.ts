/** Completions at the cursor. It sends no requests, prints nothing on stderr and never fails: an error would disturb the line being edited. */
import type { Command, Option } from 'commander';
import type { Context } from '../../flags/context.ts';
import { factsOf } from '../../flags/flag-option.ts';
import { builtInToolNames } from '../../schemas/choices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import {
  conversationNames,
  gatewayNames,
  killedCalls,
  mcpServerNames,
  modelNames,
  type Where,
} from '../../work/known-names.ts';
import { helpTopics } from '../help-topics.ts';

/** Prints one candidate a line; none: the shell completes files. The last word is the one at the cursor, maybe ''. */
export async function* completeWords(
  words: readonly string[],
  context: Context,
): AsyncGenerator<OutputEvent, void, undefined> {
  const found = await candidates(words, context).catch(() => []);
  // Whoever fills the list of models must not write a shell's commands into a user's command line.
  const safe = found.filter((word) => /^[\w.:/@+=-]+$/.test(word));
  yield {
    type: 'output',
    content: { text: safe.map((word) => `${word}\n`).join('') },
    document: safe,
  };
}

async function candidates(words: readonly string[], context: Context): Promise<string[]> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const [name] = before;
  const matching = (all: readonly string[]): string[] =>
    [...new Set(all)].filter((word) => word.startsWith(current));
  if (name === undefined)
    return matching(
      current.startsWith('-') ? ['--help', '--version'] : [...context.commands.keys()],
    );
  const { command, rest } = await declare(name, before.slice(1), context);
  const line = readLine(rest, command);
  const where = { ...line.where, command: name, deps: context.deps };
  if (line.open !== null) return matching(await valuesOf(line.open, where));
  if (current.startsWith('-') && !line.ended) {
    const at = current.indexOf('=');
    if (at === -1) return matching(flagsOf(command));
    const flag = current.slice(0, at);
    const option = command.options.find(({ long }) => long === flag);
    if (option === undefined || !takesValue(option)) return [];
    return matching((await valuesOf(option, where)).map((value) => `${flag}=${value}`));
  }
  if (name === 'help') return matching(await topicsAfter(line.operands, context));
  return matching(await operandsOf(command, line.operands, current, where));
}

/** The command with its flags, and the words that are left for it. Throws when there is none of that name. */
async function declare(
  name: string,
  words: readonly string[],
  context: Context,
): Promise<{ command: Command; rest: readonly string[] }> {
  let command = await context.declare(name);
  if (command === null) throw new RangeError('no such command');
  let rest = words;
  for (const [first] = rest; first !== undefined; rest = rest.slice(1)) {
    const next: Command | undefined = command.commands.find((sub) => sub.name() === rest[0]);
    if (next === undefined) break;
    command = next;
  }
  return { command, rest };
}

interface Line {
  /** The option whose value is being completed. */
  open: Option | null;
  /** `--` was there: what follows is no flag. */
  ended: boolean;
  operands: string[];
  where: Pick<Where, 'gateway' | 'baseUrl'>;
}

function readLine(words: readonly string[], command: Command): Line {
  const line: Line = { open: null, ended: false, operands: [], where: {} };
  for (const word of words) {
    if (line.open !== null) {
      note(line, line.open, word);
      line.open = null;
    } else if (line.ended || word === '-' || !word.startsWith('-')) line.operands.push(word);
    else if (word === '--') line.ended = true;
    else {
      const at = word.indexOf('=');
      const flag = at === -1 ? word : word.slice(0, at);
      const option = command.options.find(({ long, short }) => long === flag || short === flag);
      if (option === undefined || !takesValue(option)) continue;
      if (at === -1) line.open = option.required ? option : null;
      else note(line, option, word.slice(at + 1));
    }
  }
  return line;
}

function note({ where }: Line, option: Option, value: string): void {
  if (factsOf(option).names === 'gateway') where.gateway = value;
  if (option.long === '--base-url') where.baseUrl = value;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function flagsOf(command: Command): string[] {
  const flags = command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));
  return [...flags, '--help'].sort();
}

/** Commands whose first word may be one. */
const modelOperands: readonly string[] = ['chat', 'models', 'cost'];

async function valuesOf(option: Option, where: Where): Promise<string[]> {
  if (option.argChoices) return option.argChoices;
  const { names } = factsOf(option);
  if (names === 'gateway') return gatewayNames(where.deps);
  if (names === 'session') return conversationNames(where.deps);
  if (names === 'tool') return [...builtInToolNames];
  if (names === 'mcp server') return mcpServerNames(where.deps);
  if (names === 'template') {
    const { templateNames } = await import('../../work/ask/templates.ts');
    return templateNames(where.deps);
  }
  return names === 'model' || names === 'models' ? modelNames(where) : [];
}

async function operandsOf(
  command: Command,
  operands: readonly string[],
  current: string,
  where: Where,
): Promise<readonly string[]> {
  const [first] = command.registeredArguments;
  const only = operands.length === 0 || first?.variadic ? first : undefined;
  if (only?.argChoices) return only.argChoices;
  if (where.command === 'budget' && command.name() === 'release') return killedCalls(where.deps);
  if (where.command === 'tasks' && only !== undefined) {
    const { knownTaskIds } = await import('../../work/tasks/known-ids.ts');
    const ids = await knownTaskIds(command.name(), current, where.deps);
    return ids.filter((id) => !operands.includes(id));
  }
  if (where.command === 'sessions' && namesSessions(command.name(), operands)) {
    const names = await conversationNames(where.deps);
    return names.filter((name) => !operands.includes(name));
  }
  if (where.command === 'config' && command.name() !== 'config') {
    const { configKeys, configValues } = await import('./config-names.ts');
    const [key] = operands;
    if (key === undefined) return configKeys(command.name(), current, where.deps);
    return operands.length === 1 && command.name() === 'set' ? configValues(key, where) : [];
  }
  if (operands.length > 0) return [];
  const below = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => sub.name());
  return modelOperands.includes(where.command) ? [...below, ...(await modelNames(where))] : below;
}

/** A command that was named may have subcommands; `man` wants a command. */
async function topicsAfter(
  operands: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  if (operands.length === 0) return helpTopics(context);
  if (operands.length === 1 && operands[0] === 'man') return [...context.commands.keys()];
  const { describeCommand } = await import('../tree.ts');
  const { name, commands: below } = await describeCommand(operands, context);
  const isWhole = name === ['alltoken', ...operands].join(' ');
  return isWhole ? below.map((command) => command.name.split(' ').at(-1) ?? '') : [];
}

/** The new name of a rename is nobody's yet. */
function namesSessions(subcommand: string, operands: readonly string[]): boolean {
  if (subcommand === 'remove') return true;
  return ['show', 'export', 'rename'].includes(subcommand) && operands.length === 0;
}
