/** A conversation: its flags as they are now, what was said, what it cost. It asks through the work of `chat`, and through command lines; it reads no key and draws nothing. */

import type { Reply } from '../../agent/chat/approvals.ts';
import type { ChatTools } from '../../agent/chat/chat-tools.ts';
import type { Deps } from '../../base/deps.ts';
import { errorDocument, toCliError } from '../../base/error-document.ts';
import { SignalReceived } from '../../base/errors.ts';
import { innerDeps, noInput } from '../../base/inner-deps.ts';
import { say } from '../../base/next-step.ts';
import { findPlaces } from '../../config/places.ts';
import { loadSettings } from '../../config/settings.ts';
import type { AskFlags } from '../../flags/ask-flags.ts';
import type { Context } from '../../flags/context.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { LiveConversation } from '../../work/ask/live-conversation.ts';
import type { ContentPart } from '../../work/input/attachments.ts';
import type { Prompter } from './prompter.ts';
import { answeredHere, type Here, hintedHere } from './stopped.ts';

type Events = AsyncGenerator<OutputEvent, void, undefined>;

/** A message, as it was written. */
export interface Sent {
  /** null: `words`, in which the first may be a model. */
  text: string | null;
  words: readonly string[];
  files: readonly string[];
  isSearch: boolean;
}

export class Conversation {
  readonly context: Context;
  /** Of the next message. */
  flags: AskFlags;
  live: LiveConversation;
  /** For the next message. */
  files: string[];
  /** The words of the command line, as the first message; null: there is none yet. */
  opening: readonly string[] | null = null;
  /** What the model is told before all else; null: as flags and config have it. */
  system: string | null = null;
  /** The newest message, also one that was refused. */
  sent: Sent | null = null;
  /** `at` of the turn that the newest message became, as /retry and /edit need it; null where it became none. */
  private turnAt: string | null = null;
  /** `at` of the turn in whose place the next message goes, after /retry or /edit; null: it is a turn more. */
  private replacing: string | null = null;
  /** `replacing` of the newest message where that was refused: the message sent in its place has the same one. */
  private refused: string | null = null;
  /** The attached files as they were before /edit; they come back if the edit is given up. null: nothing is edited. */
  private filesBefore: string[] | null = null;
  /** What the model may call; null while that is nothing. */
  private tools: ChatTools | null = null;
  /** Reads a reply; absent while no terminal is taken. */
  prompter: Prompter | null = null;
  /** For /cost. `cost`: null where it is not known. */
  lastCall: { cost: Cost | null; model: string | null } | null = null;
  /** Stops what is going on; null while nothing is. */
  private stop: AbortController | null = null;

  constructor(context: Context, flags: AskFlags, live: LiveConversation) {
    this.context = context;
    this.live = live;
    const { file = [], system: _system, ...rest } = flags;
    this.files = file;
    this.flags = { ...rest, stdin: false };
  }

  get deps(): Deps {
    return this.context.deps;
  }

  /** The tools, as the flags of the start have them. */
  async toolsHere(): Promise<ChatTools> {
    if (this.tools !== null) return this.tools;
    const { ChatTools, toolChoice } = await import('../../agent/chat/chat-tools.ts');
    const choice = toolChoice(this.flags, findPlaces(this.deps), this.deps);
    this.tools = new ChatTools(choice, (show) => this.reply(show), this.deps);
    return this.tools;
  }

  /** Ends what the tools have started. */
  async close(): Promise<void> {
    await this.tools?.close();
  }

  /** Of the person, to a question. Ctrl-C stops what the question is about. */
  private async reply(show: (end: '\n') => Promise<void>): Promise<Reply> {
    const { replyIn } = await import('../../agent/chat/approvals.ts');
    // The prompt takes a line of its own.
    await show('\n');
    const entry = await this.prompter?.readReply();
    if (entry === undefined || entry.kind === 'cancelled') return 'no';
    return entry.kind === 'message' ? replyIn(entry.text) : 'stop';
  }

  /** Where conversations are. */
  get directory(): string {
    return findPlaces(this.deps).sessions;
  }

