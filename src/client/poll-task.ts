/** The polling loop: requests the state of a task until it ends. Transient failures never end the wait; it saves nothing itself. */
import type { Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { isSwitchedOff } from '../transport/blocked.ts';
import type { Policy, Reply, Request, RequestDeps } from '../transport/request.ts';
import { readRetryAfter } from '../transport/retry.ts';
import { openReply } from './open-reply.ts';
import type { TaskReply } from './task-reply.ts';

const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;

/** A failure that lasts this long is not transient. */
const PATIENCE_MS = 30 * 60_000;

/** A network that is switched off is not a transient failure. */
const SWITCHED_OFF_TRIES = 3;

/** A task that was just created may not be visible everywhere yet. */
const NOT_FOUND_TRIES = 4;

/** A poll in flight at the end of the wait gets this long: its response may be the result, which is sent only once. */
const GRACE_MS = 10_000;

/** And a response that has begun gets this much more: it may contain an image, but it must end. */
const BODY_GRACE_MS = 30_000;

export interface Polling {
  url: string;
  headers: Readonly<Record<string, string>>;
  taskId: string;
  /** The task in messages: some ids are too long for a line. */
  label: string;
  /** The interval if the gateway gives none. */
  intervalMs: number;
  /** We have just created it: a gateway that does not find it may only be late. So it may where it has found it before. */
  mayLag: boolean;
  /** Poll at once; else after one interval. */
  now: boolean;
  policy: Policy;
  /** Aborts a poll in flight; later than the wait if its response is sent only once. */
  replySignal: AbortSignal;
  /** The end of the wait, on the monotonic clock in ms; null: until the task ends. */
  untilAt: number | null;
}

/** Consecutive failed polls. */
interface Trouble {
  /** On the monotonic clock, ms. */
  since: number;
  times: number;
  last: CliError;
}

/** Reads one response to its end, and saves what must be saved. Throws `CliError` protocol or network when it contains no task. */
export type ReadReply = (reply: Reply, request: Request) => Promise<TaskReply>;

/**
 * Yields `status` on each change; returns the final response. Throws still_running when the wait is over,
 * expired or already_retrieved when the result is gone, and auth or similar when access is refused.
 */
export async function* pollTask(
  polling: Polling,
  read: ReadReply,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, TaskReply, undefined> {
  const seen = { word: null as string | null, strange: new Set<string>() };
  let trouble = null as Trouble | null;
  let notFound = 0;
  let mayLag = polling.mayLag;
  let waitMs = polling.now ? 0 : polling.intervalMs;
  for (;;) {
    await pause(waitMs, polling, trouble?.last ?? null, deps);
    try {
      const { task, askedMs } = yield* ask(polling, read, fetch, deps);
      trouble = null;
      notFound = 0;
      mayLag = true;
      yield* tellStatus(task, polling, seen);
      if (isEnd(task)) return task;
      waitMs = clamp(task.nextPollMs ?? askedMs ?? polling.intervalMs);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      if (error.exit === 'not_found' && mayLag && notFound < NOT_FOUND_TRIES) notFound += 1;
      else if (!isPassing(error)) throw error;
      const now = deps.clock.monotonic();
      // Another client is being served: ours comes next, and that is not a failure.
      if (trouble === null && error.details.status !== 409)
        yield* tellTrouble(error, polling, seen);
      trouble = {
        since: trouble?.since ?? now,
        times: (trouble?.times ?? 0) + 1,
        last: error,
      };
      const isOff = isSwitchedOff(error) && trouble.times >= SWITCHED_OFF_TRIES;
      if (isOff || now - trouble.since > PATIENCE_MS) throw stillRunning(polling, error);
      const backoff = polling.intervalMs * 2 ** Math.min(trouble.times - 1, 5);
      waitMs = clamp(error.details.retryAfterMs ?? backoff);
    }
  }
}

/** Sleeps, but not beyond the end of the wait, where it throws. */
async function pause(
  waitMs: number,
  polling: Polling,
  last: CliError | null,
  deps: RequestDeps,
): Promise<void> {
  if (waitMs === 0) return;
  const left = polling.untilAt === null ? null : polling.untilAt - deps.clock.monotonic();
  if (left !== null && waitMs > left) {
    if (left > 0) await deps.clock.sleep(left, deps.signal);
    throw stillRunning(polling, last);
  }
  await deps.clock.sleep(waitMs, deps.signal);
}

async function* ask(
  polling: Polling,
  read: ReadReply,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, { task: TaskReply; askedMs: number | null }, undefined> {
  const { url, headers, policy, untilAt } = polling;
  const request = { method: 'GET' as const, url, headers, paid: false };
  const left =
    untilAt === null ? Number.POSITIVE_INFINITY : untilAt - deps.clock.monotonic() + GRACE_MS;
  const timeouts = {
    ...policy.timeouts,
    firstByteMs: Math.min(policy.timeouts.firstByteMs, Math.max(GRACE_MS, left)),
    totalMs: untilAt === null ? null : Math.max(GRACE_MS, left) + BODY_GRACE_MS,
  };
  // The loop is the retry: sendRequest must not retry by itself.
  const once = {
    ...policy,
    timeouts,
    deadlineAt: null,
    maxTries: 1,
    replySignal: polling.replySignal,
  };
  const reply = yield* openReply(request, once, polling.label, fetch, deps);
  try {
    const task = await read(reply, request);
    const askedMs = readRetryAfter(reply.headers.get('retry-after'), deps.clock.now());
    return { task, askedMs };
  } finally {
    reply.watch.stop();
  }
}

function isEnd({ status }: TaskReply): boolean {
  return (
    status === 'succeeded' || status === 'failed' || status === 'cancelled' || status === 'expired'
  );
}

/** Failures that may not happen again. An HTML page instead of JSON is a transient proxy failure. */
function isPassing(error: CliError): boolean {
  const { status, code } = error.details;
  if (status === 409 || status === 408 || status === 425) return true;
  // The same body would be sent again, and again up to the limit.
  if (error.exit === 'protocol') return code !== 'redirect' && code !== 'too_large';
  return error.retryable;
}

function clamp(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
}

async function* tellStatus(
  task: TaskReply,
  { taskId, label }: Polling,
  seen: { word: string | null; strange: Set<string> },
): AsyncGenerator<OutputEvent, void, undefined> {
  const word = task.word ?? 'unknown';
  if (task.status === null && !seen.strange.has(word)) {
    seen.strange.add(word);
    const shown = JSON.stringify(word.slice(0, 40));
    yield {
      type: 'warning',
      message: `${label}: unknown state ${shown}; treated as still running`,
    };
  }
  const shown = task.status ?? 'running';
  if (shown === seen.word) return;
  seen.word = shown;
  yield { type: 'status', message: `${label} ${shown}`, task_id: taskId, status: shown };
}

async function* tellTrouble(
  error: CliError,
  { taskId, label }: Polling,
  seen: { word: string | null },
): AsyncGenerator<OutputEvent, void, undefined> {
  // The next successful response is reported again.
  seen.word = null;
  yield {
    type: 'status',
    message: `${label}: ${error.message} [${error.exit}]; still waiting for the task`,
    task_id: taskId,
    status: 'unreachable',
  };
}

function stillRunning(polling: Polling, last: CliError | null): CliError {
  const why = last === null ? '' : ` (the last request failed: ${last.message})`;
  return new CliError('still_running', `${polling.label} is still running${why}`, {
    code: last === null ? 'wait_over' : 'unreachable',
    taskId: polling.taskId,
    billed: 'unknown',
  });
}
