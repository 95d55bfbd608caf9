/** One line: its admission, its intent, its request until it has a verdict, its line of the output, its outcome in the ledger. It judges no batch. */
import type { Deps } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import { type Billed, type CliError, EXIT_OK } from '../base/errors.ts';
import { thisProcess } from '../base/process-state.ts';
import { redact } from '../base/redact.ts';
import { Answer } from '../client/answer.ts';
import type { IntentLine } from '../money/ledger/lines.ts';
import type { OutputLine } from '../schemas/batch.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { judge } from '../work/ask/judge.ts';
import { outcomeLine } from '../work/call/outcome.ts';
import { exchange } from '../work/call/send.ts';
import type { Held, Order, Till } from '../work/call/till.ts';
import type { Connection } from '../work/connection.ts';
import { completionOf } from './completion.ts';
import type { LineFault, LineRequest } from './line-request.ts';
import type { Known } from './output-file.ts';
import type { BatchPlan } from './plan.ts';
import type { Permit, Rate } from './rate.ts';
import type { StateFile } from './state-file.ts';
import { triesDocument } from './tally.ts';

export interface LineJob {
  number: number;
  id: string;
  /** Of its bytes, 16 hex digits. */
  hash: string;
  request: LineRequest;
  /** What an earlier run has written of it; null: nothing. */
  earlier: Known | null;
}

export interface SendContext {
  plan: BatchPlan;
  tags: readonly string[];
  connection: Connection;
  till: Till;
  state: StateFile;
  debug: boolean;
  /** How long a line waits for money that other commands hold, ms. */
  holdMs: number;
  /** Calls of lines that have their money and have not ended. */
  holding: Set<string>;
  /** Aborted when no more requests may begin; those in flight go on. */
  stopping: AbortSignal;
  /** A refusal that says nothing of this line. Returns why the batch ends with it; null: it goes on. */
  refused(error: CliError, rate: Rate): CliError | null;
  /** No more lines are sent. */
  end(reason: CliError): void;
  /** The ledger did not take an outcome, and why. */
  lacksOutcome(problem: string): void;
  /** Shown, but never part of the output. */
  show(event: OutputEvent): void;
  /** A call is not in the ledger; each reason is shown once. */
  lost(problem: string): void;
  deps: Deps;
}

export type LineResult =
  /** It was not sent, or surely bought nothing: it is as it was. `error`: why the batch ends; null: it has ended already. */
  | { kind: 'not sent'; error: CliError | null }
  | {
      kind: 'ended';
      line: OutputLine;
      /** Writes the outcome to the ledger, once the line is in the output. */
      settle(): Promise<void>;
    };

/** Tries where the gateway is at fault and nothing was bought, besides those that are refused by a limit. */
const MAX_TRIES = 3;

