/** One paid job, from its plan to its files: budget, journal, the work with its books, and the document at the end. `image` and `video` only plan. */
import type { Deps } from '../../base/deps.ts';
import { errorDocument } from '../../base/error-document.ts';
import { type CliError, EXIT_OK } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import { withRateLimits } from '../../client/rate-limit.ts';
import { refuseKeyAsName } from '../../config/key-as-name.ts';
import { runSandbox } from '../../config/run-proxy.ts';
import { tagsOf } from '../../config/tags.ts';
import { patienceOf } from '../../flags/money-flags.ts';
import type { Gateway } from '../../gateways/types.ts';
import type { Job } from '../../jobs/job.ts';
import { openJournal } from '../../jobs/journal.ts';
import { memoryJournal } from '../../jobs/memory-journal.ts';
import { newRecord } from '../../jobs/new-record.ts';
import { type Bound, type Cap, capsOf } from '../../money/budget/caps.ts';
import { release, reserve } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import type { RateLimit } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { MediaCall } from '../../schemas/media.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { adviseOn, machineOf } from '../advice.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import { type Connection, openConnection } from '../connection.ts';
import { type Run, runCommand } from '../run-command.ts';
import { documentHead, jobFields } from './document.ts';
import { dryRun } from './dry-run.ts';

import type { JobCommand, JobPlan } from './job-command.ts';
import { keepBooks } from './keep-books.ts';
import { markOf } from './key-mark.ts';
import { planInTime } from './plan-in-time.ts';

interface State {
  connection: Connection | null;
  job: Job | null;
  plan: JobPlan | null;
  rateLimit: RateLimit | null;
}

export function runJob(
  command: JobCommand,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags } = command;
  const state: State = { connection: null, job: null, plan: null, rateLimit: null };
  return runCommand(
    {
      debug: flags.debug === true,
      key: () => state.connection?.key?.value ?? null,
      work: (run) => work(command, state, run, deps),
      success: (run) =>
        flags.dryRun === true
          ? null
          : {
              type: 'result',
              ok: true,
              exit: EXIT_OK,
              ...documentFields(command, state, run, deps),
            },
      explain: (error) => explained(error, command, state, deps),
      failure: (error, run) => ({
        type: 'error',
        ok: false,
        exit: error.exitCode,
        ...documentFields(command, state, run, deps),
        error: errorDocument(error),
      }),
    },
    deps,
  );
}

async function* work(
  command: JobCommand,
  state: State,
  { startedAt }: Run,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags } = command;
  const tags = tagsOf(flags, deps);
  if (flags.dryRun === true) {
    yield* dryRun(command, tags, deps);
    return;
  }
  const opened = yield* openConnection(flags, startedAt, command.check, deps);
  refuseKeyAsName({ '--tag': tags, '--out': flags.out }, deps.secrets);
  const fetch = withRateLimits(opened.fetch, (limits) => {
    state.rateLimit = limits;
  });
  const connection = { ...opened, fetch, gateway: paced(opened.gateway, command) };
  state.connection = connection;
  try {
    const plan = await planInTime(command, connection, deps);
    for (const message of plan.warnings) yield { type: 'warning', message };
    state.plan = plan;
    const call = deps.uuid();
    const { amount, priceUnknown, openReason } = plan.bound;
    const budgeted = { call, tags };
    const caps = yield* holdBudget(command, plan.bound, budgeted, connection, deps);
    const isPriced = !priceUnknown && openReason === null;
    if (isPriced) {
      const asOf = connection.gateway.media.video?.prices?.asOf;
      yield {
        type: 'status',
        message: `this ${command.kind} costs $${amount} by the price list${asOf === undefined ? '' : ` of ${asOf}`}`,
      };
    }
    if (flags.async && connection.ephemeral)
      yield {
        type: 'warning',
        message: 'this sandbox and its tasks end with the command; alltoken sandbox keeps running',
      };
    const { places } = connection.settings;
    const journal = flags.journal
      ? openJournal(places.tasks, deps)
      : memoryJournal(plan.target.directory, deps);
    let job: Job | null = null;
    try {
      yield* plan.prepare(connection);
      const record = recordOf(command.kind, plan, connection, deps, {
        call,
        tags: [...tags],
        ...(caps.length > 0 ? { bound: amount } : {}),
        ...(isPriced ? { estimate: amount } : {}),
      });
      job = await journal.begin(record);
    } finally {
      // Nothing was sent: what it would have cost is free again.
      if (job === null)
        await release(call, caps, bookOf(places, connection.gateway.id), deps).catch(() => {});
    }
    job.conceal(connection.key?.value ?? null);
    state.job = job;
    yield* keepBooks({ command, plan, caps, connection, journal, job, startedAt, deps });
  } finally {
    await connection.close();
  }
}

