/** What follows the flags in a command's help: examples and a closing paragraph. It is data, so that other pages show the same. */
import type { Command, Help } from 'commander';

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

const USUAL_WIDTH = 80;
const GAP = 4;
const INDENT = '  ';

function helpBelow({ examples, closing }: HelpText, command: Command): string {
  const help = helpOf(command);
  const below = closing === '' ? [] : [help.boxWrap(closing, help.helpWidth ?? USUAL_WIDTH)];
  return [`\n${exampleLines('Examples:', examples, help)}`, ...below].join('\n\n');
}

/** With its width, which commander sets only where it formats a help itself. */
function helpOf(command: Command): Help {
  const help = command.createHelp();
  help.prepareContext({ helpWidth: USUAL_WIDTH });
  return help;
}

/** The examples under a title, each note beside its line, or below it where there is no room. No line is longer than the help is wide, unless a word is. */
export function exampleLines(title: string, examples: readonly Example[], help: Help): string {
  const whole = help.helpWidth ?? USUAL_WIDTH;
  const pairs = examples.map((example) =>
    typeof example === 'string' ? ([example, ''] as const) : example,
  );
  const noted = pairs.filter(([, note]) => note !== '');
  const column = Math.max(0, ...noted.map(([line]) => line.length)) + GAP;
  const longest = Math.max(0, ...noted.map(([, note]) => note.length));
  const isBeside = INDENT.length + column + longest <= whole;
  const lines = pairs.flatMap(([line, note]) => {
    if (note === '') return shellLines(line, whole);
    if (isBeside) return [`${INDENT}${line.padEnd(column)}${note}`];
    const wrapped = help.boxWrap(note, whole - 3 * INDENT.length).split('\n');
    return [...shellLines(line, whole), ...wrapped.map((words) => INDENT.repeat(3) + words)];
  });
  return [help.styleTitle(title), ...lines].join('\n');
}

/** A command line in as many lines as it takes, each but the last with a backslash at its end, and still the same command. */
function shellLines(example: string, whole: number): string[] {
  return example.split('\n').flatMap((part) => {
    const [, line = '', goesOn = ''] = /^(.*?)( \\)?$/.exec(part) ?? [];
    const lines: string[] = [];
    let built = INDENT;
    // A word in quotes is not broken.
    for (const word of line.match(/^\s+|(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []) {
      const isFirst = built.trim() === '';
      const longer = isFirst ? built + word : `${built} ${word}`;
      if (!isFirst && longer.length > whole - ' \\'.length) {
        lines.push(`${built} \\`);
        built = `${INDENT.repeat(2)}${word}`;
      } else built = longer;
    }
    return [...lines, built + goesOn];
  });
}
