/** The options of `chat` and `search` as values. It knows flags, not files, gateways or the network. */
import type { AskFlags } from '../../flags/ask-flags.ts';
import type { ContentPart } from '../input/attachments.ts';
import type { Turn } from './conversations.ts';
import type { OpenToolbox } from './toolbox.ts';

/** A message of a conversation that goes on in this process. */
interface LiveMessage {
  /** As it was typed, whatever it looks like, or as it was sent before; null: the words of the command line. */
  content: string | ContentPart[] | null;
  /** What the model is told before the turns; null: as flags and config have it. */
  system: string | null;
  /** Of the conversation, saved or not; null without one. */
  session: string | null;
  /** Those that the request takes along. */
  turns: readonly Turn[];
  /** `at` of the turn in whose place it stands. */
  replaces?: string | undefined;
  /** Takes the turn in. Resolves to null, or why it is not saved. */
  keep(turn: Turn, key: string | null): Promise<string | null>;
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
    /** Absent: the conversation is what flags say, on disk. */
    live?: LiveMessage;
    /** Of the template; absent without one. */
    prepared?: Prepared;
    /** Tools of ours; absent without any. */
    openTools?: OpenToolbox;
  };

export function askOptions(
  command: AskOptions['command'],
  words: string[],
  flags: AskFlags,
): AskOptions {
  const { stop = [], file = [], param = [], fallback = [] } = flags;
  return { ...flags, command, stop, file, param, fallback, words };
}
