/** The tools of one message of `alltoken chat` and its answer: runs the calls of each step, and keeps what they return and cost. It knows no terminal. */
import type { Deps } from '../../base/deps.ts';
import { CliError, SignalReceived } from '../../base/errors.ts';
import { innerDeps } from '../../base/inner-deps.ts';
import { unknownCost } from '../../money/amount.ts';
import { formatDecimal, notBelowZero } from '../../money/decimal.ts';
import type { ToolCall as CallDocument, ToolResult as ResultDocument } from '../../schemas/chat.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Message } from '../../work/ask/conversations.ts';
import type { AskOptions } from '../../work/ask/options.ts';
import type { Plan } from '../../work/ask/plan.ts';
import type { Step, Toolbox } from '../../work/ask/toolbox.ts';
import { noExtras } from '../../work/call/terms.ts';
import { assistantMessage } from '../history.ts';
import { insideOf, putInside } from '../inside.ts';
import { benchOf, namedCalls, type Running, readyCalls } from '../loop.ts';
import { readOptions } from '../options.ts';
import { Purse } from '../purse.ts';
import { failed } from '../results.ts';
import { runTools } from '../run-tools.ts';
import type { ChatMessage, Tool, ToolContext, ToolHandler } from '../types.ts';
import type { World } from '../world.ts';
import type { Allowance, Reply } from './approvals.ts';
import { OutputQueue } from './output-queue.ts';

const USUAL_STEPS = 5;

/** A tool as it is offered. */
export interface Offered {
  tool: Tool;
  allowance: Exclude<Allowance, 'leave out'>;
  /** null: one of ours. */
  server: string | null;
  /** Of a server's tool: what an "always" is for. */
  definition: string | null;
}

type AskAbout = (
  name: string,
  args: unknown,
  offered: Offered,
  show: (message: string) => Promise<void>,
  deps: Pick<Deps, 'signal'>,
) => Promise<Reply>;

/** Of one message and its answer. */
export class ChatToolbox implements Toolbox {
  readonly definitions: readonly object[];
  readonly maxSteps: number;
  readonly messages: Message[] = [];
  readonly calls: CallDocument[] = [];
  readonly results: ResultDocument[] = [];
  private readonly offered: ReadonlyMap<string, Offered>;
  private readonly askAbout: AskAbout;
  private readonly plan: Plan;
  private readonly options: AskOptions;
  private readonly deps: Deps;
  private readonly purse: Purse;
  private hasPaid = false;

  constructor(
    offered: ReadonlyMap<string, Offered>,
    askAbout: AskAbout,
    { maxSteps = USUAL_STEPS }: { maxSteps: number | undefined },
    plan: Plan,
    options: AskOptions,
    deps: Deps,
  ) {
    this.offered = offered;
    this.askAbout = askAbout;
    this.definitions = [...offered.values()].map(({ tool }) => tool.definition);
    this.maxSteps = maxSteps;
    this.plan = plan;
    this.options = options;
    this.deps = deps;
    this.purse = new Purse(options.maxCost ?? null);
  }

  left(): string | null {
    const { left, isBlind } = this.purse;
    if (left === null) return null;
    if (isBlind)
      throw new CliError(
        'budget',
        '--max-cost cannot be enforced: the cost of something that was bought is not known; nothing more was sent',
        { code: 'cost_unbounded', next: { do: 'leave-out', flag: '--max-cost' } },
      );
    return formatDecimal(notBelowZero(left));
  }

  paid(cost: Cost, bound: string | null): void {
    this.hasPaid = true;
    if (bound === null) this.purse.spend(cost);
    else this.purse.hold(bound).settle(cost.amount === null ? null : cost);
  }

  bill() {
    if (!this.hasPaid) return { cost: unknownCost, atLeast: null };
    const { amount, atLeast, currency, source } = this.purse.total();
    return atLeast
      ? { cost: { amount: null, currency, source: 'unknown' as const }, atLeast: amount }
      : { cost: { amount, currency, source }, atLeast: null };
  }

  skip({ text, calls }: Step): void {
    const list = this.begin(text, calls);
    for (const { id } of list)
      this.messages.push({
        role: 'tool',
        tool_call_id: id,
        content: JSON.stringify(failed('aborted')),
      });
  }

  async close(): Promise<void> {}

  /** With ids of our own where a server gives none, or the same twice. */
  private begin(text: string, calls: Step['calls']): ReturnType<typeof namedCalls> {
    const came = calls.map(asItCame);
    const list = namedCalls({ calls: came }, { world: { deps: this.deps }, warn: () => {} });
    this.messages.push(assistantMessage(text, list));
    this.calls.push(...list);
    return list;
  }