function paced(gateway: Gateway, { kind, pollMs }: Pick<JobCommand, 'kind' | 'pollMs'>): Gateway {
  const own = gateway.media[kind];
  if (pollMs === undefined || own === null) return gateway;
  return { ...gateway, media: { ...gateway.media, [kind]: { ...own, pollMillis: pollMs } } };
}

function recordOf(
  kind: JobCommand['kind'],
  { idempotent, ...plan }: JobPlan,
  connection: Connection,
  deps: Deps,
  money: Pick<TaskRecord, 'call' | 'tags' | 'bound' | 'estimate'>,
): TaskRecord {
  const { path, body, model, prompt, target, download } = plan;
  const { gateway, ephemeral, key, settings } = connection;
  const sandbox = settings.isProxied ? runSandbox(deps) : null;
  return newRecord(
    {
      kind,
      state: 'submitting',
      gateway: gateway.id,
      base_url: gateway.baseUrl,
      ...(settings.isProxied && { proxied: true }),
      ephemeral,
      ...(sandbox !== null && { ends_with: sandbox }),
      key_mark: markOf(key),
      model,
      prompt,
      request: { path, body, idempotency_key: idempotent ? deps.uuid() : null },
      task_id: null,
      ...money,
      target,
      download,
    },
    deps,
  );
}

function explained(error: CliError, command: JobCommand, state: State, deps: Deps): CliError {
  return adviseOn(error, {
    kind: command.kind,
    record: state.job?.record ?? null,
    journaled: command.flags.journal,
    gateway: state.connection?.gateway ?? null,
    keySource: state.connection?.key?.source ?? null,
    maxRetryWaitMs: state.connection?.settings.maxRetryWaitMs ?? null,
    machine: machineOf(deps),
  });
}

function documentFields(
  command: JobCommand,
  state: State,
  { startedAt, warnings }: Run,
  deps: Deps,
): MediaCall {
  const { kind, flags } = command;
  const record = state.job?.record ?? null;
  const fields = jobFields(record, flags.urls === true);
  return {
    ...documentHead(kind),
    ...fields,
    gateway: fields.gateway ?? state.connection?.gateway.id ?? null,
    requested_model: fields.requested_model ?? state.plan?.model ?? flags.model ?? null,
    job_id: flags.journal ? fields.job_id : null,
    rate_limit: state.rateLimit,
    timing: { total_ms: Math.round(deps.clock.monotonic() - startedAt) },
    attempts: record?.create.attempts ?? 0,
    warnings: [...warnings],
  };
}

/** Resolves to the caps. Throws `CliError` budget, or local_io if the budget cannot be recorded; nothing was sent then. */
async function* holdBudget(
  { flags, kind }: Pick<JobCommand, 'flags' | 'kind'>,
  bound: Bound,
  { call, tags }: { call: string; tags: readonly string[] },
  { gateway, settings }: Pick<Connection, 'gateway' | 'settings'>,
  deps: Deps,
): AsyncGenerator<OutputEvent, readonly Cap[], undefined> {
  const { budget, places } = settings;
  const caps = capsOf(budget, flags.maxCost, tags);
  if (caps.length === 0) return caps;
  refuseWorthless(caps, bound);
  refuseCall(caps, bound, `this ${kind}`, [say('request less')]);
  yield* sayOpen(caps, bound);
  const purchase = { call, gateway: gateway.id, tags, caps, bound };
  const patience = patienceOf(flags, settings.deadlineAt);
  yield* reserve(purchase, bookOf(places, gateway.id), patience, deps);
  return caps;
}
