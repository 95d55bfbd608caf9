/** Runs the tools of one step: approvals, hooks, time-outs, a few at a time, each result kept when it is there. It sends nothing itself. */

import { setMaxListeners } from 'node:events';
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { innerDeps } from '../base/inner-deps.ts';
import { isRecord, oneLine, plainCopy, thrownWords } from '../base/json.ts';
import { compare, formatDecimal, notBelowZero, parseDecimal, zero } from '../money/decimal.ts';
import { checkArguments } from './arguments.ts';
import { resultMessage } from './history.ts';
import { type Inside, putInside } from './inside.ts';
import { contentOf, failed } from './results.ts';
import { isHeld } from './stops.ts';
import type {
  CallRecord,
  ChatMessage,
  Cost,
  Decision,
  Hooks,
  Tool,
  ToolCallInfo,
  ToolContext,
  ToolHandler,
} from './types.ts';
import type { World } from './world.ts';

/** A call whose arguments are valid. */
export interface ReadyCall {
  id: string;
  name: string;
  args: unknown;
  handler: ToolHandler & Partial<Tool>;
}

export interface ToolResult {
  callId: string;
  name: string;
  args: unknown;
  result: unknown;
}

/** What the tools of a run work with. */
export interface Bench {
  world: World;
  hooks: Hooks;
  step: number;
  append(message: ChatMessage): void;
  called(call: ToolCallInfo): void;
  returned(result: ToolResult): void;
  warn(message: string): void;
  record(call: CallRecord): void;
}

/** A call of the model that is about to run, or not. `undecided`: somebody has to say so first, and nobody is there. */
type Verdict = 'run' | 'undecided' | { denied: string | null };

/** Whether a call may run. Throws what the function of the user throws, as `CliError` hook. */
async function judge(
  { id, name, args, handler }: ReadyCall,
  decided: Decision | undefined,
  { world, step }: Bench,
  signal: AbortSignal,
): Promise<Verdict> {
  if (decided !== undefined) return verdictOf(decided);
  const { needsApproval = false } = handler;
  const isNeeded =
    typeof needsApproval === 'function'
      ? await guarded('needsApproval', step, signal, () => needsApproval(plainCopy(args)))
      : needsApproval;
  const { approve } = world.options;
  if (!isNeeded || approve === 'auto') return 'run';
  if (approve === 'ask') return 'undecided';
  if (approve === 'deny') return { denied: null };
  return guarded('approve', step, signal, async () =>
    verdictOf(await approve({ callId: id, name, args: plainCopy(args) })),
  );
}

function verdictOf(decision: Decision): Verdict {
  if (decision === true) return 'run';
  if (typeof decision === 'object' && decision !== null && decision.approve === true) return 'run';
  const reason = typeof decision === 'object' && decision !== null ? decision.reason : undefined;
  return { denied: reason ?? null };
}

/**
 * What a function of the user throws ends the run. `step`: 0 where nothing was sent before. One that is still at work when the
 * signal is aborted is not waited for: rejects with the reason of the signal.
 */
export async function guarded<T>(
  name: string,
  step: number,
  signal: AbortSignal,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    const given = work();
    return given instanceof Promise ? await unlessAborted(given, signal) : await given;
  } catch (error) {
    if (signal.aborted && error === signal.reason) throw error;
    const words = thrownWords(error);
    throw new CliError(step === 0 ? 'usage' : 'partial', oneLine(`${name} threw: ${words}`), {
      code: 'hook',
      billed: step === 0 ? 'no' : 'yes',
      cause: error,
    });
  }
}

/** Rejects with the reason of the signal when it is aborted first. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    const forget = (): void => signal.removeEventListener('abort', stop);
    work.then(resolve, reject).finally(forget);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Runs the calls, at most `parallelTools` at a time, and keeps each result. Those that wait for a decision are left open.
 * Rejects for a hook that threw, when every call has its result.
 */
