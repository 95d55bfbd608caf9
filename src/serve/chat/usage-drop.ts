/** Leaves one event out of a stream: the usage that we have requested and the client has not. All other bytes pass as they came. */
import { isRecord, type JsonObject } from '../../base/json.ts';

export class UsageDrop {
  /** Bytes of an event that has not ended. */
  private held: Uint8Array[] = [];
  /** Of the stream: where `held` begins. */
  private start = 0;
  private received = 0;
  private blockStart = 0;
  /** The events to leave out, from and to. */
  private drops: [number, number][] = [];
  private chunks = 0;
  private usages = 0;

  onChunk(chunk: JsonObject): void {
    this.chunks += 1;
    if (isUsageAlone(chunk)) this.usages += 1;
  }

  onBlock(end: number): void {
    if (this.usages > 0 && this.usages === this.chunks) this.drops.push([this.blockStart, end]);
    this.blockStart = end;
    this.chunks = 0;
    this.usages = 0;
  }

  /** After the events in `bytes` were read: what may be passed on now; null: nothing. */
  pass(bytes: Uint8Array): Uint8Array | null {
    this.received += bytes.length;
    // Most of what comes ends where an event does.
    if (this.held.length === 0 && this.drops.length === 0 && this.blockStart === this.received) {
      this.start = this.received;
      return bytes;
    }
    this.held.push(bytes);
    if (this.blockStart === this.start) return null;
    const all = this.held.length === 1 ? bytes : Buffer.concat(this.held);
    const end = this.blockStart;
    const pieces: Uint8Array[] = [];
    let at = this.start;
    for (const [from, to] of [...this.drops, [end, end] as const]) {
      if (from > at) pieces.push(all.subarray(at - this.start, from - this.start));
      at = to;
    }
    const rest = all.subarray(end - this.start);
    this.held = rest.length === 0 ? [] : [rest];
    this.drops = [];
    this.start = end;
    return pieces.length === 1
      ? (pieces[0] ?? null)
      : pieces.length === 0
        ? null
        : Buffer.concat(pieces);
  }

  /** The stream is over: what belongs to no event that ended. null: nothing. */
  rest(): Uint8Array | null {
    // The end of a stream closes its last event.
    if (this.usages > 0 && this.usages === this.chunks) return null;
    return this.held.length === 0 ? null : Buffer.concat(this.held);
  }
}

function isUsageAlone({ choices, usage }: JsonObject): boolean {
  return Array.isArray(choices) && choices.length === 0 && isRecord(usage);
}
