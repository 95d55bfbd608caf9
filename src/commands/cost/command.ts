/** `alltoken cost`: its flags and its help. What it does is in `last.ts`, `estimate.ts`, `totals.ts` and `what-if.ts`. */
import { Option } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { addGatewayFlags, addOutputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { costGroupings } from '../../schemas/choices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type CostFlags, readCostWords } from './options.ts';

const examples: readonly Example[] = [
  'alltoken cost',
  'alltoken cost gpt-5.4-nano 19 12',
  'alltoken cost --since 7d --by day',
  'alltoken cost --since 2026-11 --until 2026-11 --by tag --csv >november.csv',
  'alltoken cost --since today --json | jq -r .totals.cost.amount',
  'alltoken cost --since 30d --what-if gpt-5.4-nano',
];

const closing =
  'Times are UTC: 30m, 24h, 7d, 2w, today, yesterday, a month, a day, or a moment (2026-11-22T12:00:00Z). --until a day or a month has all of it. A cost that nobody told is unknown, which is not zero: such calls are counted apart. Into a pipe goes the bare amount, or rows of: key, calls, prompt tokens, completion tokens, cost, calls of unknown cost. Tables on a terminal may round (≈), all else has every digit. Nothing here costs anything.';

export const registerCost: RegisterCommand = (program, context) => {
  const command = program
    .command('cost')
    .description(
      'What the last call cost; what a call will cost by the list; or what all calls cost, by model, day, tag and more.',
    )
    .argument('[words...]', 'a model, its prompt tokens and its completion tokens: an estimate')
    .usage('[options] [model prompt_tokens completion_tokens]');
  command
    .optionsGroup('Estimate:')
    .option('--cached <tokens>', 'part of the prompt that was read before', wholeNumber(0))
    .option('--reasoning <tokens>', 'on top of the completion', wholeNumber(0));
  command
    .optionsGroup('Report:')
    .option('--since <time>', 'calls from then on (default: this month)')
    .option('--until <time>', 'calls up to then')
    .addOption(
      new Option('--by <what>', 'what the rows are (default: model)').choices(costGroupings),
    )
    .option('--tag <name>', 'only calls with this tag')
    .option('-m, --model <id>', 'only calls of this model')
    .option('--limit <number>', 'at most this many rows; the totals are of all', wholeNumber(1))
    .addOption(new Option('--csv', 'print comma-separated values').conflicts('json'))
    .option('--what-if <model>', 'price the same calls by the list of another model');
  addHelp(addOutputFlags(addGatewayFlags(command), { jsonl: false }), examples, closing).action(
    async (words: string[], flags: CostFlags) => {
      await context.execute('cost', flags, () => runCost(words, flags, context.deps));
    },
  );
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
    yield* showLastCall(deps);
  } else if (asked.kind === 'estimate') {
    const { estimate } = await import('./estimate.ts');
    yield* estimate(asked, flags, deps);
  } else if (flags.whatIf !== undefined) {
    const { showWhatIf } = await import('./what-if.ts');
    yield* showWhatIf(flags.whatIf, flags, deps);
  } else {
    const { showTotals } = await import('./totals.ts');
    yield* showTotals(flags, deps);
  }
}