  /** Another conversation; the flags stay. `name`: null for one without. */
  async change(name: string | null): Promise<void> {
    const { save } = this.live;
    this.live = await LiveConversation.open({ directory: this.directory, save, name }, this.deps);
    this.system = null;
    this.sent = null;
    this.turnAt = null;
    this.replacing = null;
    this.refused = null;
    this.lastCall = null;
  }

  /** Shows events of its own. */
  show(events: () => AsyncIterable<OutputEvent>): Promise<number> {
    // Its hints lead to the gateway already, by what can be typed here.
    const { gateway: _gateway, baseUrl: _baseUrl, ...flags } = this.flags;
    return this.context.execute('chat', flags, events);
  }

  note(message: string): Promise<number> {
    return this.show(async function* () {
      yield { type: 'status', message };
    });
  }

  async fail(error: unknown): Promise<number> {
    const thrown = toCliError(error);
    // A shell command cannot be typed here.
    const failure = thrown.exit === 'usage' ? thrown.with({ next: say('/help') }) : thrown;
    const event: OutputEvent = {
      type: 'failure',
      schema: 'alltoken.error.v1',
      ok: false,
      command: 'chat',
      error: errorDocument(failure),
    };
    const here = await this.here('command');
    return this.show(async function* () {
      yield hintedHere(event, here);
    });
  }

  print(text: string): Promise<number> {
    return this.show(async function* () {
      yield { type: 'output', content: { text }, document: null };
    });
  }

  /** Ctrl-C while something goes on. */
  interrupt(): void {
    this.stop?.abort(new SignalReceived('SIGINT'));
  }

  /** Sends a message with the files that wait for it. */
  async say(text: string, isSearch = false): Promise<number> {
    return this.send({ text, words: [], files: this.takeFiles(), isSearch }, null);
  }

  /** The words of the command line. */
  async begin(words: readonly string[]): Promise<number> {
    return this.send({ text: null, words, files: this.takeFiles(), isSearch: false }, null);
  }

  /** The last message again; its answer takes the place of the last one. Resolves to null where there is none. */
  async retry(): Promise<number | null> {
    const turn = this.lastTurn;
    const content = turn?.messages[0]?.content;
    this.replacing = turn === undefined ? this.refused : turn.at;
    if (isContent(content))
      return this.send(
        this.sent ?? {
          text: textOf(content),
          words: [],
          files: [],
          isSearch: turn?.search === true,
        },
        content,
      );
    return this.sent === null ? null : this.send(this.sent, null);
  }

  /** The last message, to be changed: what is sent next takes its place. null where there is none. */
  edit(): string | null {
    const turn = this.lastTurn;
    const { sent } = this;
    const text =
      sent === null ? textOf(turn?.messages[0]?.content) : (sent.text ?? sent.words.join(' '));
    if (text === null) return null;
    this.replacing = turn === undefined ? this.refused : turn.at;
    this.filesBefore = [...this.files];
    if (sent !== null) this.files.push(...sent.files);
    return text;
  }

  /** What was to be replaced stays. */
  forgetEdit(): void {
    if (this.filesBefore === null) return;
    this.replacing = null;
    this.files = this.filesBefore;
    this.filesBefore = null;
  }

  /** Runs a command line that may buy something, and counts it. */
  async run(argv: readonly string[]): Promise<number> {
    return this.working(async (deps) => {
      let bought: Cost | 'nothing' | 'unknown' = 'nothing';
      const here = await this.here('command');
      const code = await this.context.run(argv, deps, (event) => {
        const shown = hintedHere(event, here);
        if ((event.type !== 'result' && event.type !== 'error') || !('cost' in event)) return shown;
        const isFree = event.type === 'error' && event.error.billed === 'no';
        const isKnown = event.cost.amount !== null;
        if (isKnown || !isFree) bought = isKnown ? event.cost : 'unknown';
        return shown;
      });
      if (bought !== 'nothing') await this.live.paid(bought === 'unknown' ? null : bought);
      return code;
    });
  }

