/** The public types of the library, which import nothing: a declaration file is made of this one as it is. */

/** A part of a message that is more than text. */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: 'auto' | 'low' | 'high' } };

/** A call that the model asks for. `arguments` is JSON as the model wrote it. */
export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface SystemMessage {
  role: 'system';
  content: string;
}

export interface UserMessage {
  role: 'user';
  content: string | ContentPart[];
}

export interface AssistantMessage {
  role: 'assistant';
  /** null where the model only calls tools. */
  content: string | null;
  tool_calls?: ToolCall[];
}

export interface ToolMessage {
  role: 'tool';
  tool_call_id: string;
  content: string;
}

/** One message of the history, as it is sent. A list of them is the whole state of an agent, and may be stored as JSON. */
export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A message as the events tell it: its text. */
export interface Message {
  role: 'user' | 'assistant' | 'system' | 'tool';
  content: string;
  tool_call_id?: string;
  name?: string;
}

/** What a model is told of a tool. */
export interface ChatCompletionTool {
  type: 'function';
  function: {
    name: string;
    description?: string;
    /** A JSON Schema of an object; absent: no arguments. */
    parameters?: Record<string, unknown>;
    strict?: boolean | null;
  };
}

/** An amount in USD as a decimal string, never a number; null where it is not known, which is not 0. */
export interface Cost {
  amount: string | null;
  currency: string;
  /** `gateway`: as billed; `catalog`: an estimate from list prices. */
  source: 'gateway' | 'catalog' | 'unknown';
}

/** What several calls cost together. `source` is the least certain of them. */
export interface TotalCost extends Cost {
  /** Something in it has no known cost: the amount is the least. */
  atLeast: boolean;
}

/** Token counts, summed over the calls of a run. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** One paid request of a run, or what a tool bought. */
export interface CallRecord {
  /** Of the two lines in the ledger. */
  id: string;
  /** The tool that bought it; null for a request of the loop. */
  tool: string | null;
  /** The step of the run, from 1. */
  step: number;
  /** As answered, else as requested. */
  model: string;
  requestId: string | null;
  finishReason: string | null;
  /** As the gateway sent it. */
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
  /** Requests sent, with retries. */
  attempts: number;
  /** Milliseconds. */
  durationMs: number;
}

/** What a running tool gets beside its arguments. */
export interface ToolContext {
  /** Aborted when the run is, or when the time of the tool is over. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /** The label of the agent's calls in the ledger; null without one. */
  readonly session: string | null;
  readonly tags: readonly string[];
  /** What is left under `maxCost`, in USD; null without one. */
  left(): string | null;
  /** Counts what the tool has bought. `amount`: USD, null where it is not known, which ends a run under `maxCost`. */
  spent(cost: Cost | { amount: string | null }): void;
}

/** A tool, as the models and the agent see it. */
export interface ToolHandler {
  definition: ChatCompletionTool;
  /** Gets arguments that are valid for the schema. The result goes to the model: text as it is, anything else as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: their shape is that of the schema, which a list of tools does not know.
  execute(args: any, context?: ToolContext): unknown;
}

export interface Tool extends ToolHandler {
  /** Whether somebody has to allow a call first (`approve`); default false. */
  needsApproval?: boolean | ((args: unknown) => boolean | Promise<boolean>);
  /** Milliseconds; default: `toolTimeoutMs` of the agent. */
  timeoutMs?: number;
  /** A call may cost money. */
  buys?: boolean;
  /** Checks and converts arguments, of a Standard Schema; absent: the JSON Schema of the definition is used. */
  parse?(args: unknown): ParsedArguments | Promise<ParsedArguments>;
}

export type ParsedArguments = { value: unknown } | { problem: string };

/** The Standard Schema (https://standardschema.dev), as far as it is used. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
      options?: never,
    ) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** A JSON Schema of an object. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What `execute` gets: the output of a Standard Schema; of a JSON Schema any object. */
export type ArgumentsOf<Schema> =
  Schema extends StandardSchema<unknown, infer Output>
    ? Output
    : // biome-ignore lint/suspicious/noExplicitAny: a JSON Schema says nothing to the compiler.
      any;

