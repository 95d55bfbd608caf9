/** One paid job, from its plan to its files: journal, books, the work, and the document at the end. `image` and `video` only plan. */
import { cancelVideo } from '../../client/video-tasks.ts';
import type { Deps } from '../../deps.ts';
import type { CliError } from '../../errors.ts';
import type { OutputEvent } from '../../events.ts';
import { buyersError, jobError } from '../../jobs/after-purchase.ts';
import { writeIntent, writeOutcome } from '../../jobs/books.ts';
import { carryOn } from '../../jobs/carry-on.ts';
import { type Job, type Journal, memoryJournal, openJournal } from '../../jobs/journal.ts';
import type { World } from '../../jobs/world.ts';
import { unknownCost } from '../../money/amount.ts';
import { errorDocument, toCliError } from '../../render/failure.ts';
import type { TaskRecord } from '../../schemas/task-record.ts';
import { errorWithoutKey, withoutKey } from '../without-key.ts';
import { cancelled } from './cancelled.ts';
import { jobFields } from './document.ts';
import { adviseOn } from './hints.ts';
import { endOfWait, type MediaFlags } from './options.ts';
import { openSession, type Session } from './session.ts';
import { streamToStdout } from './to-stdout.ts';

/** Everything that is decided before the purchase. */
export interface JobPlan {
  model: string;
  prompt: string;
  /** Below the base URL. */
  path: string;
  body: Record<string, unknown>;
  /** The gateway recognises a repeated request by its key. */
  idempotent: boolean;
  target: TaskRecord['target'];
  download: boolean;
  /** The result goes to standard output and to no file. */
  toStdout: boolean;
}

export interface JobCommand {
  kind: 'image' | 'video';
  flags: MediaFlags & { cancelOnInterrupt?: boolean; preview?: boolean };
  /** Throws `CliError` usage where the gateway lacks it, before a key is looked for. */
  check(session: Session['settings']): void;
  /** Reads files, uploads them, and asks whether the result can be saved. */
  plan(session: Session): AsyncGenerator<OutputEvent, JobPlan, undefined>;
}

interface State {
  startedAt: number;
  session: Session | null;
  job: Job | null;
  plan: JobPlan | null;
  warnings: string[];
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
  };
  try {
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
    const plan = yield* command.plan(session);
    state.plan = plan;
    if (flags.async && session.ephemeral)
      yield {
        type: 'warning',
        message: 'this sandbox ends with the command, and the task with it; alltoken sandbox stays',
      };
    const { places } = session.settings;
    const journal = flags.journal
      ? openJournal(places.tasks, deps)
      : memoryJournal(plan.target.directory, deps);
    const job = await journal.begin(newRecord(command.kind, plan, session, deps));
    job.conceal(session.key?.value ?? null);
    state.job = job;
    yield* keepBooks(command, plan, session, journal, job, state, deps);
  } finally {
    await session.close();
  }
}

async function* keepBooks(
  command: JobCommand,
  plan: JobPlan,
  session: Session,
  journal: Journal,
  job: Job,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { ledger } = session.settings.places;
  const problem = await writeIntent(ledger, job.record, deps);
  if (problem !== null) yield { type: 'warning', message: problem };
  let failure: CliError | null = null;
  try {
    yield* doJob(command, plan, session, journal, job, state, deps);
  } catch (thrown) {
    failure = buyersError(toCliError(jobError(thrown, job.record)), job.record);
    throw failure;
  } finally {
    // Also when nobody listens any more; so nothing is said in here.
    await writeOutcome(ledger, job.record, failure, deps);
    await job.release().catch(() => {});
  }
  const { answered_model: model, usage, cost } = job.record;
  if (usage !== null) yield { type: 'usage', model, usage };
  yield { type: 'cost', cost };
}

async function* doJob(
  command: JobCommand,
  plan: JobPlan,
  session: Session,
  journal: Journal,
  job: Job,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags } = command;
  const world: World = {
    gateway: session.gateway,
    headers: session.headers,
    policy: session.policy,
    fetch: session.fetch,
    storage: session.storage,
    journal,
    untilAt: endOfWait(flags, state.startedAt),
    deps,
  };
  yield { type: 'start', command: command.kind, gateway: session.gateway.id, model: plan.model };
  const manner = { mayCreate: true, askNow: false, save: !plan.toStdout };
  try {
    yield* carryOn(job, world, { ...manner, submitOnly: flags.async === true });
  } catch (thrown) {
    if (flags.cancelOnInterrupt === true && deps.signal.aborted) yield* cancelNow(job, world);
    throw thrown;
  }
  if (plan.toStdout && job.record.state === 'received') yield* streamToStdout(job, world);
  if (flags.preview === true) yield* previews(job, deps);
}

function newRecord(
  kind: JobCommand['kind'],
  plan: JobPlan,
  session: Session,
  deps: Deps,
): TaskRecord {
  const now = new Date(deps.clock.now()).toISOString();
  return {
    v: 1,
    id: `job_${deps.uuid().replaceAll('-', '').slice(-12)}`,
    kind,
    state: 'submitting',
    created_at: now,
    updated_at: now,
    gateway: session.gateway.id,
    base_url: session.gateway.baseUrl,
    ephemeral: session.ephemeral,
    key_mark: session.keyMark,
    model: plan.model,
    prompt: plan.prompt,
    call: deps.uuid(),
    create: {
      path: plan.path,
      body: plan.body,
      idempotency_key: plan.idempotent ? deps.uuid() : null,
      first_sent_at: now,
      attempts: 0,
    },
    task_id: null,
    request_id: null,
    status: null,
    target: plan.target,
    download: plan.download,
    body: null,
    items: [],
    remains: null,
    answered_model: null,
    usage: null,
    cost: unknownCost,
    error: null,
  };
}

/** The signal is up, so this request has one of its own; a second Ctrl-C ends it all the same. */
async function* cancelNow(job: Job, world: World): AsyncGenerator<OutputEvent, void, undefined> {
  const { gateway, headers, policy, fetch, deps } = world;
  const { state, task_id: taskId } = job.record;
  if (state !== 'submitted' || taskId === null) return;
  const place = { url: `${gateway.baseUrl}${gateway.routes.videos ?? ''}`, headers, policy };
  const last = { ...deps, signal: AbortSignal.timeout(5000) };
  try {
    const { task, late } = yield* cancelVideo(place, taskId, fetch, last);
    const isOver = task.status === 'cancelled';
    if (isOver) await job.update({ state: 'ended', status: 'cancelled', error: cancelled });
    const message = late
      ? `${taskId} had already ended: ${task.word}`
      : `${taskId} is ${isOver ? 'cancelled' : `not cancelled yet: ${task.word}`}`;
    yield { type: 'status', message };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it failed';
    yield { type: 'warning', message: `${taskId} could not be cancelled: ${why}` };
  }
}

async function* previews(job: Job, deps: Deps): AsyncGenerator<OutputEvent, void, undefined> {
  // The library looks at standard output to see what the terminal can do.
  if (!deps.stderr.isTerminal || !deps.stdout.isTerminal) {
    yield { type: 'status', message: 'no terminal to show the picture on' };
    return;
  }
  for (const { saved } of job.record.items) {
    if (saved === null || !saved.mime.startsWith('image/')) continue;
    const bytes = await deps.files.read(saved.path, 64 * 1024 * 1024).catch(() => null);
    if (bytes !== null) yield { type: 'preview', bytes };
  }
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
