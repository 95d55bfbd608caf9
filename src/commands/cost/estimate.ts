/** `alltoken cost <model> <prompt> <completion>`: what a call will cost by the list. It sends nothing that costs. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { loadSettings } from '../../config/settings.ts';
import { formatDecimal, parseDecimal } from '../../money/decimal.ts';
import {
  amountOf,
  type CostPart,
  estimateCost,
  partsOf,
  type TokenCounts,
} from '../../money/estimate.ts';
import { priceDocument } from '../../money/price-document.ts';
import { ratesFor } from '../../money/prices.ts';
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
  const tokens = countsOf(words);
  const cost = estimateCost(model, tokens);
  warnings.push(...notesOn(model, words, cost.amount === null));
  for (const message of warnings) yield { type: 'warning', message };
  const parts = shownParts(partsOf(model, tokens));
  const document: EstimateDocument = {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'estimate',
    gateway: settings.gateway.id,
    model: model.id,
    cost,
    tokens: {
      prompt: words.prompt,
      cached: words.cached,
      cache_write: words.written,
      completion: words.completion,
      reasoning: words.reasoning,
    },
    prices: priceDocument(model),
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

function countsOf({ prompt, completion, reasoning, cached, written }: EstimateWords): TokenCounts {
  return { prompt, completion: completion + reasoning, reasoning, cached, written };
}

function notesOn(
  model: PricedModel,
  { prompt, cached, written }: EstimateWords,
  isUnknown: boolean,
) {
  const { id, currency, others = [] } = model;
  const rates = ratesFor(model, prompt);
  const notes: string[] = [];
  if (currency !== undefined) notes.push(`the prices of ${id} are in ${currency}, not in USD`);
  else if (rates.input == null || rates.output == null)
    notes.push(`${id} has no price in the list`);
  else if (isUnknown && written > 0)
    notes.push(`${id} has no price for tokens written to the cache in the list`);
  else if (cached > 0 && rates.cached_input == null)
    notes.push(`${id} has no price for cached tokens in the list; they cost the full one`);
  if (others.length > 0)
    notes.push(`the list also has a price of ${id} for ${others.join(', ')}, which is not counted`);
  return notes;
}

/** Those that are not empty; input and output always. */
function shownParts(parts: readonly CostPart[]): Part[] {
  return parts
    .filter(({ part, count }) => count > 0 || part === 'input' || part === 'output')
    .map((line) => {
      const { part, count, price } = line;
      const amount = amountOf(line);
      const tokens = part === 'request' ? 0 : count;
      return { part, tokens, price, amount: amount === null ? null : formatDecimal(amount) };
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
    part === 'request' ? '' : grouped(tokens),
    prices[index] ?? '',
    amounts[index] ?? '',
  ]);
  return {
    head: ['tokens', 'count', '$/M', 'cost $'],
    align: ['left', 'right', 'right', 'right'] as const,
    rows: [...rows, ['total', '', '', amounts.at(-1) ?? '']],
  };
}
