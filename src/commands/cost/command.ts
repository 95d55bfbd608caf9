/** `alltoken cost`: its help and its action. What it does is in `last.ts`, `estimate.ts`, `totals.ts`, `calls.ts` and `what-if.ts`. */
import type { Deps } from '../../base/deps.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type CostFlags, costFlags, readCostWords } from './options.ts';

const examples: readonly Example[] = [
  'alltoken cost',
  'alltoken cost gpt-5.4-nano 19 12',
  'alltoken cost --since 7d --by day',
  'alltoken cost --since 2026-11 --until 2026-11 --by tag --csv >november.csv',
  'alltoken cost --since 2026-11 --until 2026-11 --calls --csv >calls.csv',
  'alltoken cost --since today --json | jq -r .totals.cost.amount',
  'alltoken cost --since 30d --what-if gpt-5.4-nano',
];

const closing =
  'Times are UTC: 30m, 24h, 7d, 2w, today, yesterday, a month, a day, or a moment (2026-11-22T12:00:00Z). --until a day or a month has all of it. A cost that the gateway does not report is unknown, not zero; such calls are counted separately. In a pipe, the output is the bare amount, or rows of: key, calls, prompt tokens, completion tokens, cost, calls of unknown cost. Calls to the sandbox cost nothing and are in no report but that of -g sandbox. Tables on a terminal may round (≈); all other output is exact. Nothing here costs anything.';

export const registerCost: RegisterCommand = (program, context) => {
  const command = program
    .command('cost')
    .description(
      'Show what the last call cost, estimate a call from list prices, or sum up all calls by model, day, tag and more.',
    )
    .argument('[words...]', 'a model, its prompt tokens and its completion tokens: an estimate')
    .usage('[options] [model prompt_tokens completion_tokens]');
  takeFlags(addHelp(command, examples, closing), costFlags, async (flags, words: string[]) => {
    await context.execute('cost', flags, () => runCost(words, flags, context.deps));
  });
};

/** Each kind of work is loaded only when it is asked for. */
async function* runCost(
  words: readonly string[],
  flags: CostFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const asked = readCostWords(words, flags);
  if (asked.kind === 'last') {
    const { showLastCall } = await import('./last.ts');
    yield* showLastCall(flags, deps);
  } else if (asked.kind === 'estimate') {
    const { estimate } = await import('./estimate.ts');
    yield* estimate(asked, flags, deps);
  } else if (flags.whatIf !== undefined) {
    const { showWhatIf } = await import('./what-if.ts');
    yield* showWhatIf(flags.whatIf, flags, deps);
  } else if (flags.calls) {
    const { showCalls } = await import('./calls.ts');
    yield* showCalls(flags, deps);
  } else {
    const { showTotals } = await import('./totals.ts');
    yield* showTotals(flags, deps);
  }
}