export interface ToolOptions<Schema> {
  /** Letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** What it is for, and what it returns: the model decides by it. */
  description: string;
  /** A JSON Schema, or a schema of zod, valibot, arktype or any other that is a Standard Schema. */
  input: Schema;
  /** The JSON Schema for the model, where the library of `input` offers none. */
  parameters?: JsonSchema;
  execute(args: ArgumentsOf<Schema>, context?: ToolContext): unknown;
  needsApproval?: boolean | ((args: ArgumentsOf<Schema>) => boolean | Promise<boolean>);
  timeoutMs?: number;
  buys?: boolean;
}

/** A call that waits for a decision. */
export interface PendingCall {
  callId: string;
  name: string;
  args: unknown;
}

export type Decision = boolean | { approve: true } | { approve: false; reason?: string };

/** Why a run ended. */
export type Stop =
  | 'done'
  | 'length'
  | 'refused'
  | 'max_steps'
  | 'max_cost'
  | 'budget'
  | 'approval'
  | 'aborted'
  | `custom:${string}`;

export interface RunResult {
  /** `stop` is done. */
  ok: boolean;
  stop: Stop;
  /** The text of the last answer; '' where there is none. */
  text: string;
  /** Requests that were answered. */
  steps: number;
  /** All of the history, as `getMessages()`. */
  messages: ChatMessage[];
  /** null where no reply had any. */
  usage: Usage | null;
  /** Of this run, with what its tools bought. */
  cost: TotalCost;
  calls: CallRecord[];
  /** Why it stopped, where something refused to go on; null for done. */
  error: AllTokenErrorFields | null;
}

/** A failure as data. */
export interface AllTokenErrorFields {
  /** The exit code that the command line has for it; its tens digit says who has to fix it. */
  exit: number;
  /** The name of that exit code: `auth`, `rate_limited`, `outcome_unknown` … */
  kind: string;
  /** What exactly happened; compare this, never the message. */
  code: string | null;
  message: string;
  /** HTTP status, where there was a reply. */
  status: number | null;
  billed: 'yes' | 'no' | 'unknown';
  requestId: string | null;
  /** The same call again can help, and buys nothing twice. */
  retryable: boolean;
  /** What to do, in words; null where there is nothing to add. */
  hint: string | null;
}

/** What `stopWhen` sees after a step that would be followed by another. */
export interface RunState {
  steps: number;
  messages: readonly ChatMessage[];
  /** The calls of the last step, with their results. */
  toolResults: readonly { callId: string; name: string; args: unknown; result: unknown }[];
  text: string;
  cost: TotalCost;
}

/** A request that is about to be sent. */
export interface RequestInfo {
  /** From 1. */
  step: number;
  model: string;
  messages: readonly ChatMessage[];
  tools: readonly string[];
}

export interface ResponseInfo {
  step: number;
  message: AssistantMessage;
  finishReason: string | null;
  call: CallRecord;
}

export interface ToolCallInfo {
  step: number;
  callId: string;
  name: string;
  args: unknown;
}

export type ChangedCall = { args: unknown } | { result: unknown };
export interface ChangedResult {
  result: unknown;
}
/** What a function without `return` returns, also an async one. */
export type Nothing = undefined | void | Promise<void>;

/** Each is awaited. One that throws ends the run with an error of code `hook`, and leaves the history valid. */
export interface Hooks {
  beforeRequest?(request: RequestInfo): void | Promise<void>;
  afterResponse?(response: ResponseInfo): void | Promise<void>;
  /** May replace the arguments, which are checked again, or give the result itself, so that the tool does not run. */
  beforeTool?(call: ToolCallInfo): Nothing | ChangedCall | Promise<ChangedCall | undefined>;
  /** May replace the result. */
  afterTool?(
    call: ToolCallInfo & { result: unknown },
  ): Nothing | ChangedResult | Promise<ChangedResult | undefined>;
  /**
   * What is sent instead of the history, which it does not change: shorter, summarised, translated. Calls without a result
   * and results without a call are mended.
   */
  prepareMessages?(
    messages: readonly ChatMessage[],
    about: PrepareInfo,
  ): readonly ChatMessage[] | Promise<readonly ChatMessage[]>;
}

export interface PrepareInfo {
  model: string;
  step: number;
  /** Tokens that the model can take, as the cached model list says; null where that is not known. */
  contextWindow: number | null;
}

