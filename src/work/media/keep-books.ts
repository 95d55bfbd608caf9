/** Runs a job that has begun, with its ledger lines before and after. Planning it is `run-job.ts`. */

import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';
import { lossOf } from '../../base/loss.ts';
import { sayUnheard } from '../../base/unheard.ts';
import { buyersError, jobError } from '../../jobs/after-purchase.ts';
import { carryOn } from '../../jobs/carry-on.ts';
import type { Job } from '../../jobs/job.ts';
import { outcomeOf, writeIntent } from '../../jobs/job-ledger-lines.ts';
import type { Journal } from '../../jobs/journal.ts';
import type { Cap } from '../../money/budget/caps.ts';
import { withoutLedger } from '../../money/budget/refusal.ts';
import { release, settleHere } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { appendLedger } from '../../money/ledger/append.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type Connection, jobContextOf } from '../connection.ts';
import { bookPrice } from './book-price.ts';
import { cancelNow } from './cancel-now.ts';
import type { JobCommand, JobPlan } from './job-command.ts';
import { endOfWait } from './options.ts';
import { streamToStdout } from './to-stdout.ts';

/** A job that has begun. */
interface Working {
  command: JobCommand;
  plan: JobPlan;
  caps: readonly Cap[];
  connection: Connection;
  journal: Journal;
  job: Job;
  /** On the monotonic clock, ms. */
  startedAt: number;
  deps: Deps;
}

/** Intent, work, outcome. Throws one `CliError`; the outcome is written and the job is unlocked even after the output was closed. */
export async function* keepBooks(working: Working): AsyncGenerator<OutputEvent, void, undefined> {
  const { connection, job, startedAt, caps, deps } = working;
  const { places, isProxied } = connection.settings;
  const key = connection.key?.value ?? null;
  const book = bookOf(places, connection.gateway.id);
  const problem = isProxied ? null : await writeIntent(places.ledger, job.record, key, deps);
  if (problem !== null && caps.some(({ per }) => per !== 'call')) {
    await working.journal.remove(job);
    await job.release().catch(() => {});
    await release(job.record.call, caps, book, deps);
    throw withoutLedger(problem);
  }
  if (problem !== null) yield lossOf('ledger', problem);
  let failure: CliError | null = null;
  let isWhole = false;
  let unwritten: string | null = null;
  try {
    yield* doJob(working);
    yield* bookPrice(job, connection, deps);
    isWhole = true;
  } catch (thrown) {
    failure = buyersError(toCliError(jobError(thrown, job.record)), job.record);
  } finally {
    // Also after the output was closed; so nothing is yielded here.
    const line = outcomeOf(job.record, failure, startedAt, deps);
    unwritten = isProxied ? null : await appendLedger(places.ledger, line, key, deps);
    if (unwritten !== null) await settleHere(line, caps, book, deps).catch(() => {});
    // A second warning about the same directory adds nothing.
    if (problem !== null) unwritten = null;
    if (!isWhole && failure === null) await sayUnheard(unwritten, deps);
    await job.release().catch(() => {});
  }
  if (unwritten !== null) yield lossOf('ledger', unwritten);
  if (failure !== null) throw failure;
  const { answered_model: model, usage, cost } = job.record;
  if (usage !== null) yield { type: 'usage', model, usage };
  yield { type: 'cost', cost };
}

async function* doJob({
  command,
  plan,
  connection,
  journal,
  job,
  startedAt,
  deps,
}: Working): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags } = command;
  const context = jobContextOf(connection, { journal, untilAt: endOfWait(flags, startedAt), deps });
  yield { type: 'start', command: command.kind, gateway: connection.gateway.id, model: plan.model };
  const options = { mayCreate: true, askNow: false, isOrphan: false, save: !plan.toStdout };
  try {
    yield* carryOn(job, context, { ...options, submitOnly: flags.async === true });
  } catch (thrown) {
    if (flags.cancelOnInterrupt === true && deps.signal.aborted) yield* cancelNow(job, context);
    throw thrown;
  }
  if (plan.toStdout && job.record.state === 'received') yield* streamToStdout(job, context);
  if (flags.preview === true) yield* previews(job, deps);
}

/** A larger image takes too long to draw in a terminal. */
const MAX_BYTES = 64 * 1024 * 1024;

async function* previews(
  job: Job,
  deps: Pick<Deps, 'files' | 'stderr'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (!deps.stderr.isTerminal) {
    yield { type: 'status', message: 'no terminal to show the image in' };
    return;
  }
  for (const { saved } of job.record.items) {
    if (saved === null || !saved.mime.startsWith('image/')) continue;
    const bytes = await deps.files.read(saved.path, MAX_BYTES).catch(() => null);
    if (bytes !== null) yield { type: 'preview', bytes };
  }
}