export async function runTools(
  calls: readonly ReadyCall[],
  decisions: ReadonlyMap<string, Decision>,
  around: Bench,
): Promise<{ results: ToolResult[]; undecided: number }> {
  const { parallelTools } = around.world.options;
  const kept = new Set<string>();
  const bench: Bench = {
    ...around,
    append: (message) => {
      if (message.role === 'tool') kept.add(message.tool_call_id);
      around.append(message);
    },
  };
  const results: ToolResult[] = [];
  const stop = new AbortController();
  // Each running tool listens.
  setMaxListeners(0, stop.signal);
  const outer = bench.world.deps.signal;
  const end = (): void => stop.abort(outer.reason);
  if (outer.aborted) end();
  else outer.addEventListener('abort', end, { once: true });
  let undecided = 0;
  let failure: { error: unknown } | null = null;
  let asking: Promise<unknown> = Promise.resolve();
  const slots = new Slots(parallelTools);
  const one = async (call: ReadyCall): Promise<void> => {
    try {
      // One question at a time; what needs none does not wait for the answers.
      const ask = (): Promise<Verdict> => judge(call, decisions.get(call.id), bench, stop.signal);
      const asked = isHeld(call.handler)
        ? asking.then(() => (stop.signal.aborted ? 'run' : ask()))
        : ask();
      if (isHeld(call.handler)) asking = asked.catch(() => {});
      const verdict = await asked;
      if (verdict === 'undecided') {
        undecided += 1;
        return;
      }
      const result = await slots.use(() => resultOf(call, verdict, stop.signal, bench));
      results.push(result);
    } catch (error) {
      failure ??= { error };
      stop.abort(new Error('a hook threw'));
      const { id: callId, name, args } = call;
      if (!kept.has(callId)) await keep({ callId, name, args, result: failed('aborted') }, bench);
    }
  };
  await Promise.all(calls.map(one));
  outer.removeEventListener('abort', end);
  const { error } = (failure ?? {}) as { error?: unknown };
  // Whoever called sees by the signal that it was aborted.
  if (failure !== null && !(outer.aborted && error === outer.reason)) throw error;
  return { results, undecided };
}

async function resultOf(
  call: ReadyCall,
  verdict: Verdict,
  signal: AbortSignal,
  bench: Bench,
): Promise<ToolResult> {
  const { step, hooks, called } = bench;
  const { id: callId, name } = call;
  let { args } = call;
  const give = (result: unknown): Promise<ToolResult> =>
    keep({ callId, name, args, result }, bench);
  if (signal.aborted) return give(failed('aborted'));
  if (typeof verdict === 'object')
    return give(failed('denied', verdict.denied === null ? {} : { reason: verdict.denied }));
  const { beforeTool, afterTool } = hooks;
  let given: { result: unknown } | null = null;
  if (beforeTool !== undefined) {
    const about = { step, callId, name, args: plainCopy(args) };
    const changed = await guarded('beforeTool', step, signal, () => beforeTool(about));
    if (isRecord(changed) && 'result' in changed) given = { result: changed.result };
    else if (isRecord(changed) && 'args' in changed) {
      const checked = await unlessAborted(checkArguments(call.handler, changed.args), signal);
      if ('problem' in checked)
        return give(failed('invalid_arguments', { message: checked.problem }));
      args = checked.value;
    }
  }
  called({ step, callId, name, args: plainCopy(args) });
  let result = given === null ? await execute({ ...call, args }, signal, bench) : given.result;
  if (afterTool !== undefined) {
    const about = { step, callId, name, args, result };
    const changed = await guarded('afterTool', step, signal, () => afterTool(about)).catch(
      async (error: unknown) => {
        // What the tool did is done: the model must hear of it.
        await give(result);
        throw error;
      },
    );
    if (isRecord(changed) && 'result' in changed) result = changed.result;
  }
  return give(result);
}

async function keep(result: ToolResult, bench: Bench): Promise<ToolResult> {
  const { deps, connection } = bench.world;
  const place = { directory: connection.settings.places.cache, deps };
  const content = await contentOf(result.result, result.callId, place);
  bench.append(resultMessage(result.callId, content));
  bench.returned(result);
  return result;
}

