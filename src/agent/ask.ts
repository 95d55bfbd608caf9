/** One step: a request to the model, or to a fallback, under all caps, and what it said. It runs no tool and keeps no history. */
import type { Deps } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import { CliError } from '../base/errors.ts';
import { Answer } from '../client/answer.ts';
import type { Ending } from '../client/finish-reasons.ts';
import { type Cap, decimal, ownCaps } from '../money/budget/caps.ts';
import { compare } from '../money/decimal.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { holdCalls, planCall } from '../work/call/fit.ts';
import type { PlannedCall } from '../work/call/lower.ts';
import { billedAsTold, mayFallBack, type Sending, sendCall } from '../work/call/send.ts';
import type { Hold, Purse } from './purse.ts';
import type { CallRecord, ChatCompletionTool, ChatMessage, Cost } from './types.ts';
import { finish, type World } from './world.ts';

/** Of one answer, in UTF-16 units: more than a model could be sent again. */
const MAX_TEXT = 16 * 1024 * 1024;

/** Hears of what arrives. */
export interface Ears {
  warn(message: string): void;
  /** A request was sent, and its answer begins. */
  begins(): void;
  text(delta: string): void;
  reasoning(delta: string): void;
  /** Nothing more comes. */
  ends(text: string): void;
  /** Resolves when whoever listens can take more. */
  ready(): Promise<void> | undefined;
}

export interface Question {
  step: number;
  messages: readonly ChatMessage[];
  tools: readonly ChatCompletionTool[];
  stream: boolean;
  /** What buys it, where it is a tool. */
  tool: string | null;
}

export interface Answered {
  text: string;
  calls: readonly { id: string | null; name: string; text: string }[];
  /** null: only `[DONE]` ended it, or nothing did. */
  ending: Ending | null;
  /** Why the answer is incomplete; null where it is complete. */
  failure: CliError | null;
  /** The cap that cut it. */
  cut: Cap | null;
  /** One for each request that was sent; the last one gave this answer. */
  records: readonly CallRecord[];
}

/** Never rejects for a failure of the request. Throws what is a bug. */
export async function ask(question: Question, world: World, ears: Ears): Promise<Answered> {
  const records: CallRecord[] = [];
  for (const [index, model] of world.models.entries()) {
    const one = await askModel(model, question, world, ears);
    records.push(...one.records);
    const next = world.models[index + 1];
    if (next === undefined || one.failure === null || !mayFallBack(one.failure, one.answer)) {
      ears.ends(one.text);
      return { ...one, records };
    }
    ears.warn(`${model}: ${one.failure.message}; trying ${next}`);
  }
  throw new TypeError('there is always a model');
}

async function askModel(
  model: string,
  question: Question,
  world: World,
  ears: Ears,
): Promise<Answered & { answer: Answer }> {
  const { connection, deps } = world;
  const answer = new Answer(MAX_TEXT);
  const startedAt = deps.clock.monotonic();
  const sent: { call: PlannedCall; id: string }[] = [];
  let failure: CliError | null = null;
  let hold: Hold | null = null;
  let text = '';
  try {
    const planned = await planUnder(model, question, world);
    hold = planned.hold;
    const how: Sending = {
      terms: planned.terms,
      connection,
      stream: question.stream,
      debug: false,
      sending: (call, id) => {
        sent.push({ call, id });
        ears.begins();
      },
    };
    if (planned.terms.caps.length > 0)
      await finish(holdCalls([planned.call], planned.terms, deps), ears.warn);
    for await (const event of sendCall(planned.call, answer, how, deps)) {
      if (event.type === 'delta') text += event.text;
      hear(event, ears);
      const full = ears.ready();
      if (full !== undefined) await full;
    }
  } catch (thrown) {
    failure = billedAsTold(toCliError(thrown), answer);
  }
  const [request] = sent;
  const record =
    request === undefined ? null : recordOf(request, answer, question, startedAt, deps);
  settle(hold, record, failure);
  return {
    answer,
    text: question.stream ? text : (answer.text.whole ?? text),
    calls: answer.toolCalls.list,
    ending: answer.ending,
    failure,
    cut: failure?.details.code === 'cut_by_cap' ? (request?.call.lowered?.cap ?? null) : null,
    records: record === null ? [] : [record],
  };
}

function hear(event: OutputEvent, ears: Ears): void {
  if (event.type === 'delta') ears.text(event.text);
  else if (event.type === 'reasoning') ears.reasoning(event.text);
  else if (event.type === 'warning') ears.warn(event.message);
  else if (event.type === 'retry') ears.warn(`${event.reason}; trying again`);
}

/** Plans the call under what is left at this moment, and reserves it. One that only purchases of this agent are in the way of waits for them. */
async function planUnder(
  model: string,
  question: Question,
  world: World,
): Promise<{ call: PlannedCall; terms: Sending['terms']; hold: Hold }> {
  const { purse, deps } = world;
  const body = bodyOf(model, question, world);
  for (;;) {
    if (deps.signal.aborted) throw deps.signal.reason;
    if (purse.isBlind) throw blind();
    const terms = world.terms();
    const call = planCall(model, body, terms);
    const bound = call.bounds?.bound.amount ?? '0';
    const isShort = call.lowered?.cap.name === ownCaps.agent || isAbove(bound, purse);
    if (!purse.isBusy || !isShort) return { call, terms, hold: purse.hold(bound) };
    await purse.change(deps.signal);
  }
}

function isAbove(bound: string, { left }: Purse): boolean {
  return left !== null && compare(decimal(bound), left) > 0;
}

function blind(): CliError {
  return new CliError(
    'budget',
    'maxCost cannot be enforced: the cost of something that was bought is not known; nothing was sent',
    { code: 'cost_unbounded', next: { do: 'say', words: 'run without maxCost' } },
  );
}

function bodyOf(
  model: string,
  { messages, tools, stream }: Question,
  { options }: World,
): Record<string, unknown> {
  const { temperature, maxTokens, enableSearch } = options;
  return {
    model,
    messages,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    ...(temperature !== null && { temperature }),
    ...(maxTokens !== null && { max_tokens: maxTokens }),
    ...(tools.length > 0 && { tools }),
    ...(enableSearch && { enable_search: true }),
  };
}

function recordOf(
  { call, id }: { call: PlannedCall; id: string },
  answer: Answer,
  { step, tool }: Question,
  startedAt: number,
  { clock }: Pick<Deps, 'clock'>,
): CallRecord {
  return {
    id,
    tool,
    step,
    model: answer.model ?? call.model,
    requestId: answer.requestId,
    finishReason: answer.finishReason,
    usage: answer.usage,
    cost: answer.cost,
    attempts: answer.attempts,
    durationMs: Math.round(clock.monotonic() - startedAt),
  };
}

/** What a request has cost takes the place of what was reserved for it. */
function settle(hold: Hold | null, record: CallRecord | null, failure: CliError | null): void {
  const cost: Cost | null = record?.cost ?? null;
  const isFree = record === null || (failure?.billed === 'no' && cost?.amount == null);
  if (isFree) hold?.release();
  else hold?.settle(cost?.amount == null ? null : cost);
}
