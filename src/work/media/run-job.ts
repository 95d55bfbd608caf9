/** One paid job, from its plan to its files: budget, journal, the work with its books, and the document at the end. `image` and `video` only plan. */
import type { Deps } from '../../base/deps.ts';
import { errorDocument, toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';
import { tagsOf } from '../../flags/money-flags.ts';
import type { Job } from '../../jobs/job.ts';
import { openJournal } from '../../jobs/journal.ts';
import { memoryJournal } from '../../jobs/memory-journal.ts';
import { newRecord } from '../../jobs/new-record.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { openSession, type Session } from '../connection.ts';
import { errorWithoutKey, withoutKey } from '../redact-key.ts';
import { jobFields } from './document.ts';
import { dryRun } from './dry-run.ts';
import { adviseOn } from './hints.ts';
import { holdBudget } from './hold-budget.ts';
import type { JobCommand, JobPlan } from './job-command.ts';
import { keepBooks } from './keep-books.ts';

interface State {
  startedAt: number;
  session: Session | null;
  job: Job | null;
  plan: JobPlan | null;
  warnings: string[];
  tags: readonly string[];
}

export async function* runJob(
  command: JobCommand,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const state: State = {
    startedAt: deps.clock.monotonic(),
    session: null,
    job: null,
    plan: null,
    warnings: [],
    tags: [],
  };
  try {
    state.tags = tagsOf(command.flags, deps);
    if (command.flags.dryRun === true) {
      yield* dryRun(command, state.tags, deps);
      return;
    }
    for await (const event of work(command, state, deps)) {
      const shown = withoutKey(event, state.session?.key?.value ?? null);
      if (shown.type === 'warning') state.warnings.push(shown.message);
      yield shown;
    }
    const fields = documentFields(command, state, deps);
    yield { type: 'result', ok: true, exit: 0, ...fields } as OutputEvent;
  } catch (thrown) {
    const error = settledError(thrown, command, state);
    if (command.flags.debug && error.exit === 'internal' && error.cause instanceof Error)
      yield { type: 'trace', level: 'debug', message: error.cause.stack ?? error.cause.message };
    const fields = documentFields(command, state, deps);
    const document = { ok: false, exit: error.exitCode, ...fields, error: errorDocument(error) };
    yield { type: 'error', ...document } as OutputEvent;
  }
}

async function* work(
  command: JobCommand,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags } = command;
  const session = yield* openSession(flags, state.startedAt, command.check, deps);
  state.session = session;
  try {
    const plan = await command.plan(session);
    for (const message of plan.warnings) yield { type: 'warning', message };
    state.plan = plan;
    const record = recordOf(command.kind, plan, state.tags, session, deps);
    const caps = yield* holdBudget(command, plan.bound, record, session.settings, deps);
    if (caps.length > 0) record.bound = plan.bound.amount;
    if (!plan.bound.blind && plan.bound.open === null) {
      const asOf = session.gateway.media.video?.prices?.asOf;
      record.estimate = plan.bound.amount;
      yield {
        type: 'status',
        message: `this ${command.kind} costs $${plan.bound.amount} by the list${asOf === undefined ? '' : ` of ${asOf}`}`,
      };
    }
    yield* plan.prepare(session);
    if (flags.async && session.ephemeral)
      yield {
        type: 'warning',
        message: 'this sandbox ends with the command, and the task with it; alltoken sandbox stays',
      };
    const { places } = session.settings;
    const journal = flags.journal
      ? openJournal(places.tasks, deps)
      : memoryJournal(plan.target.directory, deps);
    record.create = { ...record.create, first_sent_at: new Date(deps.clock.now()).toISOString() };
    const job = await journal.begin(record);
    job.conceal(session.key?.value ?? null);
    state.job = job;
    const { startedAt } = state;
    yield* keepBooks({ command, plan, caps, session, journal, job, startedAt, deps });
  } finally {
    await session.close();
  }
}

function recordOf(
  kind: JobCommand['kind'],
  { idempotent, ...plan }: JobPlan,
  tags: readonly string[],
  session: Session,
  deps: Deps,
): TaskRecord {
  const { path, body, model, prompt, target, download } = plan;
  const { gateway, ephemeral, keyMark } = session;
  return newRecord(
    {
      kind,
      state: 'submitting',
      gateway: gateway.id,
      base_url: gateway.baseUrl,
      ephemeral,
      key_mark: keyMark,
      model,
      prompt,
      request: { path, body, idempotency_key: idempotent ? deps.uuid() : null },
      task_id: null,
      tags: [...tags],
      target,
      download,
    },
    deps,
  );
}

function settledError(thrown: unknown, command: JobCommand, state: State): CliError {
  const clean = errorWithoutKey(toCliError(thrown), state.session?.key?.value ?? null);
  return adviseOn(clean, {
    kind: command.kind,
    record: state.job?.record ?? null,
    kept: command.flags.journal,
    gateway: state.session?.gateway ?? null,
    keySource: state.session?.key?.source ?? null,
    maxRetryWaitMs: state.session?.settings.maxRetryWaitMs ?? null,
  });
}

function documentFields(command: JobCommand, state: State, deps: Deps): object {
  const { kind, flags } = command;
  const record = state.job?.record ?? null;
  const fields = jobFields(record);
  return {
    schema: `alltoken.${kind}.v1`,
    command: kind,
    ...fields,
    gateway: fields.gateway ?? state.session?.gateway.id ?? null,
    requested_model: fields.requested_model ?? state.plan?.model ?? flags.model ?? null,
    job_id: flags.journal ? fields.job_id : null,
    timing: { total_ms: Math.round(deps.clock.monotonic() - state.startedAt) },
    attempts: record?.create.attempts ?? 0,
    warnings: [...state.warnings],
  };
}
