/** Resumes one job: locks it, connects to its gateway, continues it and records the outcome. It never buys again. */

import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { lossOf } from '../../base/loss.ts';
import { sayUnheard } from '../../base/unheard.ts';
import type { Settings } from '../../config/settings.ts';
import { billedError, jobError } from '../../jobs/after-purchase.ts';
import { carryOn } from '../../jobs/carry-on.ts';
import { adopt, mayRepeat } from '../../jobs/create-step.ts';
import { listTasks, shownId } from '../../jobs/hints.ts';
import type { Job } from '../../jobs/job.ts';
import { outcomeOf, writeIntent } from '../../jobs/job-ledger-lines.ts';
import type { Journal } from '../../jobs/journal.ts';
import { isOpen } from '../../jobs/states.ts';
import { type Cap, capsOf } from '../../money/budget/caps.ts';
import { release, reserve, settleHere } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import { adviseOn } from '../advice.ts';
import { unknownBound } from '../caps.ts';
import { type Connection, jobContextOf, openConnection } from '../connection.ts';
import { bookPrice } from '../media/book-price.ts';
import { markOf } from '../media/key-mark.ts';
import { endOfWait } from '../media/options.ts';
import { endsWithCommand } from '../open-gateway.ts';
import { errorWithoutKey, withoutKey } from '../redact-key.ts';
import { endOf, taskDocument } from './document.ts';
import { unknownTask } from './find.ts';
import type { ResumeFlags } from './options.ts';
import { flagsOf } from './options.ts';
import { changeTarget, reopen } from './retarget.ts';

/** What the user was told on the way. */
interface Said {
  /** The ledger cannot be written: a second warning about the same directory adds nothing. */
  isLedgerLost: boolean;
}

export interface Resumed {
  task: TaskDocument;
  error: CliError | null;
}

/** A job of the journal; `isNew`: put there just now, by a task id that nobody has confirmed. */
export interface Found {
  id: string;
  isNew: boolean;
}

/** Adds the outcome to `done`; throws only errors that are not about this job. */
export async function* resumeOne(
  { id, isNew }: Found,
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
  const used: Used = { keySource: null, isNew };
  try {
    yield* takeUp(job, flags, startedAt, journal, used, deps);
    error = endOf(job.record);
  } catch (thrown) {
    error = withAdvice(thrown, job, used);
    if (isUnheardOf(error, job, used)) await journal.remove(job);
  } finally {
    await job.release().catch(() => {});
  }
  done.push({ task: taskDocument(job.record, error, null), error });
}

/** What a resume has found of its way to the gateway, for what it says of a failure. */
interface Used {
  keySource: string | null;
  isNew: boolean;
}

/** A task that neither the journal nor, as far as anybody knows, the gateway has: it is not recorded. */
function isUnheardOf(error: CliError, { record }: Job, { isNew }: Used): boolean {
  if (record.create.path !== '' || record.state !== 'submitted') return false;
  return error.exit === 'not_found' || (isNew && (error.exit === 'usage' || error.mayRunAgain));
}

async function* takeUp(
  job: Job,
  flags: ResumeFlags,
  startedAt: number,
  journal: Journal,
  used: Used,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (flags.adopt !== undefined && !isOpen(job.record.state)) throw hasItsTask(job);
  if (isOpen(job.record.state)) await changeTarget(job, flags, deps);
  const wasDone = job.record.state === 'done';
  if (wasDone) yield* reopen(job, flags, deps);
  if (!isOpen(job.record.state)) return;
  const connection = yield* openConnection(
    flagsOf(job.record, flags, deps),
    startedAt,
    () => {},
    deps,
  );
  const key = connection.key?.value ?? null;
  used.keySource = connection.key?.source ?? null;
  job.conceal(key);
  const said: Said = { isLedgerLost: false };
  // The proxy books what it ordered, if it is still the same one.
  const { proxied, base_url: orderedAt } = job.record;
  const isBooked = proxied === true && connection.gateway.baseUrl === orderedAt;
  let failure: CliError | null = null;
  let isWhole = false;
  let unwritten: string | null = null;
  try {
    for await (const event of carry(job, flags, startedAt, connection, journal, said, deps))
      yield withoutKey(event, key);
    if (!wasDone) yield* bookPrice(job, connection, deps);
    isWhole = true;
  } catch (thrown) {
    failure = errorWithoutKey(
      waitOver(billedError(toCliError(jobError(thrown, job.record)), job.record)),
      key,
    );
  } finally {
    // A job that was already done has its ledger line: a second one would count its cost twice, perhaps in another month.
    const isNothing = failure !== null && isUnheardOf(failure, job, used);
    if (!wasDone && !isBooked && !isNothing)
      unwritten = await writeOutcome(job, failure, startedAt, connection, deps);
    if (said.isLedgerLost) unwritten = null;
    if (!isWhole && failure === null) await sayUnheard(unwritten, deps);
    await connection.close();
  }
  if (unwritten !== null) yield lossOf('ledger', unwritten);
  if (failure !== null) throw failure;
  const { answered_model: model, usage, cost } = job.record;
  yield { type: 'settled', model, usage, cost };
}

