/** State `submitted`: polls until the task has ended, and saves its result. It buys nothing. */

import { CliError } from '../base/errors.ts';
import { lossOf } from '../base/loss.ts';
import { brokenReply } from '../client/json-reply.ts';
import { pollTask, type ReadReply } from '../client/poll-task.ts';
import { pathSegment } from '../client/task-id.ts';
import { readTaskReply, type TaskReply } from '../client/task-reply.ts';
import { estimateMedia } from '../money/estimate-media.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { TaskItem, TaskRecord } from '../schemas/task-record.ts';
import type { Reply, Request } from '../transport/request.ts';
import { ended, gone, sandboxEnded } from './endings.ts';
import { gracePeriod } from './grace-period.ts';
import { shownId } from './hints.ts';
import { mostItems, orderedOf } from './items.ts';
import type { Job } from './job.ts';
import type { CarryOnOptions, JobContext } from './job-context.ts';
import { isMissing, mayLag, NOT_FOUND } from './missing.ts';
import { momentNow } from './moment.ts';
import { findSpooled, spoolReply } from './spool.ts';

const MAX_TASK_BYTES = 8 * 1024 * 1024;

/** Ends in state `received`, `ended` or `gone`; throws in the last two, and when the wait is over. */
export async function* awaitResult(
  job: Job,
  context: JobContext,
  options: CarryOnOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (job.record.kind === 'image') {
    const spooled = await findSpooled(job, context.deps);
    if (spooled !== null) return yield* settle(job, spooled, context);
  }
  // Nobody is left to ask, whatever is on disk of a response that was none.
  if (options.isOrphan) throw await gone(job, sandboxEnded(job.record), context, { status: null });
  try {
    const isNew = !options.askNow || mayLag(job.record, context.deps);
    const reply = yield* ask(job, context, options.askNow, isNew);
    yield* settle(job, reply, context);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    await noteFound(job, error, context);
    const over = error.exit === 'already_retrieved' || error.exit === 'expired';
    if (over && job.record.state === 'submitted') throw await gone(job, error, context);
    throw error.with({ taskId: job.record.task_id ?? undefined });
  }
}

/** Keeps what the gateway said of a task that it may not have any more. Nothing is lost by it: a later poll may find it again. */
async function noteFound(job: Job, error: CliError, { deps }: JobContext): Promise<void> {
  const { status, state } = job.record;
  if (state !== 'submitted') return;
  if (isMissing(error, job.record, deps)) await job.update({ status: NOT_FOUND });
  else if (status === NOT_FOUND && error.details.code === 'wait_over')
    await job.update({ status: 'running' });
}

/** Requests the URLs of a result again, because the known ones do not work. Resolves to false when the gateway has none, or there is no task id. */
export async function* refresh(
  job: Job,
  context: JobContext,
): AsyncGenerator<OutputEvent, boolean, undefined> {
  if (job.record.task_id === null) return false;
  const reply = yield* ask(job, context, true, job.record.create.path !== '');
  if (reply.status === 'expired') throw await ended(job, reply, {}, context);
  if (reply.status !== 'succeeded') return false;
  const fresh = itemsOf(reply, job.record);
  // Then it has replaced the response that was on disk.
  const isInline = fresh.some(({ inline }) => inline !== null);
  const items = job.record.items.map((item, index) => {
    const other = fresh[index]?.role === item.role ? fresh[index] : null;
    const inline = isInline ? (other?.inline ?? null) : item.inline;
    const part = isInline ? null : item.part;
    if (other?.url == null) return { ...item, inline, part };
    return { ...item, inline, part, url: other.url, url_expires_at: other.url_expires_at };
  });
  await job.update({ items, ...(isInline && { body: job.file('body') }) });
  return isInline || fresh.some(({ url }) => url !== null);
}

async function* ask(
  job: Job,
  context: JobContext,
  now: boolean,
  isNew: boolean,
): AsyncGenerator<OutputEvent, TaskReply, undefined> {
  const { gateway, headers, policy, deps } = context;
  const { kind, task_id: taskId } = job.record;
  const route = kind === 'image' ? gateway.routes.imageTasks : gateway.routes.videos;
  const late = kind === 'image' ? gracePeriod(deps) : { signal: deps.signal, forget() {} };
  try {
    return yield* pollTask(
      {
        url: `${gateway.baseUrl}${route ?? ''}/${pathSegment(taskId ?? '')}`,
        headers,
        taskId: taskId ?? '',
        label: shownId(job.record),
        intervalMs: gateway.media[kind]?.pollMillis ?? 3000,
        mayLag: isNew,
        now,
        policy,
        replySignal: late.signal,
        untilAt: context.untilAt,
      },
      kind === 'image' ? (reply, request) => spoolReply(reply, request, job, deps) : readInMemory,
      context.fetch,
      deps,
    );
  } finally {
    late.forget();
  }
}

