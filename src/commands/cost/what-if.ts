/** `alltoken cost --what-if <model>`: the same calls at the list prices of another model. Offline: it asks no gateway. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { loadSettings } from '../../config/settings.ts';
import { type Decimal, formatDecimal } from '../../money/decimal.ts';
import { Comparison } from '../../money/ledger/comparison.ts';
import { priceDocument } from '../../money/price-document.ts';
import type { Cost } from '../../schemas/common.ts';
import type { ComparisonDocument, WhatIfDocument } from '../../schemas/cost.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type Counted, countCalls, leftOutNote } from './count.ts';
import { grouped } from './numbers.ts';
import type { CostFlags } from './options.ts';
import { type PricedModel, priceOf } from './price.ts';
import { arrange, type Row } from './rows.ts';
import { amountsOf, whatIfContent } from './what-if-table.ts';

export async function* showWhatIf(
  word: string,
  flags: CostFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const settings = await loadSettings(deps, flags);
  const model = yield* priceOf(word, true, settings, deps);
  const make = (): Comparison => new Comparison(model);
  const counted = yield* countCalls(flags, make, (group, line) => group.add(line), deps);
  const { whole, byKey } = counted.groups;
  const warnings = [...counted.warnings, ...notesOn(whole, model)];
  for (const message of warnings.slice(counted.warnings.length)) yield { type: 'warning', message };
  const { rows, leftOut } = arrange(byKey, flags, (group) => group.realCost);
  yield* leftOutNote(leftOut);
  const more = { model, gateway: settings.gateway.id, leftOut, warnings };
  yield {
    type: 'output',
    content: whatIfContent(rows, counted, flags, deps),
    document: documentOf(rows, counted, more),
  };
}

function notesOn(whole: Comparison, model: PricedModel): string[] {
  const notes: string[] = [];
  if (model.input === null || model.output === null)
    notes.push(`${model.id} has no price in the list`);
  if (model.others !== undefined)
    notes.push(
      `the list also has a price of ${model.id} for ${model.others.join(', ')}, which is not counted`,
    );
  const elsewhere = whole.unknown.cost.amount;
  if (whole.unknownCalls > 0)
    notes.push(
      `the cost of ${counting(whole.unknownCalls)} is not known, so that they are not compared${elsewhere === null ? '' : `; on ${model.id} it would have been $${elsewhere}`}`,
    );
  if (whole.leftOutCalls > 0)
    notes.push(`${counting(whole.leftOutCalls)} without token counts left out`);
  return notes;
}

function counting(calls: number): string {
  return calls === 1 ? 'one call' : `${grouped(calls)} calls`;
}

interface More {
  model: PricedModel;
  gateway: string;
  leftOut: number;
  warnings: string[];
}

function documentOf(
  rows: readonly Row<Comparison>[],
  { question, stretch, groups, skipped }: Counted<Comparison>,
  { model, gateway, leftOut, warnings }: More,
): WhatIfDocument {
  const { id, fetchedAt } = model;
  return {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'what_if',
    gateway,
    model: id,
    prices: priceDocument(model),
    fetched_at: fetchedAt,
    ...stretch,
    by: question.by,
    filter: { tag: question.tag, model: question.model, gateway: question.gateway },
    totals: comparisonOf(groups.whole),
    rows: rows.map(({ key, group }) => ({ key, ...comparisonOf(group) })),
    rows_left_out: leftOut,
    skipped_lines: skipped,
    warnings,
  };
}

function comparisonOf(group: Comparison): ComparisonDocument {
  const { real, whatIf, difference } = amountsOf(group);
  const { compared, unknown } = group;
  return {
    calls: group.calls,
    compared_calls: group.comparedCalls,
    prompt_tokens: compared.prompt,
    completion_tokens: compared.completion,
    real: asCost(real, group.isEstimated ? 'catalog' : 'gateway'),
    what_if: asCost(whatIf, 'catalog'),
    difference: difference === null ? null : formatDecimal(difference),
    unknown_calls: group.unknownCalls,
    unknown_what_if: group.unknownCalls === 0 ? asCost(null, 'catalog') : unknown.cost,
    left_out_calls: group.leftOutCalls,
  };
}

function asCost(amount: Decimal | null, source: 'gateway' | 'catalog'): Cost {
  return amount === null
    ? { amount: null, currency: 'USD', source: 'unknown' }
    : { amount: formatDecimal(amount), currency: 'USD', source };
}