export interface AgentConfig {
  /** Default: the variable of the gateway (ALLTOKEN_API_KEY), else what `alltoken login` stored. */
  apiKey?: string | undefined;
  /** Default: `minimax-m2.7` on AllToken, else the default of the gateway. */
  model?: string | undefined;
  /** The system message; default: 'You are a helpful assistant.', '' for none. */
  instructions?: string | undefined;
  tools?: readonly ToolHandler[] | undefined;
  /** Requests of one run; default 5. */
  maxSteps?: number | undefined;
  /** 0 to 2; default 0.7; null: that of the model. */
  temperature?: number | null | undefined;
  /** Let the gateway search the web; only some models do. */
  enableSearch?: boolean | undefined;
  /** A name of the built-in table or of the config; default: ALLTOKEN_GATEWAY, else the config, else alltoken. */
  gateway?: string | undefined;
  baseURL?: string | undefined;
  /** The most that all runs of this agent and its tools may cost together, in USD: '0.05'. */
  maxCost?: string | undefined;
  /** Tags of its calls in the ledger, for reports and budgets. */
  tag?: string | readonly string[] | undefined;
  /** The label of its calls in the ledger. With `maxCost`, what earlier processes spent under it counts, too. */
  session?: string | undefined;
  /** Models to try if the gateway fails before anything is bought. */
  fallback?: readonly string[] | undefined;
  /** Of one answer, in tokens. */
  maxTokens?: number | undefined;
  /** The history to go on from. */
  messages?: readonly ChatMessage[] | undefined;
  /** Aborts every run. */
  signal?: AbortSignal | undefined;
  /** true or a name ends the run with `custom:…`. */
  stopWhen?: ((state: RunState) => boolean | string | Promise<boolean | string>) | undefined;
  /** Who decides on tools that need an approval; default 'ask': the run stops, and `pending()` lists them. */
  approve?:
    | 'auto'
    | 'ask'
    | 'deny'
    | ((call: PendingCall) => Decision | Promise<Decision>)
    | undefined;
  hooks?: Hooks | undefined;
  /** Tools that run at the same time; default 4. */
  parallelTools?: number | undefined;
  /** Milliseconds; default 60,000. */
  toolTimeoutMs?: number | undefined;
}

export interface AgentEvents {
  'message:user': (message: Message) => void;
  /** The answer that ends a run. */
  'message:assistant': (message: Message) => void;
  'stream:start': () => void;
  'stream:delta': (delta: string, accumulated: string) => void;
  'stream:end': (fullText: string) => void;
  'tool:call': (name: string, args: unknown, callId: string) => void;
  'tool:result': (name: string, result: unknown, callId: string) => void;
  'thinking:start': () => void;
  'thinking:end': () => void;
  error: (error: Error) => void;
  /** Every message that is added to the history: store it to be able to go on after a crash. */
  'history:append': (message: ChatMessage) => void;
  /** The last message, which the gateway refused for what it says; nothing was bought. Drop it where it is stored. */
  'history:remove': (message: ChatMessage) => void;
  /** A piece of reasoning, of models that show it. */
  'stream:reasoning': (delta: string) => void;
  warning: (message: string) => void;
}

/** The events of `stream()`; the last one is `result`. */
export type AgentEvent =
  | { type: 'message:user'; message: Message }
  | { type: 'message:assistant'; message: Message }
  | { type: 'stream:start' }
  | { type: 'stream:delta'; delta: string; accumulated: string }
  | { type: 'stream:reasoning'; delta: string }
  | { type: 'stream:end'; text: string }
  | { type: 'tool:call'; name: string; args: unknown; callId: string }
  | { type: 'tool:result'; name: string; result: unknown; callId: string }
  | { type: 'thinking:start' }
  | { type: 'thinking:end' }
  | { type: 'history:append' | 'history:remove'; message: ChatMessage }
  | { type: 'warning'; message: string }
  | { type: 'result'; result: RunResult };

type Listener<Name extends keyof AgentEvents> = AgentEvents[Name];

