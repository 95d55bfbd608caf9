/** A run: request, tools, request, until something ends it. The list of messages is its only state, and is valid whenever it is left. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { plainCopy } from '../base/json.ts';
import { isOwn } from '../money/budget/caps.ts';
import { checkArguments, objectIn } from './arguments.ts';
import { type Answered, ask, type Ears } from './ask.ts';
import { fieldsOf } from './failure.ts';
import { assistantMessage, mended, openCalls, readMessages, resultMessage } from './history.ts';
import { failed } from './results.ts';
import { guarded, type ReadyCall, runTools, type ToolResult, unlessAborted } from './run-tools.ts';
import {
  abortedError,
  closeOpen,
  isHeld,
  needsDecision,
  stoppedByCaller,
  tooManySteps,
} from './stops.ts';
import type {
  AgentEvent,
  AllTokenErrorFields,
  CallRecord,
  ChatMessage,
  Decision,
  Stop,
  Tool,
  ToolCall,
  ToolHandler,
  TotalCost,
} from './types.ts';
import type { World } from './world.ts';

/** What a run works on. */
export interface Running {
  world: World;
  tools: ReadonlyMap<string, ToolHandler & Partial<Tool>>;
  /** The history; only `append` adds to it. */
  messages(): readonly ChatMessage[];
  append(message: ChatMessage): void;
  /** Removes the messages of the user at the end of the history that this run has added. */
  takeBack(): void;
  /** The last message is a part of an answer. */
  markCut(): void;
  /** Decisions on calls that waited for one. */
  decisions: ReadonlyMap<string, Decision>;
  /** Messages to send with the next request, and those for when the run would end. */
  inbox: { steer: string[]; queue: string[] };
  tell(event: AgentEvent): void;
  ready(): Promise<void> | undefined;
  warn(message: string): void;
  record(call: CallRecord): void;
  cost(): TotalCost;
}

export interface Ended {
  stop: Stop;
  text: string;
  steps: number;
  error: AllTokenErrorFields | null;
}

/** Appends a message of the user and tells of it. */
export function say(content: string, { append, tell }: Pick<Running, 'append' | 'tell'>): void {
  append({ role: 'user', content });
  tell({ type: 'message:user', message: { role: 'user', content } });
}

/** Goes on from the history. Throws one `CliError` for what is no stop. */
export async function runLoop(run: Running): Promise<Ended> {
  const { world, inbox } = run;
  const { options, deps } = world;
  let steps = 0;
  let text = '';
  let stepsLeft = options.maxSteps;
  const end = (stop: Stop, error: AllTokenErrorFields | null = null): Ended => ({
    stop,
    text,
    steps,
    error,
  });
  const endAborted = (): Ended => {
    closeOpen(run, failed('aborted'));
    return end('aborted', fieldsOf(abortedError(steps)));
  };
  try {
    for (;;) {
      if (deps.signal.aborted) return endAborted();
      if (stepsLeft === 0) return end('max_steps', fieldsOf(tooManySteps(options.maxSteps)));
      for (const words of inbox.steer.splice(0)) say(words, run);
      const answered = await request(run, steps);
      const { failure } = answered;
      for (const record of answered.records) run.record(record);
      text = answered.text;
      const calls = namedCalls(answered, run);
      // A call that the model wrote badly is told to the model.
      const isBroken = failure?.details.code === 'broken_tool_call' && calls.length > 0;
      if (failure !== null && !isBroken) {
        keepPart(answered.text, run);
        takeBackRefused(failure, run);
        const stop = stopFor(failure, answered, run);
        if (stop === null) throw failure;
        if (stop !== 'aborted') steps += answered.records.length > 0 ? 1 : 0;
        const why = stop === 'aborted' ? { ...failure.details, code: 'aborted' } : failure.details;
        return end(stop, fieldsOf(new CliError(failure.exit, failure.message, why)));
      }
      steps += 1;
      stepsLeft -= 1;
      await keepAnswer(answered, calls, steps, run);
      if (answered.ending === 'length') {
        closeOpen(run, failed('not_run', { message: 'the answer was cut at the token limit' }));
        finished(text, run);
        return end('length');
      }
      if (calls.length === 0) {
        finished(text, run);
        if (inbox.steer.length === 0 && inbox.queue.length === 0) return end('done');
        const next = inbox.steer.length > 0 ? null : inbox.queue.shift();
        if (next == null) continue;
        say(next, run);
        stepsLeft = options.maxSteps;
        continue;
      }
      const ready = await readyCalls(answered, calls, run);
      const { results, undecided } = await runTools(ready, run.decisions, benchOf(run, steps));
      if (deps.signal.aborted) {
        return endAborted();
      }
      if (undecided > 0) return end('approval', fieldsOf(needsDecision()));
      const custom = await customStop(run, steps, text, results);
      if (custom !== null) return end(custom, fieldsOf(stoppedByCaller(custom)));
    }
  } catch (error) {
    // A function of the user was at work.
    if (deps.signal.aborted && error === deps.signal.reason) return endAborted();
    throw error;
  }
}

