/** State `submitting`: sends the one paid request, or reports that its outcome is unknown. It never buys twice. */

import { CliError } from '../base/errors.ts';
import { lossOf } from '../base/loss.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { createTask, isKeyKnown } from '../client/create-task.ts';
import type { TaskReply } from '../client/task-reply.ts';
import { listVideos } from '../client/video-tasks.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { settle } from './await-step.ts';
import { gracePeriod } from './grace-period.ts';
import { endsWithProcess, endsWithRun, resumeCommand, shownId, wayBack } from './hints.ts';
import type { Job } from './job.ts';
import type { CarryOnOptions, JobContext } from './job-context.ts';
import { agesOf, type Moment } from './moment.ts';
import { findSpooled } from './spool.ts';
import { spoolCreated, spoolParsed } from './spool-created.ts';

/** How many of the newest tasks are checked. */
const LISTED = 50;

/** Clocks differ, and a request takes time: a candidate was created within this time of ours. */
const BEFORE_MS = 2 * 60_000;
const AFTER_MS = 10 * 60_000;

/** Ends in state `submitted`, or throws. A request that certainly bought nothing removes the job from the journal. */
export async function* submit(
  job: Job,
  context: JobContext,
  options: CarryOnOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  // Also of a process that knew the task, and whose disk took the response and not the record.
  const saved = job.record.kind === 'image' ? await findSpooled(job, context.deps) : null;
  if (saved !== null) {
    if (saved.id !== null) await job.update({ task_id: saved.id });
    return yield* settle(job, saved, context);
  }
  if (!options.mayCreate) throw yield* unknownOutcome(job, context, null);
  const { create, model } = job.record;
  const { deps, gateway } = context;
  const attempts = { count: create.attempts };
  // The record of a process that was killed says 0 attempts, whatever it sent.
  const sentBefore = options.askNow || create.attempts > 0;
  const late = gracePeriod(deps);
  try {
    const created = yield* createTask(
      {
        url: `${gateway.baseUrl}${create.path}`,
        headers: context.headers,
        body: create.body,
        model,
        idempotencyKey: create.idempotency_key,
        idempotencyMs: gateway.media.image?.idempotencyMillis ?? 0,
        firstSentAgo: () => firstSentAgo(job.record, deps, !sentBefore),
        sentBefore,
        policy: context.policy,
        read: atOnce(job, context)
          ? (reply, request) => spoolCreated(reply, request, job, deps)
          : null,
        // After a signal, wait briefly for the id of what may have been bought.
        replySignal: late.signal,
      },
      attempts,
      context.fetch,
      deps,
    );
    // A task whose response already contains the result is not polled: some tasks cannot be.
    const { reply } = created;
    const call = callOf(job, created.call);
    const isWhole =
      atOnce(job, context) && reply?.status === 'succeeded' && reply.results.length > 0;
    if (reply !== null && (isWhole || created.taskId === null)) {
      await job.update({
        task_id: created.taskId,
        request_id: created.requestId,
        call,
        create: { ...create, attempts: attempts.count },
      });
      // No gateway is known to answer so here; but the image is here, and it is sent only once.
      const { json } = created;
      const kept = json === null ? reply : ((await spoolParsed(json, job, deps)) ?? reply);
      return yield* settle(job, kept, context);
    }
    const back = context.journal.keeps ? [] : wayBack(job.record);
    yield* adopt(job, created.taskId ?? '', created.requestId, attempts.count, back, call);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.billed === 'no') {
      await context.journal.remove(job);
      throw error;
    }
    await job.update({ create: { ...create, attempts: attempts.count } });
    throw yield* unknownOutcome(job, context, error);
  } finally {
    late.forget();
  }
}

/** The proxy of `alltoken run` books its own call: a resume after it has ended adds its outcome to that one, and counts nothing twice. */
function callOf({ record }: Job, named: string | null): string {
  return record.proxied === true && named !== null && /^[\w-]{1,64}$/.test(named)
    ? named
    : record.call;
}

/** The response to the create request may be the image itself: it is saved to disk, because it is sent only once. */
function atOnce({ record }: Job, { gateway }: JobContext): boolean {
  return record.kind === 'image' && gateway.media.image?.repliesAtOnce === true;
}

/** The id is written to the journal first, and to stderr before the first poll. */
export async function* adopt(
  job: Job,
  taskId: string,
  requestId: string | null,
  attempts: number,
  back: readonly string[] = [],
  call = job.record.call,
): AsyncGenerator<OutputEvent, void, undefined> {
  const problem = await job.update({
    state: 'submitted',
    task_id: taskId,
    request_id: requestId,
    status: 'queued',
    call,
    create: { ...job.record.create, attempts },
  });
  if (problem !== null) yield lossOf('journal', problem);
  const later = endsWithProcess(job.record)
    ? '; this sandbox ends with the command, and the task with it'
    : endsWithRun(job.record)
      ? '; this sandbox ends with alltoken run, and the task with it'
      : `. Resume with: ${resumeCommand(job.record, back)}`;
  yield {
    type: 'status',
    message: `${shownId(job.record)} submitted${later}`,
    task_id: taskId,
    status: 'submitted',
  };
}