/** Holds `first` when it begins; a result that is settled gives the permit back. It never rejects. */
export async function sendLine(
  job: LineJob,
  rate: Rate,
  first: Permit,
  context: SendContext,
): Promise<LineResult> {
  const { deps } = context;
  const intent = intentOf(job, context);
  const { call } = intent;
  let permit: Permit | null = first;
  let held: Held;
  rate.setAside(first);
  try {
    const { plan, stopping: signal } = context;
    const { model, body } = job.request;
    held = await hold({ model, body, intent, prices: plan.prices, caps: [], signal }, context);
  } catch (thrown) {
    rate.giveBack(permit, { kind: 'left' });
    return notHeld(thrown, job, context);
  }
  const { fitted, admission } = held;
  const startedAt = deps.clock.monotonic();
  const bound = fitted.bounds?.bound.amount ?? null;
  let attempts = 0;
  let tries = 0;
  if (admission.problem !== null) context.lost(admission.problem);
  // `exit` null: it was not sent, so that it ended in no way.
  const settle = async (answer: Answer, exit: number | null, billed: Billed): Promise<void> => {
    const { usage, cost, requestId, model, firstTokenAt } = answer;
    const facts = { model, request_id: requestId, attempts, usage, cost, startedAt, firstTokenAt };
    const outcome = outcomeLine(intent, { ...facts, exit, billed }, deps);
    const problem = await admission.settle(outcome).finally(() => context.holding.delete(call));
    if (problem !== null) context.lacksOutcome(problem);
  };
  // While it waited for money, the gateway may have refused others.
  const renewed = await rate.renewed(first);
  if (renewed === null) {
    await settle(new Answer(0), null, 'no');
    return { kind: 'not sent', error: null };
  }
  permit = renewed;
  for (;;) {
    const answer = new Answer(Number.POSITIVE_INFINITY);
    try {
      const isAgain = job.earlier !== null && job.earlier.billed !== 'no';
      const { model } = intent;
      await context.state.intend({ id: job.id, hash: job.hash, call, bound, isAgain, model });
    } catch (thrown) {
      const error = toCliError(thrown);
      rate.giveBack(permit, { kind: 'left' });
      await settle(answer, error.exitCode, 'no');
      return { kind: 'not sent', error };
    }
    const warnings: string[] = [];
    const failure = await attempt(held, answer, warnings, context);
    attempts += answer.attempts;
    const verdict = verdictOn(failure);
    if (verdict === 'line') {
      const billed = failure?.billed ?? 'yes';
      const own = permit;
      return {
        kind: 'ended',
        line: lineOf(job, { answer, failure, warnings, attempts, call, bound, billed }, context),
        async settle() {
          await settle(answer, failure?.exitCode ?? EXIT_OK, billed);
          // Only now: what the next line does may depend on how this one ended.
          rate.giveBack(own, { kind: 'answered', limits: answer.rateLimit });
        },
      };
    }
    const error = failure as CliError;
    const unwritten = await context.state.takeBack(job.id, call).then(() => null, toCliError);
    const retryAfterMs = error.details.retryAfterMs ?? null;
    const isOver = unwritten ?? (verdict === 'end' ? error : null);
    // Before another line gets its place.
    if (isOver !== null) context.end(isOver);
    rate.giveBack(permit, { kind: 'refused', retryAfterMs, limits: answer.rateLimit });
    if (verdict === 'try') tries += 1;
    const ends = isOver ?? context.refused(error, rate);
    if (ends === null && tries < MAX_TRIES) {
      permit = await rate.permit(true);
      if (permit !== null) continue;
    }
    if (ends === null && verdict === 'try' && tries >= MAX_TRIES)
      return {
        kind: 'ended',
        line: lineOf(
          job,
          { answer, failure, warnings, attempts, call, bound, billed: 'no' },
          context,
        ),
        settle: () => settle(answer, error.exitCode, 'no'),
      };
    await settle(answer, error.exitCode, 'no');
    return { kind: 'not sent', error: ends };
  }
}

/** Money that lines of this batch hold comes free: each of them ends, at last after ten minutes of refusals. */
async function hold(order: Order, { till, holding, holdMs }: SendContext): Promise<Held> {
  for (;;)
    try {
      const held = await till.hold(order);
      holding.add(order.intent.call);
      return held;
    } catch (thrown) {
      const { code } = toCliError(thrown).details;
      if (code !== 'budget_reserved' || holding.size === 0 || holdMs === 0) throw thrown;
    }
}

function intentOf({ request }: LineJob, { plan, tags, deps }: SendContext): IntentLine {
  return {
    v: 1,
    event: 'intent',
    call: deps.uuid(),
    at: new Date(deps.clock.now()).toISOString(),
    command: 'batch',
    gateway: plan.gateway.id,
    session: null,
    tags,
    ...thisProcess(deps),
    model: request.model,
  };
}

/**
 * A cap on single calls is about this line alone, and so is a price that is not in the list; any other refusal is about
 * all that come.
 */
function notHeld(thrown: unknown, job: LineJob, context: SendContext): LineResult {
  if (context.stopping.aborted) return { kind: 'not sent', error: null };
  const error = toCliError(thrown);
  const { code = '' } = error.details;
  const isOwn =
    code === 'budget_call' || (code === 'cost_unbounded' && context.plan.prices !== null);
  if (!isOwn) return { kind: 'not sent', error };
  const fault = { code, message: error.message };
  return { kind: 'ended', line: faultLine(job, fault, job.earlier), settle: async () => {} };
}

