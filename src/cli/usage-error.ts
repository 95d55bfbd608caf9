/** Mistakes on the command line: what commander refuses, said our way, and the name or the line that was probably meant. It runs nothing. */
import type { Command, CommanderError } from 'commander';
import { CliError } from '../base/errors.ts';
import { withoutFullStop } from '../base/json.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { nearest } from '../config/nearest.ts';
import type { Context } from '../flags/context.ts';
import { otherFlags, otherNames } from './command-list.ts';
import { rightOrder } from './misplaced-options.ts';

/** What commander refused, as our own error, with the line or the name that was probably meant. */
export async function usageError(
  error: CommanderError,
  names: readonly string[],
  program: Command,
  argv: readonly string[],
  context: Context,
): Promise<CliError> {
  const line = argv[0]?.startsWith('-') ? await rightOrder(argv, context) : null;
  if (line !== null)
    return new CliError('usage', `${argv[0]?.replace(/=.*/s, '')} stands before the command`, {
      code: 'misplaced_option',
      next: line,
    });
  if (error.code === 'commander.help')
    return new CliError('usage', 'no command', { code: 'no_command', next: helpOf(names) });
  const unknown = unknownSubcommand(error.code, names, program, argv);
  if (unknown !== null) return unknown;
  const [first = ''] = error.message
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const message =
    error.code === 'commander.excessArguments'
      ? tooMany(commandAt(names, program), names)
      : withoutFullStop(first);
  return new CliError('usage', message, {
    code: error.code
      .replace(/^commander\./, '')
      .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    next: correction(error.code, names, program, argv) ?? helpOf(names),
  });
}

function tooMany({ registeredArguments: { length } }: Command, names: readonly string[]): string {
  const takes = length === 0 ? 'none' : `at most ${length}`;
  return `too many arguments: ${names.join(' ')} takes ${takes}`;
}

/** Where one subcommand runs unnamed, commander takes a wrong name for a word too many of that one. */
function unknownSubcommand(
  code: string,
  names: readonly string[],
  program: Command,
  argv: readonly string[],
): CliError | null {
  const command = commandAt(names, program);
  if (code !== 'commander.excessArguments' || command.commands.length === 0) return null;
  const word = argv[names.length] ?? '';
  if (word === '' || word.startsWith('-') || command === program) return null;
  const known = command.createHelp().visibleCommands(command);
  const near = didYouMean(
    word,
    known.map((below) => below.name()),
    '',
  );
  const rest = argv.slice(names.length + 1);
  return new CliError('usage', `unknown command '${word}'`, {
    code: 'unknown_command',
    next: otherName([...names, word], rest) ?? withRest(near, names, rest) ?? helpOf(names),
  });
}

function commandAt(names: readonly string[], program: Command): Command {
  return names.reduce(
    (command, name) => command.commands.find((below) => below.name() === name) ?? command,
    program,
  );
}

export function helpOf(names: readonly string[]): NextStep {
  return runStep([...names, '--help']);
}

/** What was probably meant by a name that is not declared. */
function correction(
  code: string,
  names: readonly string[],
  program: Command,
  argv: readonly string[],
): NextStep | null {
  if (code !== 'commander.unknownOption' && code !== 'commander.unknownCommand') return null;
  let command = program;
  let rest = [...argv];
  for (const name of names) {
    command = command.commands.find((candidate) => candidate.name() === name) ?? command;
    rest = rest.slice(rest.indexOf(name) + 1);
  }
  if (code === 'commander.unknownCommand') {
    const word = rest.find((candidate) => !candidate.startsWith('-')) ?? '';
    const known = command.commands.map((candidate) => candidate.name());
    const asked = names.length === 0 ? question(rest) : null;
    const others = rest.slice(rest.indexOf(word) + 1);
    const near = withRest(didYouMean(word, known, ''), names, others);
    return otherName([...names, word], others) ?? near ?? asked;
  }
  const word = unknownOption(command, rest);
  // No option has a blank in its name.
  if (/\s/.test(word))
    return { do: 'say', words: 'if that is text, put -- before it', for: 'shell' };
  if (word === '--version' || word === '-V') return runStep(['--version']);
  if (!word.startsWith('--')) return null;
  // A key on a command line is in the list of processes and in the history of the shell.
  if (word === '--api-key' || word === '--key') return runStep(['login']);
  const options = command.createHelp().visibleOptions(command);
  const known = options.flatMap(({ long }) => (long ? [long.slice(2)] : []));
  const meant = otherFlags.get(word)?.find((flag) => known.includes(flag.slice(2)));
  return meant === undefined
    ? didYouMean(word.slice(2), known, '--')
    : { do: 'did-you-mean', values: [meant], for: 'shell' };
}

/** A sentence in place of a command: in quotes it has blanks, without them it is several words. */
function question(words: readonly string[]): NextStep | null {
  const isText = words.every((word) => !word.startsWith('-'));
  const text = words.join(' ');
  return isText && text.trim().split(/\s+/).length > 2 ? runStep(['chat', text]) : null;
}

function otherName(words: readonly string[], rest: readonly string[]): NextStep | null {
  const other = otherNames.get(words.join(' '));
  return other === undefined ? null : runStep([...other, ...(carried(other, rest) ?? [])]);
}

/** The whole line that was meant, where more stands behind the name. */
function withRest(
  near: NextStep | null,
  names: readonly string[],
  rest: readonly string[],
): NextStep | null {
  if (near?.do !== 'did-you-mean') return near;
  const line = [...names, ...near.values];
  const words = carried(line, rest);
  return words === null || words.length === 0 ? near : runStep([...line, ...words]);
}

const takesText: ReadonlySet<string> = new Set(['chat', 'search', 'image', 'video']);

/** So long a word may be a key, which no hint shows. */
const LONGEST_WORD = 24;

/** What stands behind the name, as that command takes it: words are one text. null: it is not repeated. */
function carried(line: readonly string[], rest: readonly string[]): readonly string[] | null {
  if (rest.some((word) => word.startsWith('-'))) return null;
  const text = rest.join(' ');
  if (rest.length > 0 && line.length === 1 && takesText.has(line[0] ?? '')) return [text];
  const isLogin = line[0] === 'login' || line[0] === 'config';
  return isLogin || rest.some((word) => word.length > LONGEST_WORD) ? null : rest;
}

/** The first option that the command does not have, without its value. Parsing again would have every value read twice. */
function unknownOption({ options }: Command, words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') break;
    if (!/^-./.test(word)) continue;
    const isLong = word.startsWith('--');
    const name = isLong ? word.replace(/=.*/s, '') : word.slice(0, 2);
    const option = options.find(({ long, short }) => name === (isLong ? long : short));
    if (option === undefined && name !== '--help' && name !== '-h') return isLong ? name : word;
    if (option?.required && name === word) at += 1;
  }
  return '';
}

function didYouMean(word: string, known: readonly string[], before: string): NextStep | null {
  const near = nearest(word, known);
  return near === null ? null : { do: 'did-you-mean', values: [`${before}${near}`], for: 'shell' };
}