/** Exit 46 (or the signal's), with where to look: candidates from the gateway's list for a video, else the website. */
async function* unknownOutcome(
  job: Job,
  context: JobContext,
  error: CliError | null,
): AsyncGenerator<OutputEvent, CliError, undefined> {
  const { record } = job;
  const stopped = error?.isStop ?? false;
  // Of a sandbox that ends with this process nobody can take a task over.
  const isListed =
    record.kind === 'video' && context.gateway.media.video?.lists === true && !record.ephemeral;
  const found = isListed && !stopped ? yield* findCandidates(record, context) : null;
  const message =
    error?.message ??
    `${record.id}: a create request for ${record.model} may have been sent, but its response is not recorded`;
  const exit = error?.exit ?? 'outcome_unknown';
  const saved = await savedWords(job, context);
  return new CliError(exit, `${message}${candidateWords(found)}${saved}`, {
    ...error?.details,
    code: error?.details.code ?? 'no_reply',
    billed: 'unknown',
    next: lookFirst(record, context, found),
  });
}

/** A partial image, or a response that could not be parsed, may be all that is left of a paid result. */
async function savedWords(job: Job, { deps }: JobContext): Promise<string> {
  for (const ending of ['body', 'reply', 'half'] as const) {
    const path = job.file(ending);
    if (await deps.files.isTaken(path)) return `; the data received is saved in ${path}`;
  }
  return '';
}

function candidateWords(found: TaskReply[] | null): string {
  if (found === null) return '';
  if (found.length === 0) return '; the gateway lists no matching task';
  const ids = found.map(({ id, createdAt }) => `${id} (${createdAt ?? 'no time'})`).join(', ');
  return found.length === 1
    ? `; this task may be the one: ${ids}`
    : `; one of these tasks may be the one: ${ids}`;
}

function lookFirst(
  record: TaskRecord,
  context: JobContext,
  found: TaskReply[] | null,
): readonly NextStep[] {
  const { id } = record;
  const forget = runStep(['tasks', 'forget', id]);
  const [first] = found ?? [];
  if (first?.id != null)
    return [
      { do: 'resume', id, adopt: first.id },
      { ...forget, when: 'if_another' },
    ];
  const { website, id: gateway } = context.gateway;
  const look: NextStep = { do: 'check-usage', at: website ?? undefined, gateway };
  const after: NextStep[] = context.journal.keeps ? [{ ...forget, when: 'afterwards' }] : [];
  if (!mayRepeat(record, context)) return [look, ...after];
  const withinMs = context.gateway.media.image?.idempotencyMillis;
  return [{ do: 'resume', id, withinMs }, { ...look, when: 'later' }, ...after];
}

/** Whether a later process may send an image's create request again: the gateway certainly still remembers its Idempotency-Key. */
export function mayRepeat(record: TaskRecord, { gateway, deps }: JobContext): boolean {
  const window = gateway.media.image?.idempotencyMillis ?? 0;
  const { idempotency_key: key } = record.create;
  if (record.ephemeral) return false;
  return key !== null && isKeyKnown(firstSentAgo(record, deps, false), window);
}

/** `isOurs`: this process began it; its own clock says so where the system does not name the start of the machine. */
function firstSentAgo(record: TaskRecord, deps: JobContext['deps'], isOurs: boolean): number[] {
  const { wall, boot } = agesOf(sentOf(record), deps);
  return isOurs && Number.isNaN(boot) ? [wall] : [wall, boot];
}

function sentOf({ create }: TaskRecord): Moment {
  return { at: create.first_sent_at, boot: create.boot ?? null };
}

/** Tasks of the gateway's list that match ours and belong to no other job: same model, same time, and same prompt if it is listed. */
async function* findCandidates(
  record: TaskRecord,
  context: JobContext,
): AsyncGenerator<OutputEvent, TaskReply[] | null, undefined> {
  const { gateway, headers, policy, fetch, deps } = context;
  const place = { url: `${gateway.baseUrl}${gateway.routes.videos ?? ''}`, headers, policy };
  try {
    const tasks = yield* listVideos(place, LISTED, fetch, deps);
    const { records } = await context.journal.list();
    const known = new Set(records.map(({ task_id }) => task_id));
    return tasks.filter((task) => !known.has(task.id) && looksAlike(task, record, deps));
  } catch (error) {
    if (error instanceof CliError && error.isStop) throw stoppedLooking(error, record, context);
    const why = error instanceof CliError ? error.message : 'it cannot be read';
    yield { type: 'warning', message: `cannot check the gateway's list of tasks: ${why}` };
    return null;
  }
}

/** The list is free, but the task we searched for may have been bought. */
function stoppedLooking(error: CliError, record: TaskRecord, context: JobContext): CliError {
  return new CliError(error.exit, error.message, {
    ...error.details,
    billed: 'unknown',
    next: lookFirst(record, context, null),
  });
}

function looksAlike(task: TaskReply, record: TaskRecord, deps: JobContext['deps']): boolean {
  if (task.model !== null && task.model !== record.model) return false;
  if (task.prompt !== null && task.prompt !== record.prompt) return false;
  const made = Date.parse(task.createdAt ?? '');
  if (Number.isNaN(made)) return true;
  const { wall, boot } = agesOf(sentOf(record), deps);
  // The clock may have been wrong then and be right now, or the other way round.
  const sent = [wall, boot].map((age) => deps.clock.now() - age);
  return sent.some((at) => made >= at - BEFORE_MS && made <= at + AFTER_MS);
}
