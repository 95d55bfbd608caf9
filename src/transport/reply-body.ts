/** The bytes of a reply between the connection and the reader: held up to a bound, then the connection waits. It reads nothing by itself. */

/** Buffered before the connection is paused, in bytes. */
const HIGH_WATER = 256 * 1024;
/** Small parts that are there at once are read as one, up to this many bytes: a server may send many events in one packet. */
const MOST_JOINED = 16 * 1024;

/** How the connection is held. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export class ReplyBody {
  private readonly parts: Uint8Array[] = [];
  private held = 0;
  private paused = false;
  private outcome: { error: unknown } | 'end' | null = null;
  private waiting: ((settle: 'now') => void) | null = null;
  private readonly flow: Flow;

  constructor(flow: Flow) {
    this.flow = flow;
  }

  /** Neither whole nor broken yet. */
  get isOpen(): boolean {
    return this.outcome === null;
  }

  push(bytes: Uint8Array): void {
    if (this.outcome !== null || bytes.length === 0) return;
    this.parts.push(bytes);
    this.held += bytes.length;
    if (this.held >= HIGH_WATER && !this.paused) {
      this.paused = true;
      this.flow.pause();
    }
    this.waiting?.('now');
  }

  end(): void {
    this.outcome ??= 'end';
    this.waiting?.('now');
  }

  /** What came before is still read first. */
  fail(error: unknown): void {
    this.outcome ??= { error };
    this.waiting?.('now');
  }

  /** As `fail`, and unread bytes are dropped: the reader was stopped. */
  abort(error: unknown): void {
    if (this.outcome === null) this.parts.length = 0;
    this.fail(error);
  }

  /** The next bytes, null at the end; rejects where the body broke. One reader at a time. */
  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const part = this.next();
      if (part !== null) {
        this.held -= part.length;
        if (this.paused && this.parts.length === 0) {
          this.paused = false;
          this.flow.resume();
        }
        return part;
      }
      if (this.outcome === 'end') return null;
      if (this.outcome !== null) throw this.outcome.error;
      await new Promise<'now'>((resolve) => {
        this.waiting = resolve;
      });
      this.waiting = null;
    }
  }

  private next(): Uint8Array | null {
    const { parts } = this;
    let count = 0;
    let size = 0;
    for (; count < parts.length; count += 1) {
      size += parts[count]?.length ?? 0;
      if (count > 0 && size > MOST_JOINED) break;
    }
    return count > 1 ? Buffer.concat(parts.splice(0, count)) : (parts.shift() ?? null);
  }
}
