/** What follows the flags in a command's help: examples and a closing paragraph. It is data, so that other pages show the same. */
import type { Command } from 'commander';

/** A command line, or one with what it is for. A line may go on after a backslash. */
export type Example = string | readonly [line: string, note: string];

export interface HelpText {
  examples: readonly Example[];
  /** One paragraph, not wrapped; '' for none. */
  closing: string;
}

const texts = new WeakMap<Command, HelpText>();

/** Adds both to the help of `command`. */
export function addHelp(command: Command, examples: readonly Example[], closing = ''): Command {
  const text = { examples, closing };
  texts.set(command, text);
  return command.addHelpText('after', () => helpBelow(text, command));
}

/** What `addHelp` was given; nothing for a command without. */
export function helpText(command: Command): HelpText {
  return texts.get(command) ?? { examples: [], closing: '' };
}

const GAP = 4;

function helpBelow({ examples, closing }: HelpText, command: Command): string {
  const noted = examples.flatMap((example) => (typeof example === 'string' ? [] : [example[0]]));
  const width = Math.max(0, ...noted.map((line) => line.length)) + GAP;
  const lines = examples.map((example) =>
    typeof example === 'string' ? `  ${example}` : `  ${example[0].padEnd(width)}${example[1]}`,
  );
  const help = command.createHelp();
  const below = closing === '' ? [] : [help.boxWrap(closing, help.helpWidth ?? 80)];
  return [`\nExamples:\n${lines.join('\n')}`, ...below].join('\n\n');
}
