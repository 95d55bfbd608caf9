/** The flags that `chat` and `search` share, each declared once; the order in the help is their own. */
import type { BuiltInToolName, ToolApproval } from '../schemas/choices.ts';
import type { CommonFlags } from './common-flags.ts';
import { flag } from './declare-flags.ts';
import { numberBetween, type Parameter, parameterReader } from './flag-values.ts';
import type { MoneyFlags } from './money-flags.ts';

/** Body fields that have a flag, or that would change what we promise about one answer: what to use instead. */
export const reservedFields: Readonly<Record<string, string>> = {
  model: 'use -m',
  messages: 'use the prompt, --system and --session',
  stream: 'use --no-stream',
  n: 'one answer a call',
};

export const askFlags = {
  system: flag('-s, --system <text>', 'instructions for the model; @file reads them from a file', {
    names: 'text or @file',
  }),
  temperature: flag('--temperature <number>', 'how varied answers are, from 0 to 2', {
    read: numberBetween(0, 2),
  }),
  jsonObject: flag('--json-object', 'ask for a JSON object', { conflicts: ['schema'] }),
  schema: flag('--schema <file>', 'ask for JSON that matches this JSON Schema, and check it', {
    names: 'file',
  }),
  param: flag('--param <key=json>', 'set any other field of the request; null leaves it out', {
    names: 'text',
    read: parameterReader(reservedFields),
    repeatable: true,
  }),
  out: flag('-o, --out <directory>', 'where images of the answer are saved', {
    names: 'directory',
    usual: 'here, as alltoken-chat-<8 hex>.<type>',
  }),
  markdown: flag('--markdown', 'lay out the answer as markdown, also in a pipe', {
    usual: 'only on a terminal',
  }),
  noMarkdown: flag('--no-markdown', 'print the answer as the model wrote it'),
  strict: flag('--strict', 'exit 40 when the answer is cut short, empty, or not as --schema says'),
} as const;

/** The flags of `chat`; `search` has some of them. */
export interface AskFlags extends CommonFlags, MoneyFlags {
  model?: string;
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: string[];
  seed?: number;
  /** true without a budget; a budget is in tokens. */
  thinking?: true | number;
  search?: boolean;
  /** Send --search even to a model that is known to ignore or refuse it. */
  force?: boolean;
  jsonObject?: boolean;
  schema?: string;
  file?: string[];
  param?: Parameter[];
  stream: boolean;
  fallback?: string[];
  continue?: boolean;
  session?: string;
  save: boolean;
  stdin: boolean;
  strict?: boolean;
  /** Whether the answer is laid out; absent: the config decides. */
  markdown?: boolean;
  /** The directory for images of the answer. */
  out?: string;
  template?: string;
  /** Values for the gaps of the template. */
  var?: { key: string; value: string }[];
  /** Built-in tools that the model may call. */
  tool?: BuiltInToolName[];
  /** Servers of the config. */
  mcp?: string[];
  toolsApprove?: ToolApproval;
  /** Requests to the model. */
  maxSteps?: number;
  /** Begin a conversation, with the prompt as its first message. */
  interactive?: boolean;
}