/** Sends it once. Resolves to why it failed; null: it did not. */
async function attempt(
  { fitted }: Held,
  answer: Answer,
  warnings: string[],
  { plan, connection, debug, show, deps }: SendContext,
): Promise<CliError | null> {
  const { schema } = plan.request;
  const how = {
    terms: {
      settings: plan.settings,
      prices: plan.prices,
    },
    connection,
    stream: true,
    debug,
    judge: (whole: Answer) => judge({}, { schema }, whole),
  };
  try {
    for await (const event of exchange(fitted, answer, how, deps)) {
      if (event.type === 'warning') warnings.push(event.message);
      else if (event.type === 'trace') show(event);
    }
    return null;
  } catch (thrown) {
    return toCliError(thrown);
  }
}

/**
 * line: it is the line's own. limit: of the gateway as it is now, and costs the line no try. try: it may be the line's.
 * end: no line can be sent.
 */
function verdictOn(failure: CliError | null): 'line' | 'limit' | 'try' | 'end' {
  if (failure === null || failure.billed !== 'no') return 'line';
  if (failure.exit === 'rate_limited') return 'limit';
  if (failure.exit === 'network' || failure.exit === 'timeout') return 'limit';
  // A proxy's cap on single calls is about this line alone, as our own is.
  if (isOfCall(failure.details.code)) return 'line';
  // Money that is used up, of the account or of a proxy, and a key that is refused are so for all lines.
  if (['auth', 'balance', 'budget'].includes(failure.exit)) return 'end';
  return failure.exit === 'upstream' && failure.details.status === UNAVAILABLE ? 'try' : 'line';
}

const UNAVAILABLE = 503;

function isOfCall(code: string | undefined): boolean {
  return code === 'budget_call' || code === 'cost_unbounded';
}

interface Ended {
  answer: Answer;
  failure: CliError | null;
  warnings: readonly string[];
  attempts: number;
  call: string;
  bound: string | null;
  billed: Billed;
}

function lineOf(
  job: LineJob,
  { answer, failure, warnings, attempts, call, bound, billed }: Ended,
  { plan, deps }: SendContext,
): OutputLine {
  const { earlier } = job;
  const key = plan.key?.value ?? null;
  const created = Math.floor(deps.clock.now() / 1000);
  const message = failure === null ? '' : redact(failure.message, key);
  const code = failure === null ? '' : (failure.details.code ?? failure.exit);
  return {
    id: `batch_req_${call}`,
    custom_id: job.id,
    response: responseOf(answer, failure, { code, message, created, model: job.request.model }),
    error: failure === null ? null : { code, message },
    alltoken: {
      line: job.number,
      hash: job.hash,
      ...triesDocument(earlier, { cost: answer.cost, billed, bound, attempts }),
      call,
      ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
    },
  };
}

/** What came, as far as it came: a part of an answer was paid for, too. */
function responseOf(
  answer: Answer,
  failure: CliError | null,
  words: { code: string; message: string; created: number; model: string },
): OutputLine['response'] {
  const { code, message, created, model } = words;
  const request_id = answer.requestId;
  if (failure === null || answer.hasOutput)
    return { status_code: 200, request_id, body: completionOf(answer, model, created) };
  const { status, type } = failure.details;
  if (status === undefined || status < 400) return null;
  return {
    status_code: status,
    request_id,
    body: { error: { message, type: type ?? null, code } },
  };
}

/** Of a line that is not a request, or may not be one. */
export function faultLine(
  { number, id, hash }: Pick<LineJob, 'number' | 'id' | 'hash'>,
  { code, message }: LineFault,
  earlier: Known | null,
): OutputLine {
  return {
    id: `batch_req_${number}`,
    custom_id: id,
    response: null,
    error: { code, message },
    alltoken: {
      line: number,
      hash,
      cost: earlier?.cost ?? { amount: null, currency: 'USD', source: 'unknown' },
      billed: earlier?.billed ?? 'no',
      attempts: earlier?.attempts ?? 0,
      call: earlier?.call ?? null,
      ...(earlier === null || earlier.bound === null ? {} : { bound: earlier.bound }),
    },
  };
}
