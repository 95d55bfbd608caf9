/** `alltoken cost --calls`: each call on a row of its own, oldest first, to be compared with a gateway's bill. It adds nothing up. */
import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import type { CallLine } from '../../money/ledger/groups.ts';
import { tokensOf } from '../../money/ledger/tokens.ts';
import type { CallRow, CallsDocument } from '../../schemas/cost.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import { countCalls, leftOutNote } from './count.ts';
import { csvOf } from './csv.ts';
import type { CostFlags } from './options.ts';

export async function* showCalls(
  flags: CostFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const make = (): CallLine[] => [];
  const counted = yield* countCalls(flags, make, (list, line) => list.push(line), deps);
  const { question, stretch, groups, skipped, warnings } = counted;
  const all = groups.whole.sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
  const leftOut = Math.max(0, all.length - (flags.limit ?? all.length));
  const rows = all.slice(leftOut).map(rowOf);
  yield* leftOutNote(leftOut);
  const document: CallsDocument = {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'calls',
    ...stretch,
    filter: { tag: question.tag, model: question.model, gateway: question.gateway },
    rows,
    rows_left_out: leftOut,
    skipped_lines: skipped,
    warnings,
  };
  yield { type: 'output', content: contentOf(rows, flags, deps), document };
}

function rowOf(line: CallLine): CallRow {
  const isOpen = line.event === 'intent';
  const { prompt, completion } = tokensOf(isOpen ? null : line.usage);
  return {
    time: line.at,
    command: line.command,
    gateway: line.gateway,
    model: isOpen ? line.model : (line.model ?? line.requested_model),
    prompt_tokens: prompt,
    completion_tokens: completion,
    amount: isOpen ? null : line.cost.amount,
    currency: isOpen ? 'USD' : line.cost.currency,
    source: isOpen ? 'unknown' : line.cost.source,
    tags: [...line.tags],
    session: line.session,
    request_id: isOpen ? null : line.request_id,
    state: stateOf(line),
    call: line.call,
    task_id: isOpen ? null : (line.task_id ?? null),
  };
}

function stateOf(line: CallLine): CallRow['state'] {
  if (line.event === 'intent') return 'open';
  if (line.billed === 'no') return 'not_billed';
  return line.billed === 'yes' || line.cost.amount !== null ? 'billed' : 'unknown';
}

const columns = [
  'time',
  'command',
  'gateway',
  'model',
  'prompt_tokens',
  'completion_tokens',
  'amount',
  'currency',
  'source',
  'tags',
  'session',
  'request_id',
  'state',
  'call',
  'task_id',
] as const satisfies readonly (keyof CallRow)[];

function contentOf(
  rows: readonly CallRow[],
  { csv }: CostFlags,
  { stdout }: Pick<Deps, 'stdout'>,
): { text: string } | { table: Table } {
  const cells = rows.map((row) => columns.map((name) => cell(row[name])));
  if (csv) return { text: csvOf(columns, cells) };
  if (!stdout.isTerminal) return { table: { head: [], rows: cells } };
  return rows.length === 0 ? { text: 'no calls\n' } : { table: forPeople(rows) };
}

/** What is not known is an empty field. No tag has a blank in it. */
function cell(value: CallRow[keyof CallRow]): string {
  if (value === null) return '';
  return typeof value === 'object' ? value.join(' ') : String(value);
}

function forPeople(rows: readonly CallRow[]): Table {
  return {
    head: ['time', 'command', 'model', 'prompt', 'completion', 'cost $', 'state'],
    align: ['left', 'left', 'left', 'right', 'right', 'right', 'left'],
    optional: [4, 3, 1, 6],
    rows: rows.map((row) => [
      row.time.slice(0, 19).replace('T', ' '),
      row.command,
      row.model,
      cell(row.prompt_tokens),
      cell(row.completion_tokens),
      row.amount ?? 'unknown',
      row.state,
    ]),
  };
}
