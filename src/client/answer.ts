/** One answer as it grows: the state between the stream and the result. It stores the text only if it is needed as a whole. */
import { unknownCost } from '../money/amount.ts';
import type { Usage } from '../schemas/chat.ts';
import type { Cost, RateLimit } from '../schemas/common.ts';
import { Citations } from './citations.ts';
import { type Ending, endingOf } from './finish-reasons.ts';
import { Images } from './images.ts';
import { ToolCalls } from './tool-calls.ts';
import { Unread } from './unread.ts';

/** Many small pieces take ten times the memory of their text; reading a character makes V8 join them into one string. */
const FLATTEN_AT = 4096;

/** Text up to a limit, in UTF-16 units: a pipe may take 200 MB, but memory should not. */
export class KeptText {
  private parts: string[] = [];
  private recent = '';
  private length = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(text: string): void {
    this.length += text.length;
    if (this.length > this.limit) {
      this.parts = [];
      this.recent = '';
      return;
    }
    this.recent += text;
    if (this.recent.length < FLATTEN_AT) return;
    this.recent.charCodeAt(0);
    this.parts.push(this.recent);
    this.recent = '';
  }

  /** The whole text, or null when it grew past the limit. */
  get whole(): string | null {
    return this.length <= this.limit ? this.parts.join('') + this.recent : null;
  }

  /** How much of it is in memory. */
  get held(): number {
    return this.length <= this.limit ? this.length : 0;
  }

  /** Length of the whole text in UTF-16 units, including what is no longer in memory. */
  get size(): number {
    return this.length;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }
}

export class Answer {
  id: string | null = null;
  model: string | null = null;
  requestId: string | null = null;
  finishReason: string | null = null;
  usage: Usage | null = null;
  cost: Cost = unknownCost;
  /** Why a reported cost is unknown; null where there is nothing to say. */
  costNote: string | null = null;
  /** Of the last reply that named limits. */
  rateLimit: RateLimit | null = null;
  serviceTier: string | null = null;
  /** A chunk other than an error arrived: the model had started, so it may be billed. */
  begun = false;
  /** `[DONE]` was seen. */
  done = false;
  /** Requests sent. */
  attempts = 0;
  /** On the monotonic clock, ms. */
  firstTokenAt: number | null = null;
  readonly text: KeptText;
  readonly reasoning: KeptText;
  readonly toolCalls = new ToolCalls();
  readonly citations = new Citations();
  readonly images = new Images();
  readonly unread = new Unread();
  /** Text arrived in pieces: a whole message repeats it. */
  hasDeltas = false;
  /** Such a piece was not labelled as a whole message. */
  hasPieces = false;
  /** The last message from the server that was not part of an answer, in one line; '' if there was none. */
  strangeWords = '';
  /** How often a whole message was compared with the text. */
  comparisons = 0;

  constructor(keepLimit: number) {
    this.text = new KeptText(keepLimit);
    this.reasoning = new KeptText(keepLimit);
  }

  /** Whether the model reported that it is finished. */
  get hasTerminalSignal(): boolean {
    return this.done || this.finishReason !== null;
  }

  /** How much of the answer is in memory, in UTF-16 units. */
  get held(): number {
    return this.text.held + this.reasoning.held + this.toolCalls.held + this.images.held;
  }

  /** Whether any usable output arrived. */
  get hasOutput(): boolean {
    return !this.text.isEmpty || !this.reasoning.isEmpty || this.images.list.length > 0;
  }

  /** What the finish reason means; null while there is none. */
  get ending(): Ending | null {
    return this.finishReason === null ? null : endingOf(this.finishReason);
  }

  /** Neither text nor an image nor a tool call. */
  get isEmpty(): boolean {
    return this.text.isEmpty && this.images.list.length === 0 && this.toolCalls.count === 0;
  }
}