  /** Lets `work` be stopped by Ctrl-C, and by whatever stops us. */
  async working(work: (deps: Deps) => Promise<number>): Promise<number> {
    const stop = new AbortController();
    const { signal } = this.deps;
    const forward = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    if (signal.aborted) forward();
    this.stop = stop;
    try {
      return await work(innerDeps(this.deps, { signal: stop.signal, stdin: noInput }));
    } finally {
      this.stop = null;
      signal.removeEventListener('abort', forward);
    }
  }

  /** The command line that goes on with it. */
  private get again(): string[] {
    const { save, name, turns } = this.live;
    const { gateway } = this.flags;
    return [
      ...['alltoken', 'chat'],
      ...(!save || turns.length === 0 ? [] : name === null ? ['-c'] : ['--session', name]),
      ...(gateway === undefined ? [] : ['-g', gateway]),
    ];
  }

  /** What a hint may lead to. */
  private async here(what: Here['what']): Promise<Here> {
    const settings = await loadSettings(this.deps, this.flags).catch(() => null);
    return { again: this.again, gateway: settings?.gateway.id ?? null, what };
  }

  private takeFiles(): string[] {
    return this.files.splice(0);
  }

  /** The turn of the newest message; of a conversation that was continued, the last one. */
  private get lastTurn() {
    const last = this.live.turns.at(-1);
    return this.sent === null || last?.at === this.turnAt ? last : undefined;
  }

  private async send(sent: Sent, content: ContentPart[] | string | null): Promise<number> {
    this.sent = sent;
    const replaces = this.replacing ?? undefined;
    this.replacing = null;
    this.filesBefore = null;
    this.turnAt = null;
    const code = await this.working((deps) =>
      this.show(() => this.answer(sent, content, replaces, deps)),
    );
    this.refused = this.turnAt === null ? (replaces ?? null) : null;
    return code;
  }

  private async *answer(
    { text, words, files, isSearch }: Sent,
    content: ContentPart[] | string | null,
    replaces: string | undefined,
    deps: Deps,
  ): Events {
    const { live } = this;
    let isKept = false;
    const { model: _model, ...others } = this.flags;
    const { askOptions } = await import('../../work/ask/options.ts');
    const { runAsk } = await import('../../work/ask/run.ts');
    const options = {
      ...askOptions(isSearch ? 'search' : 'chat', [...words], {
        ...(isSearch ? { ...others, search: true } : this.flags),
        file: content === null ? [...files] : [],
      }),
      live: {
        content: content ?? text,
        system: this.system,
        session: live.name,
        turns: live.turns.at(-1)?.at === replaces ? live.turns.slice(0, -1) : live.turns,
        replaces,
        keep: (...turn: Parameters<LiveConversation['keep']>) => {
          isKept = true;
          this.turnAt = turn[0].at;
          return live.keep(...turn);
        },
      },
    };
    const hasTools = this.flags.tool !== undefined || this.flags.mcp !== undefined;
    const tools = this.tools !== null || hasTools ? await this.toolsHere() : null;
    const openTools = tools === null || tools.isEmpty || isSearch ? null : tools.open;
    for await (const event of runAsk(options, 'text', deps, openTools)) {
      const isEnd = event.type === 'result' || event.type === 'error';
      if (isEnd && 'cost' in event) {
        const mayHaveBought = event.type === 'result' || event.error.billed !== 'no';
        if (!isKept && mayHaveBought) await live.paid(event.cost);
        if (mayHaveBought)
          this.lastCall = { cost: event.cost, model: event.model ?? event.requested_model };
        const { amount, atLeast } = live.cost;
        yield { type: 'so_far', amount, at_least: atLeast };
      }
      const what = isSearch ? 'search' : 'message';
      yield isFailure(event) ? answeredHere(event, isKept, await this.here(what)) : event;
    }
  }
}

function isFailure({ type }: OutputEvent): boolean {
  return type === 'error' || type === 'failure';
}

function isContent(value: unknown): value is string | ContentPart[] {
  return typeof value === 'string' || Array.isArray(value);
}

function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  return (content as ContentPart[])
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n\n');
}