/** A video's response is short, and the gateway returns it as often as it is requested. */
const readInMemory: ReadReply = async (reply: Reply, request: Request) => {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of reply.chunks()) {
      size += chunk.length;
      if (size > MAX_TASK_BYTES) throw tooLarge(reply);
      parts.push(chunk);
    }
  } catch (error) {
    throw brokenReply(error, request, reply);
  }
  try {
    const task = readTaskReply(JSON.parse(new TextDecoder().decode(Buffer.concat(parts))));
    if (task !== null) return task;
  } catch {
    // not JSON: see below
  }
  throw noTask(reply);
};

function tooLarge(reply: Reply): CliError {
  return new CliError('protocol', 'the gateway sent more than 8 MB as the state of a task', {
    code: 'too_large',
    status: reply.status,
    requestId: reply.requestId ?? undefined,
  });
}

function noTask(reply: Reply): CliError {
  return new CliError('protocol', 'the gateway sent something that is not a task', {
    code: 'no_task',
    status: reply.status,
    requestId: reply.requestId ?? undefined,
  });
}

/** Records how the task ended. */
export async function* settle(
  job: Job,
  reply: TaskReply,
  context: JobContext,
): AsyncGenerator<OutputEvent, void, undefined> {
  const reported = {
    status: reply.status ?? job.record.status,
    usage: reply.usage ?? job.record.usage,
    answered_model: reply.model ?? job.record.answered_model,
    cost: await costOf(job.record, reply, context),
  };
  if (reply.status !== 'succeeded') {
    throw await ended(job, reply, reported, context);
  }
  const items = itemsOf(reply, job.record);
  if (items.length === 0) throw await noResult(job, context);
  const body = items.some(({ inline }) => inline !== null) ? job.file('body') : null;
  const { at: received_at, boot } = momentNow(context.deps);
  const received = { received_at, ...(boot !== null && { received_boot: boot }) };
  const problem = await job.update({ ...reported, state: 'received', items, body, ...received });
  if (problem !== null) yield lossOf('journal', problem);
  for (const message of oddities(reply, job.record)) yield { type: 'warning', message };
  if (job.record.target.last_frame !== null && !items.some(({ role }) => role === 'last_frame'))
    yield lossOf('result', 'the gateway returned no last frame; --last-frame-out is not written');
}

/** No gateway reports the cost of a job; with a price per second it is known once there is a video. */
/** By the price list, where the gateway reports no cost. */
async function costOf(
  { cost, estimate, model }: TaskRecord,
  { status, usage }: TaskReply,
  { priceOf }: JobContext,
): Promise<TaskRecord['cost']> {
  if (cost.amount !== null || status !== 'succeeded') return cost;
  if (estimate !== undefined) return { amount: estimate, currency: 'USD', source: 'catalog' };
  return usage === null ? cost : estimateMedia(await priceOf(model), usage);
}

async function noResult(job: Job, { deps }: JobContext): Promise<CliError> {
  const body = job.file('body');
  const saved = (await deps.files.isTaken(body)) ? `; the response is saved in ${body}` : '';
  return new CliError(
    'protocol',
    `the gateway reports the task as done, but returned no result${saved}`,
    {
      code: 'no_result',
      billed: 'yes',
    },
  );
}

/** What is wrong with the number of results. */
function oddities({ results, blanks }: TaskReply, record: TaskRecord): string[] {
  const most = mostItems(record);
  const files = results.filter(({ role }) => role !== 'last_frame').length;
  const ordered = orderedOf(record);
  const sent = `the gateway sent ${files} results`;
  const words: string[] = [];
  if (blanks > 0) words.push(`${blanks} of the results have neither a file nor an address`);
  if (files > most) words.push(`${sent}; only the first ${most} are taken`);
  else if (ordered !== null && files > ordered) words.push(`${sent}, and ${ordered} were ordered`);
  return words;
}

function itemsOf(reply: TaskReply, record: TaskRecord): TaskItem[] {
  const frames = reply.results.filter(({ role }) => role === 'last_frame');
  const others = reply.results.filter(({ role }) => role !== 'last_frame');
  return [...others.slice(0, mostItems(record)), ...frames]
    .filter(({ role }) => role !== 'last_frame' || record.target.last_frame !== null)
    .map(({ role, inline, url, urlExpiresAt }) => ({
      role,
      inline,
      url,
      url_expires_at: urlExpiresAt,
      part: null,
      saving: null,
      saved: null,
    }));
}
