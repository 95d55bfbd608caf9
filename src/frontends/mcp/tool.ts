/** What a tool is: which option of which command each field of its input is. Types only. */
import type { ToolName } from '../../schemas/tools.ts';

/** What a call was given, by field; checked against the tool's schema. */
export type ToolInput = Readonly<Record<string, unknown>>;

interface OptionRule {
  /** true: alone; a list: once for each; anything else: `--option=value`. */
  option: string;
  /** For false. */
  negated?: string;
  /** A list is one value, with commas between. */
  joined?: true;
  /** The value names a file of this machine, or may be an address instead. */
  path?: 'file' | 'file or address';
  /** The value is text, and must not begin with @: the command would take it for the name of a file. */
  text?: true;
}

export interface Tool {
  name: ToolName;
  title: string;
  description: string;
  /** Of the command. */
  words: readonly string[];
  /** Given in each call. */
  fixed: readonly string[];
  options: Readonly<Record<string, OptionRule>>;
  /** The fields that are words of the command line, in their order. */
  positional: readonly string[];
  /** The fields as the command wants them, where that is another way. */
  arrange?(input: ToolInput): ToolInput;
  /** It buys something, and takes the flags about money. */
  paid: boolean;
  /** It can wait for a result. */
  waits: boolean;
  /** Stopped, it waits three seconds more for what is on its way. */
  lingers: boolean;
  /** Whatever it returns has words of a server or a model in it. */
  untrusted: boolean;
  hints: { readOnlyHint?: true; idempotentHint?: true };
}
