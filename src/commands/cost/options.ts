/** The flags of `cost`, and what a line of it asks for. It reads words and flags, and no file. */
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { gatewayFlags, outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { costGroupings } from '../../schemas/choices.ts';

const estimateFlags = flagGroup(
  'Estimate:',
  flag('--cached <tokens>', 'prompt tokens served from the cache', { read: wholeNumber(0) }),
  flag('--cache-write <tokens>', 'prompt tokens written to the cache', { read: wholeNumber(0) }),
  flag('--reasoning <tokens>', 'reasoning tokens, in addition to the completion', {
    read: wholeNumber(0),
  }),
);

const reportFlags = flagGroup(
  'Report:',
  flag('--since <time>', 'only calls since this time', { usual: 'this month' }),
  flag('--until <time>', 'only calls until this time'),
  flag('--by <what>', 'group rows by this', { choices: costGroupings, usual: 'model' }),
  flag('--tag <name>', 'only calls with this tag'),
  flag('-m, --model <id>', 'only calls of this model', { names: 'model' }),
  flag('--limit <number>', 'at most this many rows; the totals are of all', {
    read: wholeNumber(1),
  }),
  flag('--calls', 'one row a call, oldest first', { conflicts: ['by', 'whatIf'] }),
  flag('--csv', 'print comma-separated values', { conflicts: ['json'] }),
  flag('--what-if <model>', 'price the same calls by the list of another model', {
    names: 'model',
  }),
);

export const costFlags = [estimateFlags, reportFlags, gatewayFlags, outputFlags] as const;

export type CostFlags = FlagsOf<typeof costFlags>;

export interface EstimateWords {
  kind: 'estimate';
  /** Or an alias of it. */
  model: string;
  prompt: number;
  /** Without the reasoning. */
  completion: number;
  reasoning: number;
  /** Parts of the prompt. */
  cached: number;
  written: number;
}

const ofReport = [
  'since',
  'until',
  'by',
  'tag',
  'model',
  'limit',
  'calls',
  'csv',
  'whatIf',
] as const;

/** Throws `CliError` usage for words that do not fit together. */
export function readCostWords(
  words: readonly string[],
  flags: CostFlags,
): { kind: 'last' | 'report' } | EstimateWords {
  const reporting = ofReport.find((name) => flags[name] !== undefined);
  if (words.length > 0) {
    if (reporting !== undefined)
      throw mistake(`--${dashed(reporting)} is for calls that were made, not for an estimate`);
    return readEstimate(words, flags);
  }
  const idle = (['cached', 'cacheWrite', 'reasoning'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (idle !== undefined) throw mistake(`--${dashed(idle)} needs a model and its tokens`);
  return { kind: reporting === undefined ? 'last' : 'report' };
}

function readEstimate(words: readonly string[], flags: CostFlags): EstimateWords {
  const [model = '', ...counts] = words;
  if (counts.length !== 2)
    throw mistake(
      counts.length < 2
        ? 'an estimate needs a model, its prompt tokens and its completion tokens'
        : 'an estimate takes a model and two numbers of tokens, and nothing more',
    );
  const [prompt = 0, completion = 0] = counts.map(readTokens);
  const { cached = 0, cacheWrite: written = 0, reasoning = 0 } = flags;
  if (cached > prompt)
    throw mistake(`--cached ${cached} is more than the ${prompt} tokens of the prompt`);
  if (cached + written > prompt)
    throw mistake(
      `--cached ${cached} and --cache-write ${written} are more than the ${prompt} tokens of the prompt`,
    );
  return { kind: 'estimate', model, prompt, completion, reasoning, cached, written };
}

function readTokens(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw mistake(`${JSON.stringify(text)} is not a valid number of tokens`);
  return count;
}

function mistake(message: string): CliError {
  return new CliError('usage', message, {
    code: 'bad_arguments',
    next: runStep(['cost', 'gpt-5.4-nano', '19', '12']),
  });
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
