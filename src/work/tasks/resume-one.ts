/** Resumes one job: locks it, connects to its gateway, continues it and records the outcome. It never buys again. */
import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { billedError, jobError } from '../../jobs/after-purchase.ts';
import { carryOn } from '../../jobs/carry-on.ts';
import { adopt, mayRepeat } from '../../jobs/create-step.ts';
import { shownId } from '../../jobs/hints.ts';
import type { Job } from '../../jobs/job.ts';
import { outcomeOf, writeIntent } from '../../jobs/job-ledger-lines.ts';
import type { Journal } from '../../jobs/journal.ts';
import { isOpen } from '../../jobs/states.ts';
import { capsOf } from '../../money/budget/caps.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import { adviseOn } from '../advice.ts';
import { type Connection, jobContextOf, openConnection } from '../connection.ts';
import { bookPrice } from '../media/book-price.ts';
import { markOf } from '../media/key-mark.ts';
import { endOfWait } from '../media/options.ts';
import { errorWithoutKey, withoutKey } from '../redact-key.ts';
import { endOf, taskDocument } from './document.ts';
import { unknownTask } from './find.ts';
import type { ResumeFlags } from './options.ts';
import { flagsOf } from './options.ts';
import { changeTarget, reopen } from './retarget.ts';

export interface Resumed {
  task: TaskDocument;
  error: CliError | null;
}

/** Adds the outcome to `done`; throws only errors that are not about this job. */
export async function* resumeOne(
  id: string,
  flags: ResumeFlags,
  startedAt: number,
  journal: Journal,
  done: Resumed[],
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const job = await journal.open(id);
  if (job === null) throw unknownTask(id);
  if ('heldBy' in job) {
    const { records } = await journal.list();
    const record = records.find((one) => one.id === id);
    if (record === undefined) throw unknownTask(id);
    const error = inUse(record.task_id ?? id, job.heldBy);
    done.push({ task: taskDocument(record, error, job.heldBy), error });
    return;
  }
  let error: CliError | null = null;
  try {
    yield* takeUp(job, flags, startedAt, journal, deps);
    error = endOf(job.record);
  } catch (thrown) {
    error = withAdvice(thrown, job);
    // A task that neither the journal nor the gateway has is not recorded.
    if (error.exit === 'not_found' && job.record.create.path === '') await journal.remove(job);
  } finally {
    await job.release().catch(() => {});
  }
  done.push({ task: taskDocument(job.record, error, null), error });
}

async function* takeUp(
  job: Job,
  flags: ResumeFlags,
  startedAt: number,
  journal: Journal,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (flags.adopt !== undefined && !isOpen(job.record.state)) throw hasItsTask(job);
  if (isOpen(job.record.state)) await changeTarget(job, flags, deps);
  const wasDone = job.record.state === 'done';
  if (wasDone) yield* reopen(job, flags, deps);
  if (!isOpen(job.record.state)) return;
  const connection = yield* openConnection(flagsOf(job.record, flags), startedAt, () => {}, deps);
  const key = connection.key?.value ?? null;
  job.conceal(key);
  const { places, isProxied } = connection.settings;
  let failure: CliError | null = null;
  try {
    for await (const event of carry(job, flags, startedAt, connection, journal, deps))
      yield withoutKey(event, key);
    if (!wasDone) yield* bookPrice(job, connection, deps);
  } catch (thrown) {
    failure = errorWithoutKey(
      waitOver(billedError(toCliError(jobError(thrown, job.record)), job.record)),
      key,
    );
    throw failure;
  } finally {
    // A job that was already done has its ledger line: a second one would count its cost twice, perhaps in another month.
    const line = outcomeOf(job.record, failure, startedAt, deps);
    if (!wasDone && !isProxied) await appendLedger(places.ledger, line, key, deps);
    await connection.close();
  }
  const { answered_model: model, usage, cost } = job.record;
  yield { type: 'settled', model, usage, cost };
}

async function* carry(
  job: Job,
  flags: ResumeFlags,
  startedAt: number,
  connection: Connection,
  journal: Journal,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  // The embedded gateway of this process is not the one that the task was bought from.
  const gateway = { ...connection.gateway, baseUrl: job.record.base_url };
  const untilAt = endOfWait(flags, startedAt);
  const context = jobContextOf({ ...connection, gateway }, { journal, untilAt, deps });
  const mark = job.record.key_mark;
  const isSameKey = mark === markOf(connection.key);
  if (mark !== null && !isSameKey)
    yield {
      type: 'warning',
      message: `${shownId(job.record)} was created with another key; this one may not have access to it`,
    };
  if (flags.adopt !== undefined) yield* adoptNamed(job, flags.adopt);
  // The gateway remembers a create request per key: with another key it would be a new purchase.
  const repeats =
    flags.all !== true &&
    isSameKey &&
    job.record.kind === 'image' &&
    mayRepeat(job.record, context);
  const mayCreate = repeats && (yield* writeDown(job, connection, deps));
  yield* carryOn(job, context, { mayCreate, askNow: true, submitOnly: false, save: true });
}

/** The process that began may have died before its line was in the ledger. Returns false where budgets need the line and it cannot be written. */
async function* writeDown(
  job: Job,
  { settings, key }: Connection,
  deps: Deps,
): AsyncGenerator<OutputEvent, boolean, undefined> {
  if (settings.isProxied) return true;
  const problem = await writeIntent(settings.places.ledger, job.record, key?.value ?? null, deps);
  if (problem === null) return true;
  yield { type: 'warning', message: problem };
  const caps = capsOf(settings.config.budget, undefined, job.record.tags ?? []);
  return caps.every(({ per }) => per === 'call');
}

function hasItsTask(job: Job): CliError {
  return new CliError('usage', `--adopt: this job already has its task, ${job.record.task_id}`, {
    code: 'bad_flag',
  });
}

/** Only a job whose create response was lost has no task of its own. */
async function* adoptNamed(job: Job, taskId: string): AsyncGenerator<OutputEvent, void, undefined> {
  const { state, adopted } = job.record;
  if (state !== 'submitting' && !(state === 'submitted' && adopted)) throw hasItsTask(job);
  yield* adopt(job, taskId, null, job.record.create.attempts);
  await job.update({ adopted: true });
}

function inUse(id: string, processId: number): CliError {
  return new CliError('still_running', `process ${processId} is working on ${id}`, {
    code: 'in_use',
    taskId: id,
    billed: 'unknown',
    next: [
      { do: 'say', words: 'wait for it' },
      { do: 'run', argv: ['kill', String(processId)], why: 'stop it' },
    ],
  });
}

/** --timeout ends the wait like --wait does: the job can be resumed. */
function waitOver(error: CliError): CliError {
  return error.details.code === 'total_timeout'
    ? new CliError('still_running', error.message, error.details)
    : error;
}

function withAdvice(thrown: unknown, job: Job): CliError {
  return adviseOn(toCliError(jobError(thrown, job.record)), {
    kind: 'tasks resume',
    record: job.record,
    journaled: true,
    gateway: null,
    keySource: null,
    maxRetryWaitMs: null,
  });
}
