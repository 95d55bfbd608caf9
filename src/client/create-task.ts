/** Creates a task, the one paid request of a job. It retries only with the same Idempotency-Key while the gateway remembers it. */
import type { Send } from '../base/deps.ts';
import { CliError, SignalReceived } from '../base/errors.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy, Request, RequestDeps } from '../transport/request.ts';
import { requestJson } from './json-reply.ts';
import { openReply } from './open-reply.ts';
import type { ReadReply } from './poll-task.ts';
import { badTaskId, isTaskId } from './task-id.ts';
import { readTaskReply, type TaskReply } from './task-reply.ts';

/** A response takes time, and clocks differ: the last retry leaves this margin. */
const MARGIN_MS = 15_000;

/**
 * Whether a gateway that remembers an Idempotency-Key for `idempotencyMs` certainly still has, `inMs` from now, one that was
 * first sent so long ago by each of several clocks; all in ms. It has not by one that was set back, or cannot be compared: NaN.
 */
export function isKeyKnown(ages: readonly number[], idempotencyMs: number, inMs = 0): boolean {
  return ages.every((age) => age >= 0 && age + inMs < idempotencyMs - MARGIN_MS);
}

/** A create request only queues. One without a response by now is retried while its Idempotency-Key is valid. */
const FIRST_BYTE_MS = 22_000;

/** Requests that may be sent after one whose response was lost. */
const MAX_REPEATS = 2;

export interface Creation {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
  /** For retry lines. */
  model: string;
  idempotencyKey: string | null;
  /** How long the Idempotency-Key is remembered after the first attempt, in ms; 0: never, so nothing is sent twice. */
  idempotencyMs: number;
  /** How long ago the first attempt was, by each clock that an earlier process may have read, too; in ms, NaN: it cannot be compared. */
  firstSentAgo(): readonly number[];
  /** An earlier process may have sent it. */
  sentBefore: boolean;
  policy: Policy;
  /** Reads and saves a response that may contain the result itself; null: the response only names a task. */
  read: ReadReply | null;
  /** Aborts a request in flight; later than other signals, so that the id of what was bought may arrive. */
  replySignal: AbortSignal;
}

export interface Created {
  /** null: the response contains the result and no task id. */
  taskId: string | null;
  requestId: string | null;
  /** As the proxy of `alltoken run` names it; null where there is none, or its reply is lost. */
  call: string | null;
  /** null: the task of an earlier attempt was found. */
  reply: TaskReply | null;
  /** The whole response where nobody has saved it; null where `read` has, or there is none. */
  json: unknown;
}

/**
 * Throws outcome_unknown (or protocol, or a signal's) when it is unknown whether the task exists, any other `CliError`
 * with billed `no` when it certainly does not. `attempts.count` is raised with every request.
 */
