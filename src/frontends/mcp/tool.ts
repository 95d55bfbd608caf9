/** What a tool is: which option of which command each field of its input is. What an option takes, its declaration knows. Types only. */
import type { ToolName } from '../../schemas/tools.ts';

/** What a call was given, by field; checked against the tool's schema. */
export type ToolInput = Readonly<Record<string, unknown>>;

export interface Tool {
  name: ToolName;
  title: string;
  description: string;
  /** Words that people use for it beside those of the description, for hosts that search their tools. */
  search: string;
  /** Of the command. */
  words: readonly string[];
  /** Given in each call. */
  fixed: readonly string[];
  /**
   * By field, the option of the command. true: the option alone; false: what switches it off, if there is such an option;
   * a list: once for each, or one value with commas where the option takes several so; anything else: `--option=value`.
   * What a value may name is the option's own fact.
   */
  options: Readonly<Record<string, `--${string}`>>;
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
  /** Without a task_id, it takes the only unfinished job of this kind that this server ordered. */
  takesOrder?: 'image' | 'video';
  hints: { readOnlyHint?: true; idempotentHint?: true };
}
