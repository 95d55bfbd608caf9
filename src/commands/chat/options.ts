/** What was typed after `chat`, as values. It knows flags, not files, gateways or the network. */
import { InvalidArgumentError } from 'commander';
import type { CommonFlags } from '../common-flags.ts';
import { type Parameter, parameterReader, wholeNumber } from '../flag-values.ts';

/** The flags as commander hands them over. */
export interface ChatFlags extends CommonFlags {
  model?: string;
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: string[];
  seed?: number;
  /** true without a budget; a budget is in tokens. */
  thinking?: true | number;
  search?: boolean;
  jsonObject?: boolean;
  schema?: string;
  file?: string[];
  param?: Parameter[];
  stream: boolean;
  fallback?: string[];
  continue?: boolean;
  session?: string;
  save: boolean;
  stdin: boolean;
  strict?: boolean;
  /** USD, a plain decimal. */
  maxCost?: string;
  dryRun?: boolean;
}

/** The flags with their lists there, and the words after them. */
export type ChatOptions = ChatFlags &
  Required<Pick<ChatFlags, 'stop' | 'file' | 'param' | 'fallback'>> & { words: string[] };

export function chatOptions(words: string[], flags: ChatFlags): ChatOptions {
  const { stop = [], file = [], param = [], fallback = [] } = flags;
  return { ...flags, stop, file, param, fallback, words };
}

/** Body fields that have a flag, or that would change what we promise about one answer. */
const reserved: Readonly<Record<string, string>> = {
  model: 'use -m',
  messages: 'use the prompt, --system and --session',
  stream: 'use --no-stream',
  n: 'one answer a call',
};

export const readParameter = parameterReader(reserved);

/** An amount in USD as a plain decimal, kept digit by digit. */
export function amount(text: string): string {
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text))
    throw new InvalidArgumentError('Expected an amount in USD, such as 0.05.');
  return text;
}

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
