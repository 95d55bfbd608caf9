/**
 * The tools of `alltoken chat`: which there are, who allows them, and the runs of their calls, on the parts of the agent. It
 * lives as long as the command or the conversation, and so do the servers that it starts.
 */
import type { Deps } from '../../base/deps.ts';
import { oneLine, shorten } from '../../base/json.ts';
import type { Places } from '../../config/places.ts';
import type { BuiltInToolName, ToolApproval } from '../../schemas/choices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { AskOptions } from '../../work/ask/options.ts';
import type { Plan } from '../../work/ask/plan.ts';
import type { OpenToolbox } from '../../work/ask/toolbox.ts';
import { connectMcp, type McpConnection } from '../mcp/connect.ts';
import { makeBuiltInTools } from '../tools/built-in.ts';
import type { Tool } from '../types.ts';
import { Approvals, allowanceOf, type Reply } from './approvals.ts';
import { ChatToolbox, type Offered } from './chat-toolbox.ts';
import { serverOf } from './mcp-servers.ts';

/** Of arguments in a question, in UTF-16 units. */
const MAX_SHOWN = 400;

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