/** The emitter of eventemitter3, with our events. A listener that throws does not stop a run. */
export interface AgentEmitter {
  on<Name extends keyof AgentEvents>(
    event: Name,
    listener: Listener<Name>,
    context?: unknown,
  ): this;
  addListener<Name extends keyof AgentEvents>(
    event: Name,
    listener: Listener<Name>,
    context?: unknown,
  ): this;
  once<Name extends keyof AgentEvents>(
    event: Name,
    listener: Listener<Name>,
    context?: unknown,
  ): this;
  off<Name extends keyof AgentEvents>(
    event: Name,
    listener?: Listener<Name>,
    context?: unknown,
    once?: boolean,
  ): this;
  removeListener<Name extends keyof AgentEvents>(
    event: Name,
    listener?: Listener<Name>,
    context?: unknown,
    once?: boolean,
  ): this;
  removeAllListeners(event?: keyof AgentEvents): this;
  emit<Name extends keyof AgentEvents>(event: Name, ...args: Parameters<Listener<Name>>): boolean;
  eventNames(): (keyof AgentEvents)[];
  listeners<Name extends keyof AgentEvents>(event: Name): Listener<Name>[];
  listenerCount(event: keyof AgentEvents): number;
}

export interface RunOptions {
  /** Aborts this run. */
  signal?: AbortSignal | undefined;
}

export interface Agent extends AgentEmitter {
  /**
   * Sends a message and runs the loop. Resolves to the text of the answer where the run ended as `done` or `length`; rejects with
   * an `AllTokenError` for every other end.
   */
  send(content: string): Promise<string>;
  /** One request without a stream and without tools. */
  sendSync(content: string): Promise<string>;
  getMessages(): ChatMessage[];
  /** Leaves the instructions only. */
  clearHistory(): void;
  setInstructions(text: string): void;
  /** Replaces a tool of the same name. */
  addTool(tool: ToolHandler): void;
  /** As `send`, with all there is to know of the run. It rejects only for an error, not for a stop. */
  run(input: string | ContentPart[], options?: RunOptions): Promise<RunResult>;
  /** The same as events, with null those of `resume`. Leaving the loop early aborts the run; an error is thrown by it. */
  stream(input: string | ContentPart[] | null, options?: RunOptions): AsyncIterable<AgentEvent>;
  /** A message that goes with the next request of the run. */
  steer(text: string): void;
  /** A message for when the run would end. */
  queue(text: string): void;
  /** Ends the run with `aborted`. Resolves when it has ended. */
  abort(): Promise<void>;
  /** Goes on from the history, without a new message: after an abort, a crash, an error, or a decision. */
  resume(options?: RunOptions): Promise<RunResult>;
  /** The calls that wait for a decision, from the history alone. */
  pending(): PendingCall[];
  /** Takes effect with the next `resume` or message. Throws `AllTokenError` where no such call waits. */
  decide(callId: string, decision: Decision): void;
  /** This agent as a tool of another: a task goes in, the answer comes out. What it spends counts there, too. */
  asTool(options: { name: string; description: string }): Tool;
  /** Of all runs of this agent, with what its tools bought. */
  cost(): TotalCost;
}

/** A request for an image; more fields of the gateway go through. */
export interface ImageRequest {
  /** Default: that of the gateway. */
  model?: string;
  prompt: string;
  size?: string;
  quality?: string;
  output_format?: string;
  background?: string;
  moderation?: string;
  [field: string]: unknown;
}

export interface ImageResult {
  id: string;
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';
  /** `b64_json` is there for each image, however the gateway delivered it. */
  data?: { b64_json: string; revised_prompt?: string; path: string }[];
  error?: unknown;
  model: string | null;
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
}

export interface VideoRequest {
  model?: string;
  prompt: string;
  /** Seconds; -1: the model decides. */
  duration?: number;
  ratio?: string;
  resolution?: string;
  generate_audio?: boolean;
  seed?: number;
  watermark?: boolean;
  callback_url?: string;
  content?: {
    type: 'image_url' | 'video_url' | 'audio_url' | 'draft_task';
    image_url?: { url: string };
    video_url?: { url: string };
    audio_url?: { url: string };
    role?: 'first_frame' | 'last_frame' | 'reference_image' | 'reference_video' | 'reference_audio';
  }[];
  [field: string]: unknown;
}

export interface VideoResult {
  id: string;
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled' | 'expired';
  /** Of the saved file; null where there is none. */
  path: string | null;
  /** The address of the gateway, which expires soon. */
  content?: { video_url?: string };
  error?: unknown;
  model: string | null;
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
}

export interface MediaOptions {
  /** Milliseconds between looks at the task; default: as the gateway says. */
  pollMs?: number;
  /** Where files are saved; default: `media` in the state directory of alltoken. */
  directory?: string;
  apiKey?: string;
  gateway?: string;
  baseURL?: string;
  /** USD. */
  maxCost?: string;
  tag?: string | readonly string[];
  signal?: AbortSignal;
}
