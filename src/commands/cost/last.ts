/** `alltoken cost` alone: what the last call cost. It reads the end of the ledger and adds nothing up. */

import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import { runStep } from '../../base/next-step.ts';
import { ELSEWHERE_HOLD_MS, stateOf } from '../../base/process-state.ts';
import { findPlaces } from '../../config/places.ts';
import { unknownCost } from '../../money/amount.ts';
import { findLastCall, type LastCall } from '../../money/ledger/last-call.ts';
import type { IntentLine, OutcomeLine } from '../../money/ledger/lines.ts';
import { shownUsd } from '../../money/ledger/totals.ts';
import { playGateway } from '../../money/play.ts';
import type { LastCallDocument } from '../../schemas/cost.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { reportedGateway } from '../../work/reported-gateway.ts';
import type { CostFlags } from './options.ts';
import { readLedger } from './read-ledger.ts';

export async function* showLastCall(
  flags: Pick<CostFlags, 'gateway'>,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { ledger } = findPlaces(deps);
  const gateway = await reportedGateway(flags.gateway, deps);
  const found = await readLedger(ledger, () =>
    findLastCall(ledger, gateway, killedHere(deps), deps),
  );
  if (found === null) throw await noCalls(ledger, gateway, deps);
  const { open, killed } = found;
  const outcome = found.outcome ?? unknownOutcome(killed ?? (open as IntentLine));
  const warnings = warningsOf(found, gateway);
  for (const message of warnings) yield { type: 'warning', message };
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? { table: { head: [], rows: details(outcome) } }
      : { text: `${shownUsd(outcome) ?? 'unknown'}\n` },
    document: toDocument(outcome, open, warnings),
  };
}

/** What is known of a call that has only begun: nothing of its answer, and so of its cost. */
function unknownOutcome({
  pid: _pid,
  mark: _mark,
  space: _space,
  lease: _lease,
  model,
  ...line
}: IntentLine): OutcomeLine {
  return {
    ...line,
    event: 'outcome',
    model: null,
    requested_model: model,
    request_id: null,
    exit: null,
    billed: 'unknown',
    attempts: 0,
    usage: null,
    cost: unknownCost,
    duration_ms: null,
    first_token_ms: null,
  };
}

/** A process of another container or machine counts as killed after an hour, as it does in budgets. */
function killedHere(deps: Deps): (line: IntentLine) => boolean {
  return ({ pid, mark, space = '', at }) => {
    if (mark === undefined) return deps.processMark(pid) === null;
    const state = stateOf({ pid, mark, space }, deps);
    const age = Math.abs(deps.clock.now() - Date.parse(at));
    return state === 'dead' || (state === 'elsewhere' && age >= ELSEWHERE_HOLD_MS);
  };
}

function warningsOf({ outcome, killed, open }: LastCall, gateway: string | null): string[] {
  const words: string[] = [];
  if (killed !== null)
    words.push(
      `the last call (${begun(killed)}) has no outcome: it was killed, and may have been billed; look at your usage at the gateway and at: ${callsSince(killed, gateway)}`,
    );
  if (open !== null && open.call !== killed?.call)
    words.push(
      `${outcome === null && killed === null ? 'the' : 'a later'} call (${begun(open)}) is still running; its cost will be in: ${callsSince(open, gateway)}`,
    );
  return words;
}

function begun({ at, model }: IntentLine): string {
  return `${model}, begun ${at}`;
}

function callsSince({ at }: IntentLine, gateway: string | null): string {
  return `alltoken cost --calls --since ${at.slice(0, 10)}${gateway === null ? '' : ` -g ${gateway}`}`;
}

/** A ledger in which no line can be read is not an empty ledger. */
async function noCalls(ledger: string, gateway: string | null, deps: Deps): Promise<CliError> {
  const { readCalls } = await import('../../money/ledger/calls.ts');
  const noSink = { settled: () => {}, open: () => {} };
  const always = { since: '', until: null };
  const skipped = await readLedger(ledger, () => readCalls(ledger, always, noSink, deps));
  const much = skipped === 1 ? 'one line' : `${skipped} lines`;
  const more = `; ${much} in ${ledger} ${skipped === 1 ? 'is' : 'are'} torn or not ours`;
  const to = gateway === null ? '' : ` to ${gateway}`;
  const played =
    gateway === null && (await findLastCall(ledger, playGateway, () => false, deps)) !== null;
  return new CliError('usage', `no call${to} is in the ledger yet${skipped === 0 ? '' : more}`, {
    code: 'no_calls',
    next: played
      ? {
          ...runStep(['cost', '-g', playGateway]),
          why: 'see the calls to the sandbox, which cost nothing',
        }
      : runStep(gateway === null ? ['chat'] : ['chat', '-g', gateway], '"your question"'),
  });
}

function toDocument(
  { v: _v, event: _event, cost, tags, ...call }: OutcomeLine,
  open: IntentLine | null,
  warnings: string[],
): LastCallDocument {
  const isFree = call.billed === 'no';
  return {
    schema: 'alltoken.cost.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'cost',
    kind: 'last_call',
    cost: cost.amount === null && isFree ? { ...cost, amount: '0', source: 'gateway' } : cost,
    call: { ...call, task_id: call.task_id ?? null, tags: [...tags] },
    open_call:
      open === null
        ? null
        : {
            call: open.call,
            at: open.at,
            command: open.command,
            gateway: open.gateway,
            model: open.model,
          },
    warnings,
  };
}

/** What is known, a name and a value a row. */
function details(line: OutcomeLine): string[][] {
  const { cost, model, requested_model: requested, duration_ms, first_token_ms } = line;
  const rows: [string, string | null][] = [
    ['cost', costWords(line)],
    ['billed', cost.amount === null && line.billed !== 'no' ? line.billed : null],
    ['model', model ?? requested],
    ['asked for', model === null || model === requested ? null : requested],
    ['command', line.command],
    ['gateway', line.gateway],
    ['tokens', tokenWords(line.usage)],
    ['when', line.at],
    ['duration', seconds(duration_ms)],
    ['first token', seconds(first_token_ms)],
    ['exit code', line.exit === EXIT_OK || line.exit === null ? null : String(line.exit)],
    ['request id', line.request_id],
    ['task id', line.task_id ?? null],
    ['session', line.session],
    ['tags', line.tags.length === 0 ? null : line.tags.join(', ')],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

function costWords({ cost, billed }: OutcomeLine): string {
  if (cost.amount !== null) return `${dollars(cost)} (${cost.source})`;
  return billed === 'no' ? '$0 (nothing was bought)' : 'unknown';
}

function dollars({ amount, currency }: OutcomeLine['cost']): string {
  return currency === 'USD' ? `$${amount}` : `${amount} ${currency}`;
}

/** `prompt 19, completion 12, total 31`, of what is reported; images have input and output. */
function tokenWords(usage: OutcomeLine['usage']): string | null {
  const counts = asObject(usage);
  if (counts === null) return null;
  const tokens = (...names: string[]): string | null => {
    const value = names.map((name) => counts[name]).find((count) => typeof count === 'number');
    return value === undefined ? null : String(value);
  };
  const parts = [
    ['prompt', tokens('prompt_tokens', 'input_tokens')],
    ['completion', tokens('completion_tokens', 'output_tokens')],
    ['total', tokens('total_tokens')],
  ];
  const words = parts.flatMap(([name, count]) => (count === null ? [] : [`${name} ${count}`]));
  return words.length === 0 ? null : words.join(', ');
}

function seconds(ms: number | null): string | null {
  return ms === null ? null : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
