/** The requests of one question: the model, then its fallbacks; and again as long as the model calls tools of ours. It plans nothing and keeps nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { NextStep } from '../../base/next-step.ts';
import { Answer } from '../../client/answer.ts';
import { capsOf } from '../../money/budget/caps.ts';
import type { ChatSuccess, ToolCall } from '../../schemas/chat.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { holdCalls } from '../call/fit.ts';
import type { PlannedCall } from '../call/lower.ts';
import { mayFallBack, type Sending, sendCall } from '../call/send.ts';
import type { Terms } from '../call/terms.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { judgeSearch } from './search-rules.ts';
import type { Toolbox } from './toolbox.ts';

/** What is known so far. */
export interface State {
  plan: Plan | null;
  answer: Answer;
  earlierAttempts: number;
  session: string | null;
  searched: ChatSuccess['searched'];
  /** What was sent last. */
  sent: PlannedCall | null;
  files: ChatSuccess['files'];
  urls: ChatSuccess['urls'];
  toolbox: Toolbox | null;
  steps: number;
  /** Of the steps so far. */
  usage: ChatSuccess['usage'];
  /** The turn is in its conversation, from which one can go on. */
  isSaved: boolean;
  /** The last answer stands in the messages of the toolbox. */
  isAdded: boolean;
  /** Of the steps before the last answer. */
  images: Answer['images']['list'][number][];
}

export interface Stepping {
  options: AskOptions;
  plan: Plan;
  /** The next request, with what was said and done since the last one. */
  planned(terms: Terms): PlannedCall[];
  limit: number;
}

/** One request, or several where the model calls tools of ours between them. */
export async function* askInSteps(
  first: readonly PlannedCall[],
  how: Sending,
  { options, plan, planned, limit }: Stepping,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  let calls = first;
  let terms = how.terms;
  for (let number = 1; ; number += 1) {
    const { toolbox } = state;
    let asked: readonly ToolCall[];
    try {
      if (number > 1) yield* holdCalls(calls, terms, deps);
      yield* askModels(calls, { ...how, terms }, options, limit, state, deps);
      asked = callsOf(state.answer);
    } catch (error) {
      asked = toolbox === null ? [] : badlyWritten(error, state.answer);
      if (asked.length === 0) throw number === 1 ? error : afterPurchase(error);
    } finally {
      if (toolbox !== null) settleStep(toolbox, state);
    }
    if (toolbox === null) return;
    if (asked.length === 0) return;
    const text = state.answer.text.whole ?? '';
    const step = { number, text, calls: asked, connection: how.connection };
    yield { type: 'step', step: number, tool_calls: [...asked] };
    state.isAdded = true;
    if (number === toolbox.maxSteps) {
      toolbox.skip(step);
      throw tooManySteps(number, plan);
    }
    yield* toolbox.run(step);
    try {
      terms = {
        ...terms,
        caps: capsOf(plan.settings.budget, toolbox.left() ?? undefined, plan.tags),
      };
      state.earlierAttempts += state.answer.attempts;
      state.images.push(...state.answer.images.list);
      state.answer = new Answer(limit);
      state.isAdded = false;
      calls = planned(terms);
    } catch (error) {
      throw afterPurchase(error);
    }
  }
}

/** Counts a request that was sent, whatever became of it. */
function settleStep(toolbox: Toolbox, state: State): void {
  const { answer, sent } = state;
  if (answer.hasTerminalSignal) state.steps += 1;
  state.usage = sumOfUsage(state.usage, answer.usage, state.steps);
  const mayBeBilled = answer.attempts > 0 && (answer.begun || answer.cost.amount !== null);
  if (mayBeBilled) toolbox.paid(answer.cost, sent?.bounds?.bound.amount ?? null);
}

/** The three counts that every gateway reports; of a single request all that it sent. */
function sumOfUsage(
  before: ChatSuccess['usage'],
  one: ChatSuccess['usage'],
  steps: number,
): ChatSuccess['usage'] {
  if (steps <= 1 || one === null) return steps <= 1 ? one : null;
  if (before === null) return null;
  const sum = (name: 'prompt_tokens' | 'completion_tokens' | 'total_tokens'): number | null => {
    const [a, b] = [before[name], one[name]];
    return typeof a === 'number' && typeof b === 'number' ? a + b : null;
  };
  return {
    prompt_tokens: sum('prompt_tokens'),
    completion_tokens: sum('completion_tokens'),
    total_tokens: sum('total_tokens'),
  };
}

/** Of a step that ended well: no tool of one that was cut, or that ended in an unknown way, runs. */
function callsOf(answer: Answer): readonly ToolCall[] {
  const endedWell = answer.ending === 'done' || (answer.ending === null && answer.done);
  return endedWell ? answer.toolCalls.whole(answer.hasTerminalSignal).calls : [];
}

/** The calls of an answer that ended well, with arguments that are no JSON: none of them runs, and the model is told. */
function badlyWritten(error: unknown, { toolCalls }: Answer): readonly ToolCall[] {
  if (!(error instanceof CliError) || error.details.code !== 'broken_tool_call') return [];
  return toolCalls.list
    .filter(({ name }) => name !== '')
    .map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }));
}

/** The steps before it were bought: nobody should take it for a command that may be run again. */
function afterPurchase(thrown: unknown): unknown {
  if (!(thrown instanceof CliError) || thrown.isStop) return thrown;
  const { exit, message, details } = thrown;
  const staysAsItIs = !thrown.mayRunAgain || exit === 'budget' || exit === 'refused';
  return staysAsItIs
    ? thrown.changed({ billed: 'yes' })
    : new CliError('partial', message, { ...details, code: details.code ?? exit, billed: 'yes' });
}

function tooManySteps(count: number, { conversation }: Plan): CliError {
  const more: NextStep = {
    do: 'set-flag',
    flag: '--max-steps',
    value: String(Math.min(count * 2, 100)),
  };
  const goOn: NextStep = {
    do: 'continue-chat',
    session: conversation.wanted ? conversation.name : undefined,
  };
  return new CliError('partial', `after ${count} steps the model still asks for tools`, {
    code: 'max_steps',
    billed: 'yes',
    next: conversation.save ? [goOn, more] : [more],
  });
}

/** The model, then each fallback as long as the gateway's error says that nothing was bought. */
async function* askModels(
  calls: readonly PlannedCall[],
  how: Sending,
  { command, search }: Pick<AskOptions, 'command' | 'search'>,
  limit: number,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  for (const [index, call] of calls.entries()) {
    const { model } = call;
    if (index > 0) {
      state.earlierAttempts += state.answer.attempts;
      state.answer = new Answer(limit);
    }
    try {
      yield { type: 'start', command, gateway: how.connection.gateway.id, model };
      yield* sendCall(call, state.answer, how, deps);
      if (search) yield* doubtSearch(state);
      return;
    } catch (error) {
      const next = calls[index + 1]?.model;
      if (next === undefined || !(error instanceof CliError) || !mayFallBack(error, state.answer))
        throw error;
      yield {
        type: 'retry',
        attempt: state.earlierAttempts + state.answer.attempts + 1,
        wait_ms: 0,
        model: next,
        reason: `${model}: ${error.message} [${error.exit}]`,
      };
    }
  }
}

/** Nothing in the response proves a search, but an answer may say that there was none. */
async function* doubtSearch(state: State): AsyncGenerator<OutputEvent, void, undefined> {
  const { text } = state.answer;
  state.searched = judgeSearch(text.whole ?? '');
  if (state.searched === 'unlikely')
    yield { type: 'warning', message: 'the answer itself says that no web search was done' };
}
