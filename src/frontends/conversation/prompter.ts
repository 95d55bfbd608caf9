/** What a conversation reads from the person at the terminal. */

export const PROMPT = '> ';
/** Of a further line of a message. */
export const MORE = '… ';

export type Entry =
  /** `literal`: pasted or quoted, so that it is text whatever it begins with. */
  | { kind: 'message'; text: string; literal: boolean }
  /** Ctrl-C on an empty line. */
  | { kind: 'interrupt' }
  /** Ctrl-C on a text that `read` was given. */
  | { kind: 'cancelled' }
  /** Ctrl-D, or there is no more input. */
  | { kind: 'end' };

export interface Prompter {
  /** Shows the prompt, with a text to edit. What was typed before it is there already, and not sent. */
  read(text?: string): Promise<Entry>;
  /** Shows the prompt for a reply, which the history does not keep. What was typed before it is dropped. */
  readReply(): Promise<Entry>;
  /** Whether a text can be put on the line, to edit it. */
  readonly canEdit: boolean;
  /** Ends a `read` that is going on. */
  end(): void;
  /** Ctrl-C, or SIGINT. */
  interrupt(): void;
  /** The window has another size. */
  resized(): void;
  /** The screen may show anything now. */
  redraw(): void;
  close(): void;
}