  async *run({
    number,
    text,
    calls,
    connection,
  }: Step): AsyncGenerator<OutputEvent, void, undefined> {
    const queue = new OutputQueue();
    const stop = new AbortController();
    const forward = (): void => stop.abort(this.deps.signal.reason);
    this.deps.signal.addEventListener('abort', forward, { once: true });
    if (this.deps.signal.aborted) forward();
    const interrupt = (): void => stop.abort(new SignalReceived('SIGINT'));
    const deps = innerDeps(this.deps, { signal: stop.signal });
    const list = this.begin(text, calls);
    const results = new Map<string, string>();
    const work = this.work({ number, list, calls, connection, queue, interrupt, results }, deps);
    try {
      yield* queue.of(work, interrupt);
    } finally {
      this.deps.signal.removeEventListener('abort', forward);
      // Also where a hook of ours threw: every call has a result.
      for (const { id } of list)
        this.messages.push({
          role: 'tool',
          tool_call_id: id,
          content: results.get(id) ?? JSON.stringify(failed('aborted')),
        });
    }
    if (stop.signal.aborted) throw stop.signal.reason;
  }

  private async work(
    {
      number,
      list,
      calls,
      connection,
      queue,
      interrupt,
      results,
    }: {
      number: number;
      list: ReturnType<typeof namedCalls>;
      calls: Step['calls'];
      connection: Step['connection'];
      queue: OutputQueue;
      interrupt(): void;
      results: Map<string, string>;
    },
    deps: Deps,
  ): Promise<void> {
    const begun = new Map<string, number>();
    const bought = new Map<string, Cost>();
    const now = (): number => deps.clock.monotonic();
    const startedAt = now();
    const show = (message: string): Promise<void> => queue.shown({ type: 'question', message });
    const world: World = {
      options: {
        ...readOptions({
          temperature: null,
          ...(this.session !== null && { session: this.session }),
        }),
        baseUrl: connection.ephemeral ? connection.gateway.baseUrl : this.options.baseUrl,
        gateway: connection.gateway.id,
        approve: async ({ name, args }) => {
          const found = this.offered.get(name);
          if (found === undefined) return false;
          const reply = await this.askAbout(name, args, found, show, deps);
          if (reply === 'stop') interrupt();
          if (reply === 'yes' || reply === 'always') return true;
          return { approve: false, reason: 'the user does not want it' };
        },
      },
      purse: this.purse,
      connection,
      deps,
      models: this.plan.models,
      tags: this.plan.tags,
      prices: null,
      terms: () => ({
        ...this.plan,
        command: 'chat',
        session: this.session,
        prices: null,
        extras: noExtras,
        patience: { holdMs: 0, deadlineAt: null },
      }),
      contextOf: () => null,
      close: async () => {},
      directory: deps.path.resolve(deps.workingDirectory, this.options.out ?? '.'),
      report: (event) => queue.push(event),
    };
    const running: Running = {
      world,
      tools: this.handlers(bought),
      messages: () => [],
      takeBack: () => {},
      append: (message: ChatMessage) => {
        if (message.role === 'tool') results.set(message.tool_call_id, message.content);
      },
      markCut: () => {},
      decisions: new Map(),
      inbox: { steer: [], queue: [] },
      tell: (event) => {
        if (event.type === 'tool:call') begun.set(event.callId, now());
        if (event.type !== 'tool:result') return;
        const { callId: id, name, result } = event;
        const tool_result: ResultDocument = {
          id,
          name,
          ok: !isFailure(result),
          content: results.get(id) ?? '',
          cost: bought.get(id) ?? null,
          duration_ms: Math.round(now() - (begun.get(id) ?? startedAt)),
        };
        this.results.push(tool_result);
        queue.push({ type: 'tool_result', tool_result });
      },
      ready: () => undefined,
      warn: (message) => queue.push({ type: 'warning', message }),
      record: () => {},
      cost: () => this.purse.total(),
    };
    const came = calls.map(asItCame);
    const ready = await readyCalls({ ending: 'done', calls: came }, list, running);
    await runTools(ready, running.decisions, benchOf(running, number));
  }

  private get session(): string | null {
    const { wanted, name } = this.plan.conversation;
    return wanted ? name : null;
  }

  /** The tools, asked about where somebody has to be, and each with what its call has bought. */
  private handlers(bought: Map<string, Cost>): Map<string, ToolHandler & Partial<Tool>> {
    const handlers = new Map<string, ToolHandler & Partial<Tool>>();
    for (const [name, { tool, allowance }] of this.offered)
      handlers.set(name, {
        ...tool,
        needsApproval: allowance === 'ask',
        execute: (args: unknown, context) =>
          tool.execute(args, context === undefined ? undefined : counting(context, bought)),
      });
    return handlers;
  }
}

/** The same context, which also notes what this one call has bought. */
function counting(context: ToolContext, bought: Map<string, Cost>): ToolContext {
  const inside = insideOf(context);
  const own: ToolContext = {
    signal: context.signal,
    callId: context.callId,
    session: context.session,
    tags: context.tags,
    left: () => context.left(),
    spent(cost) {
      const source = cost.amount === null ? ('unknown' as const) : ('gateway' as const);
      bought.set(
        context.callId,
        'source' in cost ? cost : { amount: cost.amount, currency: 'USD', source },
      );
      context.spent(cost);
    },
  };
  return inside === null ? own : putInside(own, inside);
}

function isFailure(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'error' in result;
}

/** A call, as the loop of an agent reads it from a stream. */
function asItCame({ id, function: called }: CallDocument): {
  id: string | null;
  name: string;
  text: string;
} {
  return { id, name: called.name, text: called.arguments };
}
