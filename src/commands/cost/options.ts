/** What a line of `alltoken cost` asks for. It reads words and flags, and no file. */

import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { Grouping } from '../../money/ledger/groups.ts';

export interface CostFlags extends CommonFlags {
  cached?: number;
  reasoning?: number;
  since?: string;
  until?: string;
  by?: Grouping;
  tag?: string;
  model?: string;
  limit?: number;
  csv?: boolean;
  whatIf?: string;
}

export interface EstimateWords {
  kind: 'estimate';
  /** Or an alias of it. */
  model: string;
  prompt: number;
  /** Without the reasoning. */
  completion: number;
  reasoning: number;
  /** Part of the prompt. */
  cached: number;
}

const reportFlags = ['since', 'until', 'by', 'tag', 'model', 'limit', 'csv', 'whatIf'] as const;

/** Throws `CliError` usage for words that do not fit together. */
export function readCostWords(
  words: readonly string[],
  flags: CostFlags,
): { kind: 'last' | 'report' } | EstimateWords {
  const reporting = reportFlags.find((name) => flags[name] !== undefined);
  if (words.length > 0) {
    if (reporting !== undefined)
      throw mistake(`--${dashed(reporting)} is for calls that were made, not for an estimate`);
    return readEstimate(words, flags);
  }
  const idle = (['cached', 'reasoning'] as const).find((name) => flags[name] !== undefined);
  if (idle !== undefined) throw mistake(`--${idle} needs a model and its tokens`);
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
  const { cached = 0, reasoning = 0 } = flags;
  if (cached > prompt)
    throw mistake(`--cached ${cached} is more than the ${prompt} tokens of the prompt`);
  return { kind: 'estimate', model, prompt, completion, reasoning, cached };
}

function readTokens(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw mistake(`${JSON.stringify(text)} is no number of tokens`);
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
