/** The options of `chat` and `search` as values. It knows flags, not files, gateways or the network. */
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { Parameter } from '../../flags/flag-values.ts';
import type { MoneyFlags } from '../../flags/money-flags.ts';

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
}

/** What a template adds to the options, where no flag says otherwise. */
export interface Prepared {
  system: string | null;
  prompt: { text: string; values: Readonly<Record<string, string>> } | null;
  model: string | null;
  schema: Readonly<Record<string, unknown>> | null;
}

/** The default token limit of an answer to a search: they are long, and each token is billed. */
export const SEARCH_MAX_TOKENS = 600;

/** The flags with their lists present, and the words after them. */
export type AskOptions = AskFlags &
  Required<Pick<AskFlags, 'stop' | 'file' | 'param' | 'fallback'>> & {
    command: 'chat' | 'search';
    words: string[];
    /** Of the template; absent without one. */
    prepared?: Prepared;
  };

export function askOptions(
  command: AskOptions['command'],
  words: string[],
  flags: AskFlags,
): AskOptions {
  const { stop = [], file = [], param = [], fallback = [] } = flags;
  return { ...flags, command, stop, file, param, fallback, words };
}
