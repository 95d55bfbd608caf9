/**
 * The tools of `alltoken chat`: which there are, who allows them, and the runs of their calls, on the parts of the agent. It
 * lives as long as the command or the conversation, and so do the servers that it starts.
 */
import type { Deps } from '../../base/deps.ts';
import { CliError, SignalReceived } from '../../base/errors.ts';
import { innerDeps } from '../../base/inner-deps.ts';
import { oneLine, shorten } from '../../base/json.ts';
import type { Places } from '../../config/places.ts';
import { unknownCost } from '../../money/amount.ts';
import { formatDecimal, notBelowZero } from '../../money/decimal.ts';
import type { ToolCall as CallDocument, ToolResult as ResultDocument } from '../../schemas/chat.ts';
import type { BuiltInToolName, ToolApproval } from '../../schemas/choices.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Message } from '../../work/ask/conversations.ts';
import type { AskOptions } from '../../work/ask/options.ts';
import type { Plan } from '../../work/ask/plan.ts';
import type { OpenToolbox, Step, Toolbox } from '../../work/ask/toolbox.ts';
import { noExtras } from '../../work/call/terms.ts';
import { assistantMessage } from '../history.ts';
import { insideOf, putInside } from '../inside.ts';
import { benchOf, namedCalls, type Running, readyCalls } from '../loop.ts';
import { connectMcp, type McpConnection } from '../mcp/connect.ts';
import { readOptions } from '../options.ts';
import { Purse } from '../purse.ts';
import { failed } from '../results.ts';
import { runTools } from '../run-tools.ts';
import { makeBuiltInTools } from '../tools/built-in.ts';
import type { ChatMessage, Tool, ToolContext, ToolHandler } from '../types.ts';
import type { World } from '../world.ts';
import { type Allowance, Approvals, allowanceOf, type Reply } from './approvals.ts';
import { serverOf } from './mcp-servers.ts';
import { OutputQueue } from './output-queue.ts';

/** Of arguments in a question, in UTF-16 units. */
const MAX_SHOWN = 400;
const USUAL_STEPS = 5;

export interface ToolChoice {
  tools: readonly BuiltInToolName[];
  servers: readonly string[];
  approve: ToolApproval | undefined;
  maxSteps: number | undefined;
  /** Where "always" for a server's tool is remembered; null: nowhere. */
  approvalsFile: string | null;
}

/** Shows a question, with this behind it, and reads what a person says to it; null: nobody is there. */
export type Ask =
  | ((show: (end: '' | '\n') => Promise<void>, deps: Pick<Deps, 'signal'>) => Promise<Reply>)
  | null;

/** The flags of `chat` that are about tools. */
export function toolChoice(
  flags: {
    tool?: readonly BuiltInToolName[] | undefined;
    mcp?: readonly string[] | undefined;
    toolsApprove?: ToolApproval | undefined;
    maxSteps?: number | undefined;
    save: boolean;
  },
  { sessions }: Pick<Places, 'sessions'>,
  { path }: Pick<Deps, 'path'>,
): ToolChoice {
  const { tool = [], mcp = [], toolsApprove: approve, maxSteps, save } = flags;
  // Beside the conversations, and not written where those are not.
  const approvalsFile = save ? path.join(path.dirname(sessions), 'tool-approvals.json') : null;
  return { tools: tool, servers: mcp, approve, maxSteps, approvalsFile };
}

export { replyIn } from './approvals.ts';

/** A tool as it is offered. */
interface Offered {
  tool: Tool;
  allowance: Exclude<Allowance, 'leave out'>;
  /** null: one of ours. */
  server: string | null;
  /** Of a server's tool: what an "always" is for. */
  definition: string | null;
}

/** A line of `/tools`. */
export interface ToolLine {
  name: string;
  isOn: boolean;
  about: string;
}

export class ChatTools {
  private readonly choice: ToolChoice;
  private readonly ask: Ask;
  private readonly deps: Deps;
  private readonly approvals: Approvals;
  private readonly names: Set<string>;
  private readonly servers: Set<string>;
  private readonly own: readonly Tool[];
  private readonly connections = new Map<string, McpConnection>();

  constructor(choice: ToolChoice, ask: Ask, deps: Deps) {
    this.choice = choice;
    this.ask = ask;
    this.deps = deps;
    this.approvals = new Approvals(choice.approvalsFile, deps);
    this.own = makeBuiltInTools(() => deps.clock.now());
    this.names = new Set(choice.tools);
    this.servers = new Set(choice.servers);
  }

  get isEmpty(): boolean {
    return this.names.size + this.servers.size === 0;
  }

  /** Ends the servers. */
  async close(): Promise<void> {
    const open = [...this.connections.values()];
    this.connections.clear();
    await Promise.all(open.map((connection) => connection.close()));
  }

  /** What there is, and whether it is offered. `known`: servers of the config. */
  lines(known: readonly string[]): ToolLine[] {
    const own = this.own.map((tool) => {
      const { name, description = '' } = tool.definition.function;
      const about = `${tool.buys ? 'buys; ' : ''}${firstSentence(description)}`;
      return { name, isOn: this.names.has(name), about };
    });
    const servers = [...new Set([...known, ...this.servers])].map((name) => {
      const count = this.connections.get(name)?.tools.length;
      const about = `MCP server${count === undefined ? '' : `, ${count} tools`}`;
      return { name, isOn: this.servers.has(name), about };
    });
    return [...own, ...servers];
  }

