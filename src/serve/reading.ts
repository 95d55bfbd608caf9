/** What the bytes of a relayed reply say about its cost: its usage and the cost comment, wherever these shapes have them. It changes nothing of it. */
import { asObject, isRecord, type JsonObject } from '../base/json.ts';
import { MAX_ANSWER } from '../client/answer-size.ts';
import { usageOf } from '../client/usage.ts';
import { readCostComment, readUsageCost, unknownCost } from '../money/amount.ts';
import type { Cost } from '../schemas/common.ts';
import { createSseReader, type SseReader } from '../transport/sse.ts';

/** Events after which no more of the answer comes. */
const lastEvents: ReadonlySet<unknown> = new Set([
  'message_stop',
  'response.completed',
  'response.incomplete',
]);

export class Reading {
  model: string | null = null;
  isComplete = false;
  /** The limit ended the answer. */
  isCut = false;
  id: string | null = null;
  /** What was ordered is in the reply. */
  hasData = false;
  /** As it came, from all events. */
  private sent: JsonObject | null = null;
  private reported: Cost | null = null;
  private readonly costInUsage: boolean;
  private reader: SseReader | null = null;
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(costInUsage: boolean) {
    this.costInUsage = costInUsage;
  }

  get usage(): Record<string, unknown> | null {
    return usageOf(this.sent);
  }

  begin(isStream: boolean): void {
    if (!isStream) return;
    this.reader = createSseReader(
      { onEvent: ({ data }) => this.onEvent(data), onComment: (text) => this.onComment(text) },
      MAX_ANSWER,
    );
  }

  /** Never throws: what cannot be read leaves the cost unknown. */
  push(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.reader === null) {
      if (this.size <= MAX_ANSWER) this.parts.push(bytes);
      else this.parts = [];
      return;
    }
    this.tried(() => this.reader?.push(bytes));
  }

  end(): void {
    this.tried(() => {
      this.reader?.end();
      if (this.reader !== null || this.parts.length === 0) return;
      const json = asObject(JSON.parse(Buffer.concat(this.parts).toString('utf8')));
      if (json === null) return;
      this.onJson(json);
      this.isComplete = json.error === undefined || json.error === null;
    });
    this.parts = [];
  }

  async cost(estimate: (usage: Record<string, unknown>) => Promise<Cost>): Promise<Cost> {
    if (this.reported !== null) return this.reported;
    const { sent, usage } = this;
    if (sent === null || !this.isComplete) return unknownCost;
    const charged = this.costInUsage ? readUsageCost(sent) : null;
    if (charged !== null) return charged.cost;
    return usage === null ? unknownCost : estimate(usage);
  }

  private tried(read: () => void): void {
    try {
      read();
    } catch {
      this.reader = null;
      this.parts = [];
    }
  }

  private onComment(text: string): void {
    this.reported = readCostComment(text)?.cost ?? this.reported;
  }

  private onEvent(data: string): void {
    if (data.trim() === '[DONE]') {
      this.isComplete = true;
      return;
    }
    // Most events are text of the answer.
    if (!/"(usage|stop_reason|model|type)"/.test(data.slice(0, 4096)) && !data.includes('"usage"'))
      return;
    let json: JsonObject | null;
    try {
      json = asObject(JSON.parse(data));
    } catch {
      return;
    }
    if (json === null) return;
    this.onJson(json);
    const inner = asObject(json.response) ?? asObject(json.message);
    if (inner !== null) this.onJson(inner);
    if (lastEvents.has(json.type)) this.isComplete = true;
  }

  private onJson(json: JsonObject): void {
    const { usage, model } = json;
    // Anthropic sends the counts of the prompt first, and those of the answer at the end.
    if (isRecord(usage)) this.sent = { ...this.sent, ...withoutNulls(usage) };
    if (typeof model === 'string') this.model = model;
    const { id, task_id: taskId } = json;
    if (typeof id === 'string') this.id ??= id;
    else if (typeof taskId === 'string') this.id ??= taskId;
    if (Array.isArray(json.data) && json.data.length > 0) this.hasData = true;
    const reason = asObject(json.delta)?.stop_reason ?? json.stop_reason;
    const incomplete = asObject(json.incomplete_details)?.reason;
    if (reason === 'max_tokens' || incomplete === 'max_output_tokens') this.isCut = true;
  }
}

function withoutNulls(usage: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