export async function* createTask(
  creation: Creation,
  attempts: { count: number },
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, Created, undefined> {
  const { idempotencyKey, idempotencyMs } = creation;
  const beganAt = deps.clock.monotonic();
  // By every clock: one of them may be set back, another may stand still while the machine sleeps.
  const isStillKnown = (inMs: number): boolean => {
    const ages = [...creation.firstSentAgo(), deps.clock.monotonic() - beganAt];
    return idempotencyKey !== null && isKeyKnown(ages, idempotencyMs, inMs);
  };
  let lost: CliError | null = creation.sentBefore ? noReply() : null;
  // What was decided before may have had to wait for a disk since.
  if (lost !== null && !isStillKnown(0)) throw lost;
  // Of an earlier process it is not known how often it was sent, only that it was.
  let repeats = creation.sentBefore ? MAX_REPEATS : 0;
  for (;;) {
    try {
      return yield* createOnce(creation, attempts, lost !== null, fetch, deps);
    } catch (thrown) {
      if (!(thrown instanceof CliError)) throw thrown;
      const error: CliError = lost === null ? thrown : afterLost(lost, thrown);
      const duplicate = taskOfDuplicate(error);
      if (duplicate !== null && !isTaskId(duplicate)) throw badTaskId();
      if (duplicate !== null)
        return {
          taskId: duplicate,
          requestId: error.details.requestId ?? null,
          call: null,
          reply: null,
          json: null,
        };
      lost ??= error;
      const waitMs = Math.max(500 + deps.random() * 1500, error.details.retryAfterMs ?? 0);
      const isOver = repeats === MAX_REPEATS || deps.signal.aborted || !isStillKnown(waitMs);
      if (error.exit !== 'outcome_unknown' || isOver) throw error;
      repeats += 1;
      yield {
        type: 'retry',
        attempt: attempts.count + 1,
        wait_ms: Math.round(waitMs),
        model: creation.model,
        reason: `${error.message} [${error.exit}]; the same Idempotency-Key prevents a second charge`,
      };
      await deps.clock.sleep(waitMs, deps.signal).catch((reason: unknown) => {
        throw stoppedAfter(error, reason);
      });
      // The machine may have slept, or the process have been stopped, for longer than was meant.
      if (!isStillKnown(0)) throw error;
    }
  }
}

function noReply(): CliError {
  return new CliError('outcome_unknown', 'the response to the first request is not recorded', {
    code: 'no_reply',
    billed: 'unknown',
  });
}

/** No response to the retry says what became of the first request. */
function afterLost(lost: CliError, error: CliError): CliError {
  if (error.billed !== 'no' || taskOfDuplicate(error) !== null) return error;
  return new CliError('outcome_unknown', `${lost.message}; the retry: ${error.message}`, {
    ...error.details,
    billed: 'unknown',
  });
}

/** A signal after a lost response: the outcome is still unknown. */
function stoppedAfter(error: CliError, reason: unknown): unknown {
  return reason instanceof SignalReceived
    ? new CliError(reason.exit, reason.message, { ...error.details, billed: 'unknown' })
    : reason;
}

/** 409 with the id of the task that the first request made. */
function taskOfDuplicate({ details }: CliError): string | null {
  return details.status === 409 && details.taskId !== undefined ? details.taskId : null;
}

async function* createOnce(
  { url, headers, body, model, policy, idempotencyKey, idempotencyMs, replySignal, read }: Creation,
  attempts: { count: number },
  again: boolean,
  fetch: Send,
  deps: RequestDeps,
): AsyncGenerator<OutputEvent, Created, undefined> {
  const repeatable = idempotencyKey !== null && idempotencyMs > 0;
  const { timeouts } = policy;
  const request = {
    method: 'POST' as const,
    url,
    headers: idempotencyKey === null ? headers : { ...headers, 'idempotency-key': idempotencyKey },
    body: JSON.stringify(body),
    paid: true,
  };
  const patience = repeatable
    ? { ...timeouts, firstByteMs: Math.min(timeouts.firstByteMs, FIRST_BYTE_MS) }
    : timeouts;
  // A retry is a single request: retries inside it could exceed the time in which the Idempotency-Key is valid.
  const once = { ...policy, timeouts: patience, replySignal, ...(again ? { maxTries: 1 } : {}) };
  const sending =
    read === null
      ? asTask(requestJson(request, once, model, fetch, deps))
      : readThrough(openReply(request, once, model, fetch, deps), read, request);
  let step = await sending.next();
  attempts.count += 1;
  while (!step.done) {
    if (step.value.type === 'retry') attempts.count += 1;
    yield step.value;
    step = await sending.next();
  }
  const { reply, requestId, status, call, json } = step.value;
  if (reply !== null && (reply.id !== null || reply.results.length > 0))
    return { taskId: reply.id, requestId, call, reply, json };
  throw new CliError('protocol', 'the gateway accepted the request, but returned no task id', {
    code: 'no_task_id',
    status,
    requestId: requestId ?? undefined,
    billed: 'unknown',
  });
}

interface Answered {
  reply: TaskReply | null;
  requestId: string | null;
  status: number;
  call: string | null;
  json: unknown;
}

type Answering = AsyncGenerator<OutputEvent, Answered, undefined>;

async function* asTask(sending: ReturnType<typeof requestJson>): Answering {
  const { json, ...answer } = yield* sending;
  return { ...answer, reply: readTaskReply(json), json };
}

/** A paid response that is cut off leaves the outcome unknown. */
async function* readThrough(
  sending: ReturnType<typeof openReply>,
  read: ReadReply,
  request: Request,
): Answering {
  const answer = yield* sending;
  try {
    const { requestId, status } = answer;
    const call = answer.headers.get('x-alltoken-call');
    return { reply: await read(answer, request), requestId, status, call, json: null };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const isLost = error.exit === 'network' || error.exit === 'timeout';
    // An error object under a good status, whose code says that nothing was made.
    const isVerdict = !isLost && error.mayRunAgain;
    throw new CliError(isLost ? 'outcome_unknown' : error.exit, error.message, {
      ...error.details,
      billed: error.details.billed ?? (isVerdict ? 'no' : 'unknown'),
    });
  } finally {
    answer.watch.stop();
  }
}
