/** `alltoken budget`: each cap with what is spent, reserved and left. It changes nothing. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { loadSettings } from '../../config/settings.ts';
import { capsOf } from '../../money/budget/caps.ts';
import { type CapView, overviewOf } from '../../money/budget/overview.ts';
import { bookOf, type Unsettled } from '../../money/budget/state.ts';
import type { BudgetDocument, UnsettledCall } from '../../schemas/budget.ts';
import type { OutputEvent, Section, Table } from '../../schemas/events.ts';
import { reportedGateway } from '../../work/reported-gateway.ts';

export async function* showBudget(
  flags: { gateway?: string },
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const gateway = await reportedGateway(flags.gateway, deps);
  const { config, places } = await loadSettings(deps, flags);
  const caps = capsOf(config.budget, undefined, Object.keys(config.budget?.tags ?? {}));
  const book = bookOf(places, gateway ?? '');
  const overview = await overviewOf(caps, book.isPlay ? null : gateway, book, deps);
  const unsettled = overview.unsettled.map(([call, one]) => unsettledCall(call, one));
  const unknown = unsettled.filter(({ amount }) => amount === null).length;
  const warnings = unknown === 0 || caps.length === 0 ? [] : [unknownWords(unknown)];
  for (const message of warnings) yield { type: 'warning', message };
  const document: BudgetDocument = {
    schema: 'alltoken.budget.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'budget',
    gateway,
    caps: overview.caps.map(({ cap, spent, reserved, unsettled: held, left, beginsAnew }) => ({
      ...cap,
      spent,
      reserved,
      unsettled: held,
      left,
      begins_anew: beginsAnew === null ? null : new Date(beginsAnew).toISOString(),
    })),
    running: overview.running,
    waiting: overview.waiting,
    unsettled,
    warnings,
  };
  if (caps.length === 0)
    yield {
      type: 'status',
      message: 'no budget is set; set one with: alltoken config set budget.day 5',
    };
  else if (unsettled.length > 0 && !deps.stdout.isTerminal)
    yield {
      type: 'status',
      message: `${counted(unsettled.length)} without an outcome; see: alltoken budget --json${gateway === null ? '' : ` -g ${gateway}`}`,
    };
  yield { type: 'output', content: contentOf(overview.caps, unsettled, deps), document };
}

export function unsettledCall(call: string, one: Unsettled): UnsettledCall {
  const { at, amount, tags, gateway, command, model } = one;
  return { call, at, amount, tags, gateway: gateway ?? null, command, model };
}

function unknownWords(calls: number): string {
  return `${counted(calls)} without an outcome had no known bound, so that no cap counts what it may have cost; look at your usage at the gateway`;
}

function counted(calls: number): string {
  return calls === 1 ? 'one call' : `${calls} calls`;
}

function contentOf(
  caps: readonly CapView[],
  unsettled: readonly UnsettledCall[],
  { stdout }: Pick<Deps, 'stdout'>,
): { text: string } | { table: Table } | { sections: Section[] } {
  if (caps.length === 0) return { text: '' };
  if (!stdout.isTerminal) return { table: { head: [], rows: caps.map(pipeRow) } };
  if (unsettled.length === 0) return { table: capsTable(caps) };
  return {
    sections: [
      { title: 'caps', table: capsTable(caps) },
      {
        title: 'calls without an outcome: alltoken budget release <call>',
        table: unsettledTable(unsettled),
      },
    ],
  };
}

/** An amount that a cap on single calls has not is an empty field. */
function pipeRow({ cap, spent, reserved, unsettled, left, beginsAnew }: CapView): string[] {
  const when = beginsAnew === null ? '' : new Date(beginsAnew).toISOString();
  return [cap.name, cap.limit, spent ?? '', reserved ?? '', unsettled ?? '', left ?? '', when];
}

function capsTable(caps: readonly CapView[]): Table {
  const hasHeld = caps.some(({ unsettled }) => unsettled !== null && unsettled !== '0');
  const rows = caps.map(({ cap, spent, reserved, unsettled, left, beginsAnew }) => [
    cap.name,
    cap.limit,
    spent ?? '',
    reserved ?? '',
    ...(hasHeld ? [unsettled ?? ''] : []),
    left ?? '',
    beginsAnew === null ? 'each call' : new Date(beginsAnew).toISOString().slice(0, 10),
  ]);
  const amounts = ['limit $', 'spent $', 'reserved $', ...(hasHeld ? ['killed $'] : []), 'left $'];
  return {
    head: ['cap', ...amounts, 'resets'],
    align: ['left', ...amounts.map(() => 'right' as const), 'left'],
    rows,
  };
}

/** As much of an id as tells it from the others. */
const SHORTEST_ID = 8;

function unsettledTable(calls: readonly UnsettledCall[]): Table {
  return {
    head: ['call', 'since', 'counts $', 'model', 'tags'],
    align: ['left', 'left', 'right', 'left', 'left'],
    optional: [4, 3],
    rows: calls.map(({ call, at, amount, model, tags }) => [
      shortest(call, calls),
      `${at.slice(0, 16).replace('T', ' ')}`,
      amount ?? 'unknown',
      model ?? 'unknown',
      tags.join(', '),
    ]),
  };
}

function shortest(call: string, calls: readonly UnsettledCall[]): string {
  let length = SHORTEST_ID;
  const others = calls.filter((one) => one.call !== call);
  while (length < call.length && others.some((one) => one.call.startsWith(call.slice(0, length))))
    length += 1;
  return call.slice(0, length);
}