/**
 * Gives a result to the calls of an earlier run: a decided one runs or is denied; one that waits for a decision stays where
 * `mayWait`; the others were interrupted, and nobody knows how far they came. Resolves to whether some still wait.
 */
export async function settleOpen(run: Running, mayWait: boolean): Promise<boolean> {
  const { decisions, tools, world } = run;
  const { approve } = world.options;
  const ready: ReadyCall[] = [];
  for (const { id, function: called } of openCalls(run.messages())) {
    const handler = tools.get(called.name);
    const isDecided = decisions.has(id);
    const waits = isHeld(handler) && approve !== 'auto';
    if (handler === undefined || !(isDecided || (mayWait && waits))) {
      run.append(resultMessage(id, JSON.stringify(failed('aborted'))));
      continue;
    }
    const checking = checkArguments(handler, objectIn(called.arguments));
    const checked = await unlessAborted(checking, world.deps.signal);
    if ('problem' in checked)
      run.append(
        resultMessage(
          id,
          JSON.stringify(failed('invalid_arguments', { message: checked.problem })),
        ),
      );
    else ready.push({ id, name: called.name, args: checked.value, handler });
  }
  const { undecided } = await runTools(ready, decisions, benchOf(run, 0));
  return undecided > 0;
}

async function request(run: Running, steps: number): Promise<Answered> {
  const { world, tools } = run;
  const { hooks } = world.options;
  const { signal } = world.deps;
  const step = steps + 1;
  const [model] = world.models;
  let messages = mended(run.messages());
  const { prepareMessages, beforeRequest } = hooks;
  if (prepareMessages !== undefined) {
    const about = { model, step, contextWindow: world.contextOf(model) };
    const given = messages.map(plainCopy);
    const prepare = async (): Promise<ChatMessage[]> =>
      readMessages(await prepareMessages(given, about));
    messages = mended(await guarded('prepareMessages', steps, signal, prepare));
  }
  if (beforeRequest !== undefined) {
    const given = messages.map(plainCopy);
    const about = { step, model, messages: given, tools: [...tools.keys()] };
    await guarded('beforeRequest', steps, signal, () => beforeRequest(about));
  }
  const definitions = [...tools.values()].map(({ definition }) => definition);
  return ask({ step, messages, tools: definitions, stream: true, tool: null }, world, earsOf(run));
}

function earsOf({ tell, ready, warn }: Running): Ears {
  let accumulated = '';
  let begun = false;
  return {
    warn,
    begins: () => {
      if (!begun) tell({ type: 'stream:start' });
      begun = true;
      accumulated = '';
    },
    text: (delta) => {
      accumulated += delta;
      tell({ type: 'stream:delta', delta, accumulated });
    },
    reasoning: (delta) => tell({ type: 'stream:reasoning', delta }),
    ends: (text) => {
      if (begun) tell({ type: 'stream:end', text });
    },
    ready,
  };
}

/** The calls with ids of their own; one without a name cannot be answered, and is left out. */
export function namedCalls(
  { calls }: Pick<Answered, 'calls'>,
  { world, warn }: { world: { deps: Pick<Deps, 'uuid'> }; warn: Running['warn'] },
): ToolCall[] {
  const ids = new Set<string>();
  return calls.flatMap(({ id, name, text }) => {
    if (name === '') {
      warn('a tool call without a name was dropped');
      return [];
    }
    const own = id !== null && id !== '' && !ids.has(id) ? id : `call_${world.deps.uuid()}`;
    ids.add(own);
    // Servers refuse a history with arguments that are no object.
    const whole = objectIn(text) === null || text.trim() === '' ? '{}' : text;
    return [{ id: own, type: 'function' as const, function: { name, arguments: whole } }];
  });
}

async function keepAnswer(
  { text, records, calls: came }: Answered,
  calls: readonly ToolCall[],
  step: number,
  run: Running,
): Promise<void> {
  const message = assistantMessage(text, calls);
  // Nothing but calls that cannot be answered.
  if (text !== '' || calls.length > 0 || came.length === 0) run.append(message);
  const { afterResponse } = run.world.options.hooks;
  const call = records.at(-1);
  if (afterResponse === undefined || call === undefined) return;
  const { finishReason } = call;
  const about = { step, message: plainCopy(message), finishReason, call: plainCopy(call) };
  const { signal } = run.world.deps;
  try {
    await guarded('afterResponse', step, signal, () => afterResponse(about));
  } catch (error) {
    closeOpen(run, failed('aborted'));
    throw error;
  }
}

