/** `alltoken cost <model> <prompt> <completion>`: what a call will cost by the list. It sends nothing that costs. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { loadSettings } from '../../config/settings.ts';
import { parseDecimal } from '../../money/decimal.ts';
import { estimateCost } from '../../money/estimate.ts';
import type { EstimateDocument } from '../../schemas/cost.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { exactColumn, grouped } from './numbers.ts';
import type { CostFlags, EstimateWords } from './options.ts';
import { type PricedModel, priceOf } from './price.ts';

type Part = EstimateDocument['parts'][number];

export async function* estimate(
  words: EstimateWords,
  flags: CostFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const settings = await loadSettings(deps, flags);
  const warnings = [...settings.notes];
  const model = yield* priceOf(words.model, false, settings, deps);
  const { prompt, completion, reasoning, cached } = words;
  const cost = estimateCost(model, { prompt, completion: completion + reasoning, cached });
  if (cost.amount === null) warnings.push(`${model.id} has no price in the list`);
  else if (cached > 0 && model.cached_input === null)
    warnings.push(`${model.id} has no price for cached tokens in the list; they cost the full one`);
  for (const message of warnings) yield { type: 'warning', message };
  const parts = partsOf(words, model);
  const document: EstimateDocument = {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'estimate',
    gateway: settings.gateway.id,
    model: model.id,
    cost,
    tokens: { prompt, cached, completion, reasoning },
    prices: {
      input: model.input,
      output: model.output,
      cached_input: model.cached_input,
      unit: 'per_million_tokens',
    },
    parts,
    fetched_at: model.fetchedAt,
    warnings,
  };
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? { table: forPeople(parts, cost.amount) }
      : { text: `${cost.amount ?? 'unknown'}\n` },
    document,
  };
}

function partsOf(words: EstimateWords, model: PricedModel): Part[] {
  const { input, output, cached_input: cachedInput } = model;
  const cachedPrice = cachedInput ?? input;
  const parts: [Part['part'], number, string | null][] = [
    ['input', words.prompt - words.cached, input],
    ['cached_input', words.cached, cachedPrice],
    ['output', words.completion, output],
    ['reasoning', words.reasoning, output],
  ];
  return parts
    .filter(([part, tokens]) => tokens > 0 || part === 'input' || part === 'output')
    .map(([part, tokens, price]) => {
      const alone = { input: price, output: null, cached_input: null };
      const { amount } = estimateCost(alone, { prompt: tokens, completion: 0, cached: 0 });
      return { part, tokens, price, amount };
    });
}

function forPeople(parts: readonly Part[], total: string | null) {
  const decimals = [...parts.map(({ amount }) => amount), total].map((amount) =>
    amount === null ? null : parseDecimal(amount),
  );
  const amounts = exactColumn(decimals);
  const prices = exactColumn(
    parts.map(({ price }) => (price === null ? null : parseDecimal(price))),
  );
  const rows = parts.map(({ part, tokens }, index) => [
    part.replace('_', ' '),
    grouped(tokens),
    prices[index] ?? '',
    amounts[index] ?? '',
  ]);
  return {
    head: ['tokens', 'count', '$/M', 'cost $'],
    align: ['left', 'right', 'right', 'right'] as const,
    rows: [...rows, ['total', '', '', amounts.at(-1) ?? '']],
  };
}
