/** The public agent: its history, its events, and one run at a time. The work itself is `loop.ts`. */
import type { Deps } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import { CliError, SignalReceived } from '../base/errors.ts';
import { innerDeps } from '../base/inner-deps.ts';
import { oneLine, plainCopy, thrownWords } from '../base/json.ts';
import { objectIn } from './arguments.ts';
import { emitOn, GuardedEmitter } from './emitter.ts';
import { AllTokenError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import { failure, fieldsOf, toAllTokenError, usageError } from './failure.ts';
import { assistantMessage, mended, openCalls, readMessages } from './history.ts';
import { checkInput, checkTool, textOf } from './input.ts';
import { insideOf } from './inside.ts';
import type { Ended, Running } from './loop.ts';
import { type Options, readOptions, USUAL_INSTRUCTIONS } from './options.ts';
import { Purse } from './purse.ts';
import { failed } from './results.ts';
import { abortedError, closeOpen, isHeld, needsDecision } from './stops.ts';
import { tool } from './tool.ts';
import type {
  AgentConfig,
  AgentEmitter,
  AgentEvent,
  CallRecord,
  ChatMessage,
  ContentPart,
  Decision,
  PendingCall,
  Agent as PublicAgent,
  RunOptions,
  RunResult,
  Tool,
  ToolHandler,
  TotalCost,
  Usage,
} from './types.ts';
import type { World } from './world.ts';

/** Agents below agents: each may call as many again, so that their number grows as a power. */
const MOST_DEPTH = 8;

/** Messages that wait to be sent. */
const MOST_WAITING = 100;

type Engine = typeof import('./engine.ts')['engine'];

/** One run, or one `sendSync`. */
interface Session {
  run: Running;
  /** What it has bought so far. */
  calls: CallRecord[];
  engine: Engine;
}

interface Current {
  stop: AbortController;
  /** Resolves when the run has ended, however. */
  ended: Promise<unknown>;
}

/** The same class; its own types say the arguments of an event in a way that no interface can repeat. */
const Emitter = GuardedEmitter as unknown as new () => AgentEmitter & {
  listenerFailed(event: string, thrown: unknown): void;
};

export class AgentCore extends Emitter implements PublicAgent {
  readonly #config: AgentConfig;
  readonly #options: Options;
  readonly #deps: Deps | (() => Promise<Deps>);
  readonly #purse: Purse;
  readonly #tools = new Map<string, ToolHandler & Partial<Tool>>();
  readonly #inbox = { steer: [] as string[], queue: [] as string[] };
  readonly #decisions = new Map<string, Decision>();
  #messages: ChatMessage[] = [];
  #cut: ChatMessage | null = null;
  #instructions: string;
  #current: Current | null = null;
  #listener: EventQueue | null = null;
  #hasCounted = false;
  /** Errors that listeners have heard of. */
  readonly #told = new WeakSet<Error>();

  /** Throws `AllTokenError` usage for a bad config; nothing is opened or sent. */
  constructor(
    config: AgentConfig,
    deps: Deps | (() => Promise<Deps>),
    above: readonly Purse[] = [],
    depth = 0,
  ) {
    super();
    this.#config = config;
    this.#options = { ...readOptions(config), depth };
    this.#deps = deps;
    this.#purse = new Purse(this.#options.maxCost, above);
    for (const one of config.tools ?? []) this.addTool(one);
    this.#messages = readMessages(config.messages ?? []);
    const [first] = this.#messages;
    const own = first?.role === 'system' ? first.content : null;
    this.#instructions = config.instructions ?? own ?? USUAL_INSTRUCTIONS;
    this.#setFirst();
  }

  send(content: string): Promise<string> {
    return this.#handled(this.run(content).then((result) => this.#textOf(result)));
  }

  sendSync(content: string): Promise<string> {
    return this.#handled(
      this.#exclusive({}, async ({ run, engine }) => {
        await engine.settleOpen(run, false);
        engine.say(content, run);
        const { world } = run;
        const messages = mended(run.messages());
        const ears = {
          warn: run.warn,
          ...{ begins: () => {}, text: () => {}, reasoning: () => {}, ends: () => {} },
          ready: () => undefined,
        };
        const one = await engine.ask(
          { step: 1, messages, tools: [], stream: false, tool: null },
          world,
          ears,
        );
        one.records.forEach(run.record);
        if (one.failure !== null) {
          engine.takeBackRefused(one.failure, run);
          throw one.failure;
        }
        run.append(assistantMessage(one.text, []));
        run.tell({
          type: 'message:assistant',
          message: { role: 'assistant', content: one.text },
        });
        return one.text;
      }),
    );
  }

  run(input: string | ContentPart[], options: RunOptions = {}): Promise<RunResult> {
    return this.#handled(
      this.#exclusive(
        options,
        (session) =>
          this.#finish(session, async ({ run, engine }) => {
            await engine.settleOpen(run, false);
            checkInput(input);
            const content = typeof input === 'string' ? input : textOf(input);
            run.append({ role: 'user', content: input });
            run.tell({ type: 'message:user', message: { role: 'user', content } });
            return this.#think(run, engine);
          }),
        () => this.#abortedResult(),
      ),
    );
  }

  resume(options: RunOptions = {}): Promise<RunResult> {
    return this.#handled(
      this.#exclusive(
        options,
        (session) =>
          this.#finish(session, async ({ run, engine }) => {
            // A part of an answer is written anew: not every server goes on with one.
            if (this.#cut !== null && this.#messages.at(-1) === this.#cut) this.#messages.pop();
            if (await engine.settleOpen(run, true))
              return { stop: 'approval', text: '', steps: 0, error: fieldsOf(needsDecision()) };
            const last = this.#messages.at(-1);
            const { steer, queue } = this.#inbox;
            if (last?.role === 'assistant' && steer.length === 0) {
              const next = queue.shift();
              if (next === undefined)
                return { stop: 'done', text: last.content ?? '', steps: 0, error: null };
              engine.say(next, run);
            }
            return this.#think(run, engine);
          }),
        () => this.#abortedResult(),
      ),
    );
  }

  async *stream(
    input: string | ContentPart[] | null,
    options: RunOptions = {},
  ): AsyncGenerator<AgentEvent, void, undefined> {
    const queue = new EventQueue();
    const stop = new AbortController();
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
    if (this.#current !== null) throw busy();
    this.#listener = queue;
    const begun = input === null ? this.resume({ signal }) : this.run(input, { signal });
    const running = begun.finally(() => {
      this.#listener = null;
    });
    running.then(
      (result) => queue.end({ type: 'result', result }),
      (error: unknown) => queue.fail(error),
    );
    try {
      yield* queue.events();
    } finally {
      queue.close();
      stop.abort();
      await running.catch(() => {});
    }
  }

  getMessages(): ChatMessage[] {
    return this.#messages.map(plainCopy);
  }

  clearHistory(): void {
    if (this.#current !== null) throw busy();
    this.#messages = [];
    this.#decisions.clear();
    this.#setFirst();
  }

  setInstructions(text: string): void {
    this.#instructions = text;
    this.#setFirst();
  }

  addTool(handler: ToolHandler): void {
    checkTool(handler);
    this.#tools.set(handler.definition.function.name, handler);
  }

  steer(text: string): void {
    this.#wait(this.#inbox.steer, text);
  }

  queue(text: string): void {
    this.#wait(this.#inbox.queue, text);
  }

  async abort(): Promise<void> {
    const current = this.#current;
    current?.stop.abort(aborted());
    await current?.ended;
  }

  pending(): PendingCall[] {
    if (this.#options.approve === 'auto') return [];
    return openCalls(this.#messages)
      .filter(
        ({ id, function: { name } }) => isHeld(this.#tools.get(name)) && !this.#decisions.has(id),
      )
      .map(({ id, function: { name, arguments: text } }) => ({
        callId: id,
        name,
        args: objectIn(text),
      }));
  }

  decide(callId: string, decision: Decision): void {
    if (!this.pending().some((call) => call.callId === callId))
      throw usageError(
        `no call ${JSON.stringify(String(callId).slice(0, 80))} waits for a decision`,
        'not_pending',
      );
    this.#decisions.set(callId, decision);
  }

  asTool({ name, description }: { name: string; description: string }): Tool {
    return tool({
      name,
      description,
      input: {
        type: 'object',
        properties: {
          task: { type: 'string', description: 'What to do, with all that is needed for it' },
        },
        required: ['task'],
      },
      buys: true,
      execute: async ({ task }: { task: string }, context) => {
        const outer = insideOf(context)?.run;
        const depth = (outer?.depth ?? 0) + 1;
        if (depth > MOST_DEPTH)
          return failed('too_deep', { message: `agents are called ${MOST_DEPTH} deep at most` });
        const { messages: _messages, maxCost: _maxCost, signal: _signal, ...config } = this.#config;
        const instructions = this.#instructions;
        const own = { ...config, instructions, tools: [...this.#tools.values()] };
        const above = outer === undefined ? [] : [outer.purse];
        const child = new AgentCore(own, this.#deps, [this.#purse, ...above], depth);
        const { signal } = context ?? {};
        const result = await child.run(task, signal === undefined ? {} : { signal });
        for (const call of result.calls) outer?.record({ ...call, tool: name, step: outer.step });
        return result.ok || result.stop === 'length'
          ? result.text
          : failed(result.stop, result.text === '' ? {} : { text: result.text });
      },
    });
  }

  cost(): TotalCost {
    return this.#purse.total();
  }

  #setFirst(): void {
    const first: ChatMessage = { role: 'system', content: this.#instructions };
    const has = this.#messages[0]?.role === 'system';
    if (this.#instructions === '') {
      if (has) this.#messages.shift();
    } else if (has) this.#messages[0] = first;
    else this.#messages.unshift(first);
  }

  #wait(list: string[], text: string): void {
    checkInput(text);
    if (list.length === MOST_WAITING)
      throw usageError(`${MOST_WAITING} messages wait already`, 'too_many_messages');
    list.push(text);
  }

  /** One at a time: opens what a run needs, and closes it however the run ends. */
  async #exclusive<T>(
    { signal }: RunOptions,
    work: (session: Session) => Promise<T>,
    onAborted: (() => T) | null = null,
  ): Promise<T> {
    if (this.#current !== null) throw busy();
    const stop = new AbortController();
    const sources = [signal, this.#options.signal];
    const onAbort = (): void => stop.abort(aborted());
    for (const source of sources) {
      if (source?.aborted) onAbort();
      else source?.addEventListener('abort', onAbort, { once: true });
    }
    const ended = this.#opened(stop, work, onAborted).finally(() => {
      for (const source of sources) source?.removeEventListener('abort', onAbort);
      this.#current = null;
    });
    this.#current = { stop, ended: ended.catch(() => {}) };
    return ended;
  }

  async #opened<T>(
    stop: AbortController,
    work: (session: Session) => Promise<T>,
    onAborted: (() => T) | null,
  ): Promise<T> {
    const { engine } = await import('./engine.ts');
    const { signal } = stop;
    const outer = typeof this.#deps === 'function' ? await this.#deps() : this.#deps;
    const onStop = (): void => stop.abort(aborted());
    if (outer.signal.aborted) onStop();
    else outer.signal.addEventListener('abort', onStop, { once: true });
    const deps = innerDeps(outer, { signal });
    const calls: CallRecord[] = [];
    const warned = new Set<string>();
    const warn = (message: string): void => {
      if (warned.has(message) || warned.size >= MOST_WAITING) return;
      warned.add(message);
      this.#tell({ type: 'warning', message });
    };
    let key: string | null = null;
    let close = async (): Promise<void> => {};
    try {
      const world = await engine.openWorld(
        this.#options,
        new Purse(null, [this.#purse]),
        warn,
        deps,
      );
      key = world.connection.key?.value ?? null;
      close = world.close;
      await this.#countEarlier(world, engine);
      return await work({ run: this.#running(world, calls, warn), calls, engine });
    } catch (thrown) {
      const isStop =
        thrown instanceof SignalReceived || (thrown instanceof CliError && thrown.isStop);
      if (onAborted !== null && signal.aborted && isStop) return onAborted();
      if (thrown instanceof AllTokenError) throw thrown;
      throw toAllTokenError(engine.errorWithoutKey(toCliError(thrown), key));
    } finally {
      outer.signal.removeEventListener('abort', onStop);
      await close();
    }
  }

  #running(world: World, calls: CallRecord[], warn: (message: string) => void): Running {
    const added = new WeakSet<ChatMessage>();
    return {
      world,
      tools: this.#tools,
      messages: () => this.#messages,
      append: (message) => {
        const own = plainCopy(message);
        added.add(own);
        this.#messages.push(own);
        this.#tell({ type: 'history:append', message: plainCopy(message) });
      },
      takeBack: () => {
        for (;;) {
          const last = this.#messages.at(-1);
          if (last?.role !== 'user' || !added.has(last)) return;
          this.#messages.pop();
          this.#tell({ type: 'history:remove', message: plainCopy(last) });
        }
      },
      markCut: () => {
        this.#cut = this.#messages.at(-1) ?? null;
      },
      decisions: this.#decisions,
      inbox: this.#inbox,
      tell: (event) => this.#tell(event),
      ready: () => this.#listener?.ready(),
      warn,
      record: (call) => {
        calls.push(call);
      },
      cost: () => world.purse.total(),
    };
  }

  /** With maxCost and a session, what earlier processes have spent. */
  async #countEarlier(world: World, engine: Engine): Promise<void> {
    const { session, maxCost } = this.#options;
    if (this.#hasCounted || session === null || maxCost === null) return;
    for (const amount of await engine.spentBefore(session, world)) this.#purse.begin(amount);
    this.#hasCounted = true;
  }

  async #think(run: Running, engine: Engine): Promise<Ended> {
    this.#tell({ type: 'thinking:start' });
    try {
      return await engine.runLoop(run);
    } catch (error) {
      closeOpen(run, failed('aborted'));
      throw error;
    } finally {
      this.#tell({ type: 'thinking:end' });
    }
  }

  async #finish(session: Session, work: (session: Session) => Promise<Ended>): Promise<RunResult> {
    const { run, calls, engine } = session;
    const { stop, text, steps, error } = await work(session);
    for (const id of this.#decisions.keys())
      if (!openCalls(this.#messages).some((call) => call.id === id)) this.#decisions.delete(id);
    return {
      ok: stop === 'done',
      stop,
      text,
      steps,
      messages: this.getMessages(),
      usage: usageOf(calls, engine),
      cost: run.cost(),
      calls,
      error,
    };
  }

  /** Of a run that was aborted before it began. */
  #abortedResult(): RunResult {
    const cost = new Purse(null).total();
    const error = fieldsOf(abortedError(0));
    const messages = this.getMessages();
    return {
      ok: false,
      stop: 'aborted',
      text: '',
      steps: 0,
      messages,
      usage: null,
      cost,
      calls: [],
      error,
    };
  }

  /** The text of a run that has one; throws for every other end. */
  #textOf({ stop, text, error }: RunResult): string {
    if (stop === 'done' || stop === 'length') return text;
    throw error === null ? failure('internal', `ended by ${stop}`, {}) : new AllTokenError(error);
  }

  /** An error that a listener has received is not also an unhandled rejection. */
  #handled<T>(work: Promise<T>): Promise<T> {
    const told = work.catch((thrown: unknown) => {
      const error = toAllTokenError(thrown);
      if (!this.#told.has(error)) this.emit('error', error);
      this.#told.add(error);
      throw error;
    });
    if (this.listenerCount('error') > 0) told.catch(() => {});
    return told;
  }

  #tell(event: AgentEvent): void {
    this.#listener?.push(event);
    emitOn(this, event);
  }

  /** Told as a warning, which has no warning of its own. */
  override listenerFailed(event: string, thrown: unknown): void {
    if (event === 'warning') return;
    const message = oneLine(`a listener of ${event} threw: ${thrownWords(thrown)}`);
    this.#tell({ type: 'warning', message });
  }
}

/** null where no reply had any. */
function usageOf(
  calls: readonly CallRecord[],
  { tokenCounts }: Pick<Engine, 'tokenCounts'>,
): Usage | null {
  const counts = calls.flatMap(({ usage }) => tokenCounts(usage) ?? []);
  if (counts.length === 0) return null;
  const prompt = counts.reduce((sum, one) => sum + one.prompt, 0);
  const completion = counts.reduce((sum, one) => sum + one.completion, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}

function aborted(): SignalReceived {
  return new SignalReceived('SIGINT', 'the run was aborted');
}

function busy() {
  return usageError('this agent is running', 'busy', {
    next: { do: 'say', words: 'wait for it, or use steer() or queue()' },
  });
}
