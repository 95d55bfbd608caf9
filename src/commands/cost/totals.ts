/** `alltoken cost --since …`: how many calls, what they used, what they cost. Unknown costs are counted, never added. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { Tally } from '../../money/ledger/totals.ts';
import type { TotalsDocument } from '../../schemas/cost.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type Counted, countCalls, leftOutNote } from './count.ts';
import type { CostFlags } from './options.ts';
import { arrange, type Row } from './rows.ts';
import { costOf, tallyOf } from './tally-document.ts';
import { totalsContent } from './totals-table.ts';

export async function* showTotals(
  flags: CostFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const make = (): Tally => new Tally();
  const counted = yield* countCalls(flags, make, (tally, line) => tally.add(line), deps);
  const { rows, leftOut } = arrange(counted.groups.byKey, flags, costOf);
  yield* leftOutNote(leftOut);
  yield {
    type: 'output',
    content: totalsContent(rows, counted, flags, deps),
    document: documentOf(rows, leftOut, counted),
  };
}

function documentOf(
  rows: readonly Row<Tally>[],
  leftOut: number,
  { question, stretch, groups, skipped, warnings }: Counted<Tally>,
): TotalsDocument {
  return {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'totals',
    ...stretch,
    by: question.by,
    filter: { tag: question.tag, model: question.model, gateway: question.gateway },
    totals: tallyOf(groups.whole),
    rows: rows.map(({ key, group }) => ({ key, ...tallyOf(group) })),
    rows_left_out: leftOut,
    skipped_lines: skipped,
    warnings,
  };
}
