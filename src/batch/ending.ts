/** How a batch ended: its counts, its failure with what to do next, and its document. It reads and writes nothing. */
import type { Deps } from '../base/deps.ts';
import { errorDocument } from '../base/error-document.ts';
import { CliError, EXIT_OK } from '../base/errors.ts';
import { type NextStep, say, stepsOf } from '../base/next-step.ts';
import { totalWords } from '../money/total-cost.ts';
import type { BatchDocument } from '../schemas/batch.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { adviseOn, machineOf } from '../work/advice.ts';
import type { Run } from '../work/run-command.ts';
import { type LineIndex, type LineState, lineStates } from './line-index.ts';
import type { BatchPlan } from './plan.ts';
import type { Tally } from './tally.ts';

/** What is known of a running batch; `plan` and `index` are null until they are made. */
export interface BatchState {
  plan: BatchPlan | null;
  index: LineIndex | null;
  lines: number;
  tally: Tally;
  /** The output has been begun. */
  hasBegun: boolean;
}

/** Together they are the lines. */
export interface BatchCounts {
  lines: number;
  succeeded: number;
  failed: number;
  unknown: number;
  /** They were not sent, by no run. */
  skipped: number;
}

const goOn: NextStep = { do: 'say', words: 'to go on, run the same command again' };

/** The same failure with a next step that a batch can take. */
export function advised(thrown: CliError, { plan, hasBegun }: BatchState, deps: Deps): CliError {
  // A batch has no such flag, and its requests stay as they are.
  const steps = stepsOf(thrown.details.next);
  const ours = steps.filter((step) => step.do !== 'set-flag' || step.flag !== '--max-tokens');
  const shown = ours.length === steps.length ? thrown : thrown.changed({ next: ours });
  const error = thrown.isStop && hasBegun ? shown.changed({ next: goOn }) : shown;
  return adviseOn(error, {
    kind: 'models',
    gateway: plan?.gateway ?? null,
    keySource: plan?.key?.source ?? null,
    maxRetryWaitMs: plan?.settings.maxRetryWaitMs ?? null,
    machine: machineOf(deps),
  });
}

/** Throws `CliError` partial where a line has no good result: `failed_lines` or `unknown_lines`. */
export function checkEnd(state: BatchState): void {
  const { index } = state;
  if (index === null) return;
  const { lines, failed, unknown } = countsOf(state);
  if (failed + unknown === 0) return;
  const paid = index.failedPaid.size;
  // What is not a request fails again however often it is run.
  const bad = [...index.unsendable].filter(
    (number) => index.stateOf(number) === lineStates.failed,
  ).length;
  const notes = [
    ...(paid === 0 ? [] : [`${paid} of them may have been billed`]),
    ...(bad === 0 ? [] : [badWords(bad, failed)]),
  ];
  const parts = [
    ...(failed === 0
      ? []
      : [`${failed} failed${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`]),
    ...(unknown === 0 ? [] : [`${unknown} may have been sent and have no result`]),
  ];
  throw new CliError('partial', `of ${lines} lines ${parts.join(', ')}`, {
    code: failed === 0 ? 'unknown_lines' : 'failed_lines',
    billed: 'unknown',
    next: [
      ...(bad === 0 ? [] : [correct(bad)]),
      ...(failed === bad
        ? []
        : [
            {
              do: 'set-flag' as const,
              flag: '--retry-failed',
              why: `send the failed ones again${paid === 0 ? '' : `, and pay for up to ${paid} twice`}`,
            },
          ]),
      ...(unknown === 0
        ? []
        : [
            {
              do: 'set-flag' as const,
              flag: '--resend-unknown',
              why: 'send the unknown ones again, and perhaps pay twice',
            },
          ]),
    ],
  });
}

function badWords(bad: number, failed: number): string {
  if (bad === failed) return failed === 1 ? 'it is not a request' : 'none of them is a request';
  return bad === 1 ? '1 of them is not a request' : `${bad} of them are not requests`;
}

function correct(bad: number): NextStep {
  const lines = bad === 1 ? 'the line' : 'the lines';
  return say(`correct ${lines} in the input, then run the same command again`);
}

/** `[batch] lines=5000 succeeded=4990 failed=10 unknown=0 skipped=0 cost=$0.0123` */
export function lastWords(state: BatchState): string {
  const { lines, succeeded, failed, unknown, skipped } = countsOf(state);
  const { amount, at_least: atLeast = false } = state.tally.cost;
  return `[batch] lines=${lines} succeeded=${succeeded} failed=${failed} unknown=${unknown} skipped=${skipped} cost=${totalWords({ amount, atLeast })}`;
}

/** What became of the lines: one count for all that is said of it. */
export function countsOf({ index, lines }: Pick<BatchState, 'index' | 'lines'>): BatchCounts {
  const count = (line: LineState): number => index?.count(line) ?? 0;
  const succeeded = count(lineStates.done);
  const failed = count(lineStates.failed);
  const unknown = count(lineStates.unknown) + count(lineStates.intent);
  return { lines, succeeded, failed, unknown, skipped: lines - succeeded - failed - unknown };
}

/** The `output` event with the document alltoken.batch.v1, of success or failure. Throws TypeError before there is a plan. */
export function endOf(
  state: BatchState,
  { startedAt, warnings }: Run,
  error: CliError | null,
  deps: Deps,
): OutputEvent {
  const { plan, tally } = state;
  if (plan === null) throw new TypeError('a batch that began has a plan');
  const fields = {
    schema: 'alltoken.batch.v1' as const,
    command: 'batch' as const,
    gateway: plan.gateway.id,
    model: plan.request.fixedModel ?? plan.request.defaultModel,
    output: plan.output,
    shard: plan.shard,
    ...countsOf(state),
    cost: tally.cost,
    duration_ms: Math.round(deps.clock.monotonic() - startedAt),
    warnings: [...warnings],
  };
  const document: BatchDocument =
    error === null
      ? { ok: true, exit: EXIT_OK, ...fields }
      : { ok: false, exit: error.exitCode, ...fields, error: errorDocument(error) };
  return {
    type: 'output',
    content: { text: `${plan.output}\n` },
    document,
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
}