/** Returns null, or why it is not in the ledger; a budget counts it all the same. */
async function writeOutcome(
  job: Job,
  failure: CliError | null,
  startedAt: number,
  { settings, gateway, key }: Connection,
  deps: Deps,
): Promise<string | null> {
  const { places } = settings;
  const line = outcomeOf(job.record, failure, startedAt, deps);
  const unwritten = await appendLedger(places.ledger, line, key?.value ?? null, deps);
  if (unwritten !== null)
    await settleHere(line, capsOn(job, settings), bookOf(places, gateway.id), deps).catch(() => {});
  return unwritten;
}

async function* carry(
  job: Job,
  flags: ResumeFlags,
  startedAt: number,
  connection: Connection,
  journal: Journal,
  said: Said,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  // The embedded gateway of this process is not the one that the task was bought from.
  const { base_url: baseUrl, proxied } = job.record;
  const isElsewhere = proxied === true || connection.settings.isProxied;
  const gateway = isElsewhere ? connection.gateway : { ...connection.gateway, baseUrl };
  const untilAt = endOfWait(flags, startedAt);
  const context = jobContextOf({ ...connection, gateway }, { journal, untilAt, deps });
  const mark = job.record.key_mark;
  const isSameKey = mark === markOf(connection.key);
  if (mark !== null && !isSameKey && !isElsewhere)
    yield {
      type: 'warning',
      message: `${shownId(job.record)} was created with another key; this one may not have access to it`,
    };
  if (flags.adopt !== undefined) yield* adoptNamed(job, flags.adopt);
  // The gateway remembers a create request per key: with another key it would be a new purchase. A job that has its task sends
  // none, and an intent behind its outcome would stand for a call that never ends.
  const repeats =
    flags.all !== true &&
    isSameKey &&
    job.record.state === 'submitting' &&
    job.record.kind === 'image' &&
    mayRepeat(job.record, context);
  const mayCreate = repeats && (yield* admit(job, connection, said, deps));
  const isOrphan = job.record.ephemeral && !endsWithCommand(baseUrl);
  const options = { mayCreate, askNow: true, isOrphan, submitOnly: false, save: true };
  yield* carryOn(job, context, options);
}

/**
 * Holds a create request that is sent again against the caps, as the first one was: others may have used them up since. The
 * process that began may also have died before its line was in the ledger. Returns false where it must not be sent.
 */
async function* admit(
  job: Job,
  { settings, gateway, key }: Connection,
  said: Said,
  deps: Deps,
): AsyncGenerator<OutputEvent, boolean, undefined> {
  if (settings.isProxied) return true;
  const { places } = settings;
  const { call, tags = [] } = job.record;
  const caps = capsOn(job, settings);
  const bound = unknownBound('an image');
  const book = bookOf(places, gateway.id);
  // What is left of the time in which it may be sent is not spent on waiting for others.
  const patience = { holdMs: 0, deadlineAt: null };
  try {
    yield* reserve({ call, gateway: gateway.id, tags, caps, bound }, book, patience, deps);
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    yield { type: 'warning', message: error.message };
    return false;
  }
  if (caps.length > 0) await job.update({ bound: bound.amount });
  const problem = await writeIntent(places.ledger, job.record, key?.value ?? null, deps);
  if (problem === null) return true;
  said.isLedgerLost = true;
  yield lossOf('ledger', problem);
  if (caps.every(({ per }) => per === 'call')) return true;
  await release(call, caps, book, deps).catch(() => {});
  return false;
}

/** Only a flag could cap a single job, and its price is not known. */
function capsOn({ record }: Job, { budget }: Settings): Cap[] {
  return capsOf(budget, undefined, record.tags ?? []);
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

function withAdvice(thrown: unknown, job: Job, used: Used): CliError {
  const { record } = job;
  const error = toCliError(jobError(thrown, record));
  const isNothing = isUnheardOf(error, job, used);
  if (isNothing && error.exit === 'not_found')
    return error.changed({ next: listTasks(record.gateway) });
  return adviseOn(error, {
    kind: 'tasks resume',
    record,
    journaled: !isNothing,
    gateway: null,
    keySource: used.keySource,
    maxRetryWaitMs: null,
  });
}
