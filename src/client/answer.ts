/** One answer as it grows: the state between the stream and the result. It stores the text only if it is needed as a whole. */
import { unknownCost } from '../money/amount.ts';
import type { ToolCall, Usage } from '../schemas/chat.ts';
import type { Cost } from '../schemas/common.ts';

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

  get isEmpty(): boolean {
    return this.length === 0;
  }
}

/** A tool call in pieces, by its index in the stream. */
interface ToolCallPieces {
  id: string | null;
  name: string;
  arguments: string;
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
  private toolCallLength = 0;
  readonly toolCallPieces = new Map<number | string, ToolCallPieces>();

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
    return this.text.held + this.reasoning.held + this.toolCallLength;
  }

  /** Whether any usable output arrived. */
  get hasOutput(): boolean {
    return !this.text.isEmpty || !this.reasoning.isEmpty;
  }

  addToolCallPiece(key: number | string, piece: Partial<ToolCallPieces>): void {
    const known = this.toolCallPieces.get(key) ?? { id: null, name: '', arguments: '' };
    known.id ??= piece.id ?? null;
    // The name comes once; some servers repeat it with every piece.
    if (known.name === '') known.name = piece.name ?? '';
    known.arguments += piece.arguments ?? '';
    // A call without arguments counts too.
    this.toolCallLength += (piece.arguments?.length ?? 0) + 64;
    this.toolCallPieces.set(key, known);
  }

  /** Complete calls only: after a terminal signal, with a name and with arguments that are JSON. `cut` counts the others. */
  wholeToolCalls(): { calls: ToolCall[]; cut: number } {
    const calls: ToolCall[] = [];
    for (const { id, name, arguments: text } of this.toolCallPieces.values()) {
      // A call without arguments has empty text, which is not JSON.
      const whole = text.trim() === '' ? '{}' : text;
      if (this.hasTerminalSignal && name !== '' && isJson(whole))
        calls.push({ id, type: 'function', function: { name, arguments: whole } });
    }
    return { calls, cut: this.toolCallPieces.size - calls.length };
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
