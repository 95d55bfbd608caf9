/** Writes the ledger lines of a job: one before the create request, one each time a process is done with it. The last one of a call counts. */
import type { Deps } from '../base/deps.ts';
import { type CliError, EXIT_OK } from '../base/errors.ts';
import { thisProcess } from '../base/process-state.ts';
import { appendLedger } from '../money/ledger/append.ts';
import type { OutcomeLine } from '../money/ledger/lines.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

type BookDeps = Pick<
  Deps,
  'files' | 'clock' | 'path' | 'processId' | 'processMark' | 'processSpace'
>;

/** Returns null, or why the line was not written. */
export async function writeIntent(
  ledger: string,
  record: TaskRecord,
  key: string | null,
  deps: BookDeps,
): Promise<string | null> {
  return appendLedger(
    ledger,
    {
      v: 1,
      event: 'intent',
      ...commonFields(record),
      at: new Date(deps.clock.now()).toISOString(),
      ...thisProcess(deps),
      model: record.model,
    },
    key,
    deps,
  );
}

/** `startedAt`: when this process started on the job, on the monotonic clock. `error` null: success, or the task was only submitted. Whether a running task is billed is not known yet. */
export function outcomeOf(
  record: TaskRecord,
  error: CliError | null,
  startedAt: number,
  deps: Pick<Deps, 'clock'>,
): OutcomeLine {
  const known = record.state === 'received' || record.state === 'done' ? 'yes' : 'unknown';
  return {
    v: 1,
    event: 'outcome',
    ...commonFields(record),
    at: new Date(deps.clock.now()).toISOString(),
    model: record.answered_model,
    requested_model: record.model,
    request_id: record.request_id,
    task_id: record.task_id,
    exit: error?.exitCode ?? EXIT_OK,
    billed: error?.billed ?? known,
    attempts: record.create.attempts,
    usage: record.usage,
    cost: record.cost,
    duration_ms: Math.round(deps.clock.monotonic() - startedAt),
    first_token_ms: null,
  };
}

/** The fields of both lines. */
function commonFields({ call, kind, gateway, tags = [], bound, estimate }: TaskRecord) {
  return {
    call,
    command: kind,
    gateway,
    session: null,
    tags,
    // Of an image nothing is known before it is made.
    ...(bound === undefined
      ? {}
      : { bound: bound === '0' && estimate === undefined ? null : bound }),
  };
}
