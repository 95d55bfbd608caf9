/** Takes a job from its current state to its end. The table of states says what each step does. It never sends a second paid request. */

import { CliError } from '../base/errors.ts';
import { lossOf } from '../base/loss.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { awaitResult, refresh } from './await-step.ts';
import { submit } from './create-step.ts';
import { gone, inJournal, sandboxEnded, stepsAfter } from './endings.ts';
import { orderedOf } from './items.ts';
import type { Job } from './job.ts';
import type { CarryOnOptions, JobContext } from './job-context.ts';
import { agesOf } from './moment.ts';
import { saveItem } from './save-item.ts';
import { isOpen, type OpenState } from './states.ts';
import { temporaryPath } from './temporary.ts';

type Step = (
  job: Job,
  context: JobContext,
  options: CarryOnOptions,
) => AsyncGenerator<OutputEvent, void, undefined>;

/** There are three steps; a response that was deleted adds a few more. */
const MAX_ROUNDS = 8;

const steps: Record<OpenState, Step> = {
  submitting: submit,
  submitted: awaitResult,
  received: saveAll,
};

/** Until every file is saved, or `options.save` is false and the result is available. Throws one `CliError`; the record has the state. */
export async function* carryOn(
  job: Job,
  context: JobContext,
  options: CarryOnOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (options.isOrphan && (await isLost(job, context)))
    throw await gone(job, sandboxEnded(job.record), context, { status: null });
  let { state } = job.record;
  for (let round = 0; isOpen(state); round += 1) {
    if (state === 'received' && !options.save) return;
    if (state === 'submitted' && options.submitOnly) return;
    if (round === MAX_ROUNDS) throw new Error(`job ${job.record.id} does not come to its end`);
    yield* steps[state](job, context, options);
    state = job.record.state;
  }
}

/** The sandbox it was ordered from ended with its process, and what is on disk is not the whole result. Of one that waits for it, the step knows. */
async function isLost({ record, file }: Job, { deps: { files } }: JobContext): Promise<boolean> {
  if (!isOpen(record.state) || record.state === 'submitted') return false;
  for (const ending of ['body', 'reply'] as const)
    if (await files.isTaken(file(ending))) return false;
  for (const { saved, saving, part } of record.items) {
    if (saved !== null || saving !== null) continue;
    if (part === null || (await files.status(part.path))?.bytes !== part.total) return true;
  }
  return record.items.length === 0;
}

/** One item that cannot be saved does not stop the others. */
async function* saveAll(
  job: Job,
  context: JobContext,
  { askNow }: CarryOnOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (await bodyIsLost(job, context)) return;
  const failures = new Map<number, CliError>();
  if (job.record.download) {
    const all = [...job.record.items.keys()];
    yield* saveEach(all, saveItem, failures, job, context);
    yield* refreshAndSave(failures, askNow, job, context);
  }
  const [first] = failures.values();
  if (first !== undefined) throw together(job, first, [...failures.values()]);
  const short = shortfall(job.record);
  const error = short === null ? job.record.error : inJournal(short);
  const problem = await job.update({ state: 'done', body: null, error });
  if (problem !== null) yield lossOf('journal', problem);
  // Every file is saved, so the source only takes disk space; but a record that does not say so still relies on it.
  if (!job.isBehind) await removeSources(job, context);
  if (short !== null) throw short;
}

/** Failing to remove one is not an error. */
async function removeSources(job: Job, context: JobContext): Promise<void> {
  const { files } = context.deps;
  for (const path of [job.file('body'), job.file('half'), ...partsInJournal(job, context)])
    await files.remove(path).catch(() => {});
}

/** Fewer than were ordered; null when there are enough. The rest will never come. */
function shortfall(record: TaskRecord): CliError | null {
  const ordered = orderedOf(record);
  const count = record.items.filter(({ role }) => role !== 'last_frame').length;
  if (ordered === null || count >= ordered) return null;
  return new CliError('partial', `the gateway made ${count} of the ${ordered} ordered images`, {
    code: 'fewer_than_ordered',
    taskId: record.task_id ?? undefined,
    billed: 'yes',
    next: stepsAfter({ exit: 'partial' }),
  });
}

/** `-o -` writes its file beside the response; a killed process leaves it there. */
function partsInJournal(job: Job, { deps }: JobContext): string[] {
  const directory = job.file('body').replace(/[\\/][^\\/]*$/, '');
  const { target, items } = job.record;
  return directory === target.directory
    ? []
    : items.map((_, index) => temporaryPath(job, index, directory, deps));
}

type Save = typeof saveItem;

/** An error of one is noted in `failures`; it is taken out once the item is saved. */
async function* saveEach(
  indexes: readonly number[],
  save: Save,
  failures: Map<number, CliError>,
  job: Job,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  for (const index of indexes) {
    try {
      yield* save(job, index, context);
      failures.delete(index);
    } catch (error) {
      if (!(error instanceof CliError) || error.isStop) throw error;
      failures.set(index, error);
    }
  }
}