/** The part of an answer that broke off is in the next request. */
function keepPart(text: string, run: Running): void {
  if (text === '') return;
  run.append(assistantMessage(text, []));
  run.markCut();
}

/** What a gateway refuses for what it says would be refused with each later message, too. Nothing was bought for it. */
export function takeBackRefused(
  { exit, billed }: Pick<CliError, 'exit' | 'billed'>,
  { takeBack }: Pick<Running, 'takeBack'>,
): void {
  if ((exit === 'rejected' || exit === 'refused') && billed === 'no') takeBack();
}

/** All calls of the step, if each may run; else none of them, and each has its result. */
export async function readyCalls(
  answered: Pick<Answered, 'ending' | 'calls'>,
  calls: readonly ToolCall[],
  run: Running,
): Promise<ReadyCall[]> {
  const isWell = answered.ending === null || answered.ending === 'done';
  const texts = answered.calls.filter(({ name }) => name !== '').map(({ text }) => text);
  const ready: ReadyCall[] = [];
  const problems = new Map<string, unknown>();
  for (const [index, { id, function: called }] of calls.entries()) {
    const handler = run.tools.get(called.name);
    if (handler === undefined) {
      problems.set(id, failed('unknown_tool', { tools: [...run.tools.keys()] }));
      continue;
    }
    const checking = checkArguments(handler, objectIn(texts[index] ?? ''));
    const checked = await unlessAborted(checking, run.world.deps.signal);
    if ('problem' in checked)
      problems.set(id, failed('invalid_arguments', { message: checked.problem }));
    else ready.push({ id, name: called.name, args: checked.value, handler });
  }
  const isInvalid = ready.length + countUnknown(problems, calls, run) < calls.length;
  const mayRun = isWell && !isInvalid;
  const why = isWell
    ? 'another call of this answer has invalid arguments'
    : 'the answer did not end as it should';
  for (const { id, function: called } of calls) {
    const problem = problems.get(id) ?? (mayRun ? undefined : failed('not_run', { message: why }));
    if (problem === undefined) continue;
    run.append(resultMessage(id, JSON.stringify(problem)));
    run.tell({ type: 'tool:result', name: called.name, result: problem, callId: id });
  }
  return mayRun ? ready : [];
}

function countUnknown(
  problems: ReadonlyMap<string, unknown>,
  calls: readonly ToolCall[],
  { tools }: Running,
): number {
  return calls.filter(({ id, function: { name } }) => problems.has(id) && !tools.has(name)).length;
}

export function benchOf(run: Running, step: number) {
  const { world, append, tell, warn, record } = run;
  return {
    world,
    hooks: world.options.hooks,
    step,
    append,
    warn,
    record,
    called: ({ name, args, callId }: { name: string; args: unknown; callId: string }) =>
      tell({ type: 'tool:call', name, args, callId }),
    returned: ({ name, result, callId }: ToolResult) =>
      tell({ type: 'tool:result', name, result, callId }),
  };
}

function finished(text: string, { tell }: Running): void {
  tell({ type: 'message:assistant', message: { role: 'assistant', content: text } });
}

/** The stop that a failure means; null: it is an error. */
function stopFor(failure: CliError, { cut }: Answered, { world }: Running): Stop | null {
  if (world.deps.signal.aborted && failure.isStop) return 'aborted';
  if (cut !== null) return isOwn(cut) ? 'max_cost' : 'budget';
  if (failure.exit === 'refused') return 'refused';
  if (failure.exit !== 'budget') return null;
  const { cap, code } = failure.details;
  if (cap !== undefined) return isOwn(cap) ? 'max_cost' : 'budget';
  return code === 'cost_unbounded' && world.purse.left !== null ? 'max_cost' : 'budget';
}

async function customStop(
  run: Running,
  steps: number,
  text: string,
  toolResults: readonly ToolResult[],
): Promise<Stop | null> {
  const { stopWhen } = run.world.options;
  if (stopWhen === undefined) return null;
  const messages = run.messages().map(plainCopy);
  const state = { steps, messages, toolResults, text, cost: run.cost() };
  const said = await guarded('stopWhen', steps, run.world.deps.signal, () => stopWhen(state));
  return said === false ? null : `custom:${typeof said === 'string' ? said : 'stop_when'}`;
}
