/**
 * Which next word is the value of an option. commander takes any: `--thinking why is it blue` would lose its first word, and in
 * `-m --json` a value was forgotten. Where a value may be left out, the flag gets an explicit one before commander parses it; where it
 * is needed, an option of the same command is none. It goes by the declared options.
 */
import type { Command, Option } from 'commander';
import { ALONE } from '../flags/declare-flags.ts';
import { factsOf } from '../flags/flag-option.ts';
import { OwnCommand } from './own-command.ts';

/** `argv` for `program`, where the command that is run is declared in full. Throws `CliError` usage where a value was forgotten. */
export function settleOptionalValues(argv: readonly string[], program: Command): string[] {
  const settled: string[] = [];
  let command = program;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') return [...settled, ...argv.slice(at)];
    const option = lastOption(word, command);
    const next = argv[at + 1];
    if (option?.optional) {
      settled.push(isValue(next, option) ? word : `${word}=${ALONE}`);
    } else if (option?.required && next !== undefined) {
      // Whatever else it looks like, it is the value.
      if (command instanceof OwnCommand && isOption(next, command))
        command.optionMissingArgument(option, next.replace(/=.*/s, ''));
      settled.push(word, next);
      at += 1;
    } else {
      if (command instanceof OwnCommand && command.passesThrough && !word.startsWith('-'))
        return [...settled, ...argv.slice(at)];
      settled.push(word);
      command = command.commands.find((below) => below.name() === word) ?? command;
    }
  }
  return settled;
}

/** The option that a word of flags ends with, whose value would be the next word: `-m`, `--model`, `-qm`. */
function lastOption(word: string, command: Command): Option | undefined {
  const options = optionsOf(command);
  const named = (name: string): Option | undefined =>
    options.find(({ long, short }) => long === name || short === name);
  if (word.startsWith('--') || !/^-[^-]{2,}$/.test(word)) return named(word);
  const letters = [...word.slice(1)];
  // What follows an option with a value is its value.
  const first = letters.findIndex((letter) => named(`-${letter}`)?.required);
  return first === letters.length - 1 ? named(`-${letters[first]}`) : undefined;
}

/** Those of commands below it too: one of them may run where none is named. */
function optionsOf({ options, commands }: Command): readonly Option[] {
  return [...options, ...commands.flatMap((below) => below.options)];
}

/** A long name alone or with a value, or the end of all options. One dash begins numbers, and is itself the standard input. */
function isOption(word: string, command: Command): boolean {
  const name = word.replace(/=.*/s, '');
  if (!word.startsWith('--')) return false;
  return word === '--' || name === '--help' || optionsOf(command).some(({ long }) => long === name);
}

function isValue(word: string | undefined, option: Option): boolean {
  const { shape } = factsOf(option);
  return word !== undefined && (shape === undefined || shape.test(word));
}
