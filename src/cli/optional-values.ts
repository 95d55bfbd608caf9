/**
 * Values that may be left out. commander takes any next word for one, and `--thinking why is it blue` would lose its first
 * word: where the next word is not a value, the flag gets an explicit empty one before commander parses it. It goes by the declared options.
 */
import type { Command, Option } from 'commander';
import { ALONE } from '../flags/declare-flags.ts';
import { factsOf } from '../flags/flag-option.ts';

/** `argv` for `program`, where the command that is run is declared in full. */
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
      // Its value, whatever that looks like.
      settled.push(word, next);
      at += 1;
    } else {
      settled.push(word);
      command = command.commands.find((below) => below.name() === word) ?? command;
    }
  }
  return settled;
}

/** The option that a word of flags ends with, whose value would be the next word: `-m`, `--model`, `-qm`. */
function lastOption(word: string, { options }: Command): Option | undefined {
  const named = (name: string): Option | undefined =>
    options.find(({ long, short }) => long === name || short === name);
  if (word.startsWith('--') || !/^-[^-]{2,}$/.test(word)) return named(word);
  const letters = [...word.slice(1)];
  // What follows an option with a value is its value.
  const first = letters.findIndex((letter) => named(`-${letter}`)?.required);
  return first === letters.length - 1 ? named(`-${letters[first]}`) : undefined;
}

function isValue(word: string | undefined, option: Option): boolean {
  const { shape } = factsOf(option);
  return word !== undefined && (shape === undefined || shape.test(word));
}