  /** Switches a tool or a server; whether it is on then, null where there is none of that name. */
  async toggle(name: string, known: readonly string[]): Promise<boolean | null> {
    const isOwn = this.own.some((tool) => tool.definition.function.name === name);
    const set = isOwn ? this.names : this.servers;
    if (!isOwn && !known.includes(name) && !this.servers.has(name)) return null;
    if (!set.delete(name)) set.add(name);
    if (!isOwn && !set.has(name)) {
      await this.connections.get(name)?.close();
      this.connections.delete(name);
    }
    return set.has(name);
  }

  /** For `AskOptions`. */
  readonly open: OpenToolbox = async function* (
    this: ChatTools,
    plan: Plan,
    options: AskOptions,
    deps: Deps,
  ) {
    const offered = yield* this.offer(plan, deps);
    return new ChatToolbox(offered, this.askAbout.bind(this), this.choice, plan, options, deps);
  }.bind(this);

  /** Throws `CliError` where a server cannot be started; nothing was sent. */
  private async *offer(
    plan: Plan,
    deps: Deps,
  ): AsyncGenerator<OutputEvent, Map<string, Offered>, undefined> {
    const { approve } = this.choice;
    const place = { canAsk: this.ask !== null, hasCap: plan.caps.length > 0 };
    const offered = new Map<string, Offered>();
    for (const tool of this.own) {
      const { name } = tool.definition.function;
      if (!this.names.has(name)) continue;
      const buys = tool.buys === true;
      const allowance = allowanceOf({ buys, isForeign: false }, approve, place);
      if (allowance !== 'leave out')
        offered.set(name, { tool, allowance, server: null, definition: null });
      else if (approve === undefined)
        yield warning(
          `${name} is not offered to the model: it buys, nobody can be asked here, and no limit is set; --max-cost sets one, and --tools-approve auto allows it`,
        );
    }
    for (const server of this.servers) {
      const allowance = allowanceOf({ buys: false, isForeign: true }, approve, place);
      const found = serverOf(server, plan.settings.config, deps);
      if (allowance === 'leave out') {
        if (approve === undefined)
          yield warning(
            `the tools of ${server} are not offered to the model: nobody can be asked here; --tools-approve auto allows them`,
          );
        continue;
      }
      const connection = await this.connect(server, found, new Set(offered.keys()), deps);
      yield {
        type: 'trace',
        level: 'verbose',
        message: `MCP server ${server}: ${connection.tools.length} tools`,
      };
      const { allow: _allow, ...address } = found;
      for (const tool of connection.tools) {
        const { name } = tool.definition.function;
        const definition = JSON.stringify([address, connection.hashes.get(name)]);
        offered.set(name, { tool, allowance, server, definition });
      }
    }
    return offered;
  }

  /** The one that is open, unless the server has ended or announced other tools. */
  private async connect(
    name: string,
    { allow, ...server }: ReturnType<typeof serverOf>,
    taken: ReadonlySet<string>,
    deps: Deps,
  ): Promise<McpConnection> {
    const open = this.connections.get(name);
    if (open !== undefined && !open.isStale) return open;
    await open?.close();
    this.connections.delete(name);
    const options = {
      label: name,
      prefix: `${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 24)}_`,
      taken,
      signal: deps.signal,
      ...(allow !== undefined && { allow }),
    };
    const connection = await connectMcp(server, options, this.deps);
    this.connections.set(name, connection);
    return connection;
  }

  /** The question is on the screen when `show` resolves. */
  private async askAbout(
    name: string,
    args: unknown,
    { tool, server, definition }: Offered,
    show: (message: string) => Promise<void>,
    deps: Pick<Deps, 'signal'>,
  ): Promise<Reply> {
    if (this.ask === null) return 'no';
    if (await this.approvals.isAllowed(name, server, definition)) return 'yes';
    const changed = await this.approvals.hasChanged(name, server, definition);
    const what = [
      tool.buys ? 'costs money' : '',
      server === null ? '' : `MCP server ${server}`,
      changed ? 'its definition has changed since you allowed it' : '',
    ].filter((one) => one !== '');
    const about = what.length === 0 ? '' : ` (${what.join('; ')})`;
    const question = `run ${name} ${shownArguments(args)}${about}? [y/N/a] `;
    const reply = await this.ask((end) => show(`${question}${end}`), deps);
    if (reply === 'always') await this.approvals.allow(name, server, definition);
    return reply;
  }
}

/** A call, as the loop of an agent reads it from a stream. */
function asItCame({ id, function: called }: CallDocument): {
  id: string | null;
  name: string;
  text: string;
} {
  return { id, name: called.name, text: called.arguments };
}

/** Whatever is in it, a question is one line, and ends. */
function shownArguments(args: unknown): string {
  const text = oneLine(JSON.stringify(args) ?? '');
  const all = JSON.stringify(args)?.length ?? 0;
  return all > MAX_SHOWN ? `${shorten(text, MAX_SHOWN)} (${all} characters)` : text;
}

function warning(message: string): OutputEvent {
  return { type: 'warning', message };
}

function firstSentence(text: string): string {
  return /^[^.]*/.exec(text)?.[0] ?? text;
}

type AskAbout = (
  name: string,
  args: unknown,
  offered: Offered,
  show: (message: string) => Promise<void>,
  deps: Pick<Deps, 'signal'>,
) => Promise<Reply>;

/** Of one message and its answer. */
class ChatToolbox implements Toolbox {
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
    { maxSteps = USUAL_STEPS }: ToolChoice,
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
      warn: (message) => queue.push(warning(message)),
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
