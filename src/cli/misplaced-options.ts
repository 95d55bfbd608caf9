/** Options that stand before the command: finds the line that was meant. It runs nothing. */
import type { Command, Option } from 'commander';
import { type NextStep, runStep } from '../base/next-step.ts';
import type { Context } from '../flags/context.ts';

/** The same words with the command first; null where no command takes these options. */
export async function rightOrder(
  argv: readonly string[],
  context: Context,
): Promise<NextStep | null> {
  for (const [at, word] of argv.entries()) {
    if (word === '--') return null;
    // A value may be spelled like a command: `-g sandbox chat hi`.
    const command = context.commands.has(word) ? await context.declare(word) : null;
    if (command === null) continue;
    const before = argv.slice(0, at);
    const found = withBelow(command, argv.slice(at + 1)).find(({ takers }) =>
      takers.some((taker) => takesAll(before, taker)),
    );
    if (found !== undefined) {
      const rest = argv.slice(at + 1 + found.names.length);
      return runStep([word, ...found.names, ...before, ...rest]);
    }
  }
  return null;
}

interface Place {
  /** The subcommands that were named. */
  names: readonly string[];
  /** The command there, and those that may run where none below it is named. */
  takers: readonly Command[];
}

function withBelow(command: Command, words: readonly string[]): Place[] {
  const below = command.commands.find((candidate) => candidate.name() === words[0]);
  if (below === undefined) return [{ names: [], takers: [command, ...command.commands] }];
  return withBelow(below, words.slice(1)).map(({ names, takers }) => ({
    names: [below.name(), ...names],
    takers,
  }));
}

/** Whether these words are all options of the command, with their values. */
function takesAll(words: readonly string[], { options }: Command): boolean {
  for (let at = 0; at < words.length; at += 1) {
    const needsNext = needsNextWord(words[at] ?? '', options);
    if (needsNext === null) return false;
    if (needsNext) at += 1;
    if (at === words.length) return false;
  }
  return true;
}

/** Whether the value of an option is the next word; null for a word that is no option of these. */
function needsNextWord(word: string, options: readonly Option[]): boolean | null {
  if (word.startsWith('--')) {
    const option = options.find(({ long, short }) =>
      [long, short].includes(word.replace(/=.*/s, '')),
    );
    return option === undefined ? null : option.required && !word.includes('=');
  }
  if (!/^-./.test(word)) return null;
  const letters = [...word.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const option = options.find(({ short }) => short === `-${letter}`);
    if (option === undefined) return null;
    // What follows an option with a value is its value.
    if (option.required) return index === letters.length - 1;
    if (option.optional) return false;
  }
  return false;
}