/** For dead URLs, or data that is no image, the result is requested once more: when all that can be saved is saved, because the new response takes the place of the old one. */
async function* refreshAndSave(
  failures: Map<number, CliError>,
  isResumed: boolean,
  job: Job,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const bad = [...failures].filter(
    ([
      ,
      {
        details: { code },
      },
    ]) => worthRefreshing.has(code) || (isResumed && worthRefreshingLater.has(code)),
  );
  if (bad.length === 0) return;
  for (const [, { message }] of bad)
    yield { type: 'warning', message: `${message}; requesting it again` };
  const mayCome = bad.some(([, error]) => mayStillCome(error, 0, job, context));
  const isDead = [...failures].every(([index, error]) => isHopeless(job, index, error));
  try {
    const isFresh = yield* refreshOrNot(job, context, isDead && !mayCome);
    if (!isFresh && !mayCome) return;
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    for (const [index] of bad) failures.set(index, error);
    return;
  }
  const indexes = bad.map(([index]) => index);
  yield* saveEach(indexes, saveWhenThere, failures, job, context);
}

/** What is here will not get better: an address that is dead, or a response without an address that has no image in it. */
function isHopeless({ record }: Job, index: number, { details }: CliError): boolean {
  const isOnlyHere = record.body !== null && record.items[index]?.url === null;
  return details.code === 'dead_url' || (details.code === 'not_an_image' && isOnlyHere);
}

/** Codes after which the gateway may name another address, or send the data again. */
const worthRefreshing: ReadonlySet<string | undefined> = new Set([
  ...['dead_url', 'not_a_file', 'empty_file', 'not_an_image', 'not_a_video', 'no_result'],
]);

/** The gateway named the address a moment ago; after some time it may name another. */
const worthRefreshingLater: ReadonlySet<string | undefined> = new Set([
  ...['unsafe_url', 'redirect', 'unexpected_status', 'encoded', 'bad_range'],
]);

/** A storage may not have a file yet that the gateway has just named. */
const SETTLING_MS = 30_000;
const settlingPauses: readonly number[] = [1000, 2000, 4000, 8000];

async function* saveWhenThere(
  job: Job,
  index: number,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { clock, signal } = context.deps;
  for (let tried = 0; ; tried += 1) {
    try {
      return yield* saveItem(job, index, context);
    } catch (error) {
      const pause = settlingPauses[tried];
      if (pause === undefined || !mayStillCome(error, pause, job, context)) throw error;
      const { message, exit } = error as CliError;
      const reason = `${message} [${exit}]; it may not be there yet`;
      const { model } = job.record;
      yield { type: 'retry', attempt: tried + 2, wait_ms: pause, model, reason };
      await clock.sleep(pause, signal);
    }
  }
}

function mayStillCome(
  error: unknown,
  pause: number,
  job: Job,
  { deps, policy }: JobContext,
): boolean {
  if (!(error instanceof CliError) || error.details.code !== 'dead_url') return false;
  // A response with the result and no task was whole when it came.
  if (job.record.task_id === null) return false;
  const { received_at: at = '', received_boot: boot = null } = job.record;
  const { wall, boot: sinceThen } = agesOf({ at, boot }, deps);
  // One of the clocks may have been set since: what has just come is not given up for that.
  const isYoung = [wall, sinceThen].some((age) => Math.abs(age) < SETTLING_MS);
  const left = (policy.deadlineAt ?? Number.POSITIVE_INFINITY) - deps.clock.monotonic();
  return error.details.status === NOT_FOUND && isYoung && pause < left;
}

const NOT_FOUND = 404;

/** A new request may find that the result is gone: the end, unless a response on disk can still be used. */
async function* refreshOrNot(
  job: Job,
  context: JobContext,
  final: boolean,
): AsyncGenerator<OutputEvent, boolean, undefined> {
  try {
    return yield* refresh(job, context);
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    if (!final) return false;
    const over = error.exit === 'already_retrieved' || error.exit === 'expired';
    if (over && job.record.state !== 'gone') throw await gone(job, error, context);
    if (over) throw error;
    return false;
  }
}

/** The response was deleted: its items are downloaded from their URLs, or requested again. */
async function bodyIsLost(job: Job, { deps }: JobContext): Promise<boolean> {
  const { body, items } = job.record;
  if (body === null || (await deps.files.isTaken(body))) return false;
  const others = items.map((item) => ({ ...item, inline: null }));
  const asks = others.some(({ saved, saving, url }) => !saved && !saving && url === null);
  await job.update({ body: null, items: others, state: asks ? 'submitted' : 'received' });
  return asks;
}

/** Several failures as one: a batch with some files saved is partial, unless the failure is on this machine. */
function together(job: Job, first: CliError, failures: readonly CliError[]): CliError {
  const { items } = job.record;
  const saved = items.filter((item) => item.saved !== null).length;
  const local = failures.find(({ exit }) => exit === 'local_io');
  if (local !== undefined) return local;
  if (saved === 0) return first;
  return new CliError('partial', `${saved} of ${items.length} files are saved: ${first.message}`, {
    ...first.details,
    billed: 'yes',
  });
}
