/** The one polling loop: asks how a task is until it ends. Passing trouble never ends the wait; it saves nothing itself. */
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

/** Trouble that lasts this long is no longer passing. */
const PATIENCE_MS = 30 * 60_000;

/** A network that is switched off is not passing trouble. */
const SWITCHED_OFF_TRIES = 3;

/** A task that was just made may not be everywhere yet. */
const NOT_FOUND_TRIES = 4;

/** A question on its way at the end of the wait gets this long: its answer may be the result, which is told once. */
const GRACE_MS = 10_000;

/** And a reply that has begun this much more: a picture may be on its way, but not for ever. */
const BODY_GRACE_MS = 30_000;

export interface Polling {
  url: string;
  headers: Readonly<Record<string, string>>;
  taskId: string;
  /** The task in the lines that are shown: some ids are too long for one. */
  label: string;
  /** Where the gateway does not say. */
  intervalMs: number;
  /** We have made it: a gateway that knows nothing of it may only be late. */
  isOurs: boolean;
  /** Ask at once; else after one interval. */
  now: boolean;
  policy: Policy;
  /** Stops a question that is on its way; later than the wait is stopped where its answer is told only once. */
  replySignal: AbortSignal;
  /** The end of the wait, on the monotonic clock in ms; null: until the task ends. */
  untilAt: number | null;
}

/** Questions that failed one after the other. */
interface Trouble {
  /** On the monotonic clock, ms. */
  since: number;
  times: number;
  last: CliError;
}

/** Reads one reply to its end, and keeps what must be kept. Throws `CliError` protocol or network when there is no task in it. */
export type ReadReply = (reply: Reply, request: Request) => Promise<TaskReply>;

/**
 * Yields `status` on each change; returns the reply that says how it ended. Throws still_running when the wait is over,
 * expired and its kin when the result is gone, auth and its kin when the gateway will not talk to us.
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
  let waitMs = polling.now ? 0 : polling.intervalMs;
  for (;;) {
    await pause(waitMs, polling, trouble?.last ?? null, deps);
    try {
      const { task, askedMs } = yield* ask(polling, read, fetch, deps);
      trouble = null;
      notFound = 0;
      yield* tellStatus(task, polling, seen);
      if (isEnd(task)) return task;
      waitMs = clamp(task.nextPollMs ?? askedMs ?? polling.intervalMs);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      if (error.exit === 'not_found' && polling.isOurs && notFound < NOT_FOUND_TRIES) notFound += 1;
      else if (!isPassing(error)) throw error;
      const now = deps.clock.monotonic();
      // Another reader is being served: ours comes next, and that is no trouble.
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

/** Sleeps, but not beyond the end of the wait; that is where the wait ends. */
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
  // The loop is the retry: what sendRequest would do by itself comes with the next question.
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

/** What the same question may meet once and not again. A page where JSON should be is a proxy's bad moment. */
function isPassing(error: CliError): boolean {
  const { status, code } = error.details;
  if (status === 409 || status === 408 || status === 425) return true;
  if (error.exit === 'protocol') return code !== 'redirect';
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
  // The next good answer is news again.
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
