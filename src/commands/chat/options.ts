/** How the command line of `chat` reads its own flags. It knows no file, gateway or network. */
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../../flags/flag-values.ts';

export function commaList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new InvalidArgumentError('Expected names with commas between.');
  return items;
}

/** Flags whose value may look like a flag. */
const takesText: ReadonlySet<string> = new Set([
  '-s',
  '--system',
  '--stop',
  '-f',
  '--file',
  '-m',
  '--model',
]);

/**
 * `--thinking` takes a budget only when a whole number follows: `--thinking why is it blue` must not lose its first word.
 * commander would take any next word, so the bare flag is given its value here, before it looks.
 */
export function settleThinking(argv: readonly string[]): string[] {
  const settled: string[] = [];
  let open = true;
  argv.forEach((word, index) => {
    if (word === '--') open = false;
    const next = argv[index + 1];
    const isValue = takesText.has(argv[index - 1] ?? '');
    const bare =
      open && word === '--thinking' && !isValue && !(next !== undefined && /^\d+$/.test(next));
    settled.push(bare ? '--thinking=on' : word);
  });
  return settled;
}

export function readThinking(text: string): true | number {
  return text === 'on' ? true : wholeNumber(1)(text);
}
