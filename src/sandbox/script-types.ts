/** The steps of a played model. They import nothing: a declaration file is made of this one as it is. */

/** What may stand beside an answer. */
interface Reported {
  /** US dollars, such as `'0.0001'`: sent behind `[DONE]` of a stream, unchanged. Without it no cost is sent, so that it is unknown. */
  cost?: string;
  /** Without it, a token is four bytes; null: the answer has none. `total_tokens` is the sum unless given. */
  usage?: ScriptUsage | null;
  /** Thoughts, before the answer (`reasoning_content`). */
  reasoning?: string;
  /** `stop`, or `tool_calls` where there are any, unless given. */
  finishReason?: string;
  /** The connection breaks when all of this was sent: no finish reason, no usage, no cost. A body without a stream breaks in its middle. */
  cut?: boolean;
}

/** Token counts as OpenAI has them; more fields are sent as they are. */
export interface ScriptUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens?: number;
  [field: string]: unknown;
}

/** One call of a tool. */
export interface ScriptCall {
  name: string;
  /** Sent as JSON; a text is sent unchanged, so that arguments can be broken, too. `{}` unless given. */
  args?: unknown;
}

/** An answer in words. */
export interface TextStep extends Reported {
  text: string;
}

/** An answer that calls tools, in parallel where there are several, after a text if there is one. */
export interface ToolsStep extends Reported {
  tools: readonly ScriptCall[];
  text?: string;
}

/** The same for one tool. */
export interface ToolStep extends Reported {
  tool: string;
  args?: unknown;
  text?: string;
}

/** An error in the envelope of AllToken. */
export interface ErrorStep {
  error: {
    /** 400 to 599. */
    status: number;
    /** Such as `rate_limited`. */
    code: string;
    message?: string;
    /** Such as `{'retry-after': '1'}`. */
    headers?: Readonly<Record<string, string>>;
  };
}

/** What the model does when it is asked once more. */
export type Step = TextStep | ToolsStep | ToolStep | ErrorStep;
