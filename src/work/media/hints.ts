/** The next command after a failure of a job: exact, and honest about what was bought. */
import { CliError, type ExitName } from '../../base/errors.ts';
import type { Gateway } from '../../gateways/types.ts';
import { resumeCommand, wayBack } from '../../jobs/hints.ts';
import { isOpen } from '../../jobs/states.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';

export interface Situation {
  /** As the command is called. */
  kind: string;
  /** null: the job had not begun. */
  record: TaskRecord | null;
  /** The journal holds it. */
  kept: boolean;
  gateway: Gateway | null;
  /** Where the key came from. */
  keySource: string | null;
  maxRetryWaitMs: number | null;
}

/** Adds hint and task id to an error that has none. */
export function adviseOn(error: CliError, situation: Situation): CliError {
  const { record } = situation;
  const told = error.with({ taskId: record?.task_id ?? undefined });
  if (told.details.hint !== undefined) return orComeBack(told, situation);
  const hint = comeBack(told, situation) ?? hints[error.exit]?.(situation, told);
  return hint === undefined ? told : told.with({ hint });
}

/** What helps a connection says to run the same command again, which would buy a second one of what is there to come back to. */
function orComeBack(error: CliError, situation: Situation): CliError {
  const way = error.exit === 'network' ? comeBack(error, situation) : undefined;
  if (way === undefined) return error;
  const hint = `allow network access, then: ${way}`;
  return new CliError(error.exit, error.message, { ...error.details, hint });
}

/** A task that the gateway has, and that has not ended, is come back to. */
function comeBack(error: CliError, { record, kept }: Situation): string | undefined {
  if (record === null || !isOpen(record.state)) return undefined;
  // Some replies bring the result, and no task.
  if (record.task_id === null && record.state !== 'received') return undefined;
  if (!kept) return resumeCommand(record, wayBack(record));
  return error.exit === 'auth'
    ? `mend the key, then: ${resumeCommand(record)}`
    : resumeCommand(record);
}

const hints: Partial<
  Record<ExitName, (situation: Situation, error: CliError) => string | undefined>
> = {
  no_key: ({ gateway }) => `alltoken config doctor${flag(gateway)}`,
  auth: ({ keySource, gateway }) =>
    `check the key in ${keySource ?? 'the environment'}: alltoken config doctor${flag(gateway)}`,
  balance: ({ gateway }) =>
    `top up${at(gateway)}, then run the same command again; nothing was bought`,
  forbidden: ({ gateway }) => `see what the key may do: alltoken config doctor${flag(gateway)}`,
  not_found: ({ kind, gateway, record }) => {
    const known = kind === 'video' ? gateway?.media.video : gateway?.media.image;
    const other = known?.knownModels.find((id) => id !== record?.model);
    return other === undefined
      ? 'see how the gateway spells the id of the model'
      : `alltoken ${kind}${flag(gateway)} -m ${other} …`;
  },
  rejected: () => 'correct what the message names; nothing was bought',
  refused: () => 'change the prompt; the same one will be refused again',
  rate_limited: ({ maxRetryWaitMs }, { details }) => {
    const wait = details.retryAfterMs;
    if (wait === undefined)
      return 'wait a moment, then run the same command again; nothing was bought';
    const seconds = Math.ceil(wait / 1000);
    const patience =
      wait > (maxRetryWaitMs ?? wait) ? `, or let it wait: --max-retry-wait ${seconds}` : '';
    return `wait ${seconds} s, then run the same command again; nothing was bought${patience}`;
  },
  upstream: () => 'run the same command again later; nothing was bought',
  network: ({ gateway }) =>
    `check the connection (a sandboxed agent may need network access): alltoken config doctor${flag(gateway)}`,
  timeout: () => 'run the same command again, or allow more with --connect-timeout <seconds>',
  task_failed: () => 'look at your usage before you run it again: a failed task may be billed',
  outcome_unknown: lookFirst,
  protocol: (situation, error) =>
    error.billed === 'no'
      ? 'run the same command again later; nothing was bought'
      : lookFirst(situation),
};

function lookFirst({ gateway, record }: Situation): string {
  const forget =
    record === null ? '' : `, then: alltoken tasks forget ${record.task_id ?? record.id}`;
  return `it may have been billed; look at your usage${at(gateway)} before you run it again${forget}`;
}

function flag(gateway: Gateway | null): string {
  return gateway === null ? '' : ` -g ${gateway.id}`;
}

function at(gateway: Gateway | null): string {
  return gateway?.website ? ` at ${gateway.website}` : '';
}