/** What a purchase gets to write down what it has bought, once it is over: a job needs three seconds for the id of its task. */
const LAST_WORDS_MS = 5000;

/**
 * Never rejects: what a tool throws is its result, and one that goes on after its time is not waited for; one that buys,
 * only so long that nothing of it is lost.
 */
function execute(
  { id, name, args, handler }: ReadyCall,
  signal: AbortSignal,
  bench: Bench,
): Promise<unknown> {
  const { world, step, warn, record } = bench;
  const { options, deps, purse, tags } = world;
  const stop = new AbortController();
  return new Promise((resolve) => {
    let forget = (): void => {};
    const end = (result: unknown): void => {
      cancel();
      forget();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const leave = (why: string, reason: unknown): void => {
      if (stop.signal.aborted) return;
      stop.abort(reason);
      if (handler.buys !== true) end(failed(why));
      else forget = deps.clock.after(LAST_WORDS_MS, () => end(failed(why)));
    };
    const onAbort = (): void => leave('aborted', signal.reason);
    const cancel = deps.clock.after(handler.timeoutMs ?? options.toolTimeoutMs, () => {
      leave('timeout', new Error('timeout'));
    });
    if (signal.aborted) {
      end(failed('aborted'));
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const spent = (cost: Cost | { amount: string | null }): void => {
      const whole = costOf(cost);
      purse.spend(whole);
      record(purchase(whole, name, step, deps.uuid()));
    };
    const context: ToolContext = putInside(
      {
        signal: stop.signal,
        callId: id,
        session: options.session,
        tags,
        left: () => {
          const { left } = purse;
          return left === null ? null : formatDecimal(notBelowZero(left));
        },
        spent,
      },
      insideOf(world, step, warn, record),
    );
    const run = async (): Promise<unknown> => handler.execute(args, context);
    run().then(end, (error: unknown) => {
      const why = signal.aborted ? 'aborted' : stop.signal.aborted ? 'timeout' : null;
      end(why === null ? failed('failed', { message: thrownWords(error) }) : failed(why));
    });
  });
}

/** What tools of our own get beside the context. */
function insideOf(
  { options, connection, purse, deps, directory, report }: World,
  step: number,
  warn: (message: string) => void,
  record: (call: CallRecord) => void,
): Inside {
  const { gateway, ephemeral } = connection;
  return {
    deps: withKey(options.apiKey, gateway.keyVariable, deps),
    gateway: options.gateway,
    // The sandbox of this run, not another one.
    baseUrl: ephemeral ? gateway.baseUrl : options.baseUrl,
    directory: directory ?? deps.workingDirectory,
    report: (event) => {
      if (report !== undefined) report(event);
      else if (event.type === 'status' || event.type === 'warning') warn(event.message);
    },
    run: { purse, step, record, depth: options.depth },
  };
}

/** The key of the config is that of the environment for what a tool buys. */
export function withKey(apiKey: string | null, variable: string | null, deps: Deps): Deps {
  if (apiKey === null || variable === null) return deps;
  return innerDeps(deps, { env: { ...deps.env, [variable]: apiKey } });
}

/** What a tool says that it has spent. What is no amount is unknown, never 0. */
function costOf(said: unknown): Cost {
  const { amount, currency = 'USD', source = 'gateway' } = isRecord(said) ? said : {};
  const text = typeof amount === 'number' ? String(amount) : amount;
  const read = typeof text === 'string' ? parseDecimal(text) : null;
  if (typeof currency !== 'string' || read === null || compare(read, zero) < 0)
    return { amount: null, currency: 'USD', source: 'unknown' };
  return {
    amount: formatDecimal(read),
    currency,
    source: source === 'catalog' ? 'catalog' : source === 'gateway' ? 'gateway' : 'unknown',
  };
}

function purchase(cost: Cost, tool: string, step: number, id: string): CallRecord {
  return {
    id,
    tool,
    step,
    model: tool,
    requestId: null,
    finishReason: null,
    usage: null,
    cost,
    attempts: 1,
    durationMs: 0,
  };
}

/** At most so many at a time, in their order. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
