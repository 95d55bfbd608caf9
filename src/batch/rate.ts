/**
 * How many requests to one model may be in flight, and when the next one may begin: additive increase, multiplicative
 * decrease. It sends nothing.
 */
import type { Clock } from '../base/deps.ts';
import type { RateLimit } from '../schemas/common.ts';
import { readLimitReset } from '../transport/retry.ts';

const FIRST_LIMIT = 4;

/** In flight at most where nobody set a number. */
const USUAL_CEILING = 64;

/** The pause after a refusal that names none, ms: doubled with each round of refusals. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;

/** A pace of a server is obeyed up to this pause between two requests, ms. */
const LONGEST_STEP_MS = 60_000;

/** How an attempt ended, for the rate. */
export type Verdict =
  /** The server answered, whatever it said. */
  | { kind: 'answered'; limits: RateLimit | null }
  /** 429, 503, or it could not be reached. `retryAfterMs`: as the server asked; null where it did not. */
  | { kind: 'refused'; retryAfterMs: number | null; limits: RateLimit | null }
  /** Our own side ended it: it says nothing of the server. */
  | { kind: 'left' };

interface Waiter {
  grant(permit: Permit | null): void;
}

export interface Permit {
  readonly startedAt: number;
}

export interface RateOptions {
  /** Requests in flight at most; null: as many as the server takes, up to 64. */
  concurrency: number | null;
  /** Lines that are still to be sent: a server that allows so many needs no pace. */
  left(): number;
}

type RateDeps = { clock: Clock; random(): number };

export class Rate {
  /** Requests in flight that are allowed now. */
  limit: number;
  inFlight = 0;
  /** When the first refusal since the last answer came, on the monotonic clock, ms; null: there is none. */
  refusedSince: number | null = null;
  private readonly ceiling: number;
  private readonly options: RateOptions;
  private readonly deps: RateDeps;
  private readonly over = new AbortController();
  private clean = 0;
  /** As many as allowed were in flight since the limit last grew. */
  private wasFull = false;
  private rounds = 0;
  private loweredAt = Number.NEGATIVE_INFINITY;
  private pausedUntil = Number.NEGATIVE_INFINITY;
  private nextAt = Number.NEGATIVE_INFINITY;
  private stepMs = 0;
  private again: Waiter[] = [];
  private fresh: Waiter[] = [];
  /** Of the lines that wait for something else, and send nothing meanwhile. */
  private readonly aside = new Set<Permit>();
  private isWaiting = false;

  constructor(options: RateOptions, deps: RateDeps) {
    this.options = options;
    this.deps = deps;
    this.ceiling = options.concurrency ?? USUAL_CEILING;
    this.limit = options.concurrency ?? FIRST_LIMIT;
  }

  /** Resolves when a request may begin; to null where no more may. `again`: one that was refused before goes first. */
  permit(again: boolean): Promise<Permit | null> {
    if (this.over.signal.aborted) return Promise.resolve(null);
    return new Promise((grant) => {
      (again ? this.again : this.fresh).push({ grant });
      this.pump();
    });
  }

  /**
   * Its line waits for money. Until `renewed` it is in the way of no request that was refused before: such a one may hold
   * the money that is waited for.
   */
  setAside(permit: Permit): void {
    this.aside.add(permit);
    this.pump();
  }

  /**
   * Of one that was set aside: resolves to a permit when no refusal and no other request holds it back; to null where no
   * more may begin, and then it is given back.
   */
  async renewed(permit: Permit): Promise<Permit | null> {
    this.aside.delete(permit);
    const isFree = this.pausedUntil <= this.deps.clock.monotonic() && this.sending <= this.limit;
    // What a refusal says is about the limit at which it was sent, not at which it began to wait.
    if (isFree && !this.over.signal.aborted) return { startedAt: this.deps.clock.monotonic() };
    this.inFlight -= 1;
    return this.permit(true);
  }

  /** Each permit is given back once. */
  giveBack(permit: Permit, verdict: Verdict): void {
    this.inFlight -= 1;
    this.aside.delete(permit);
    const now = this.deps.clock.monotonic();
    if (verdict.kind === 'answered') this.answered();
    else if (verdict.kind === 'refused') this.refused(permit, verdict.retryAfterMs, now);
    if (verdict.kind !== 'left') this.pace(verdict.limits, now);
    this.pump();
  }

  /** No more requests begin. */
  end(): void {
    this.over.abort();
    for (const { grant } of [...this.again.splice(0), ...this.fresh.splice(0)]) grant(null);
  }

  private get sending(): number {
    return this.inFlight - this.aside.size;
  }

  private answered(): void {
    this.refusedSince = null;
    this.rounds = 0;
    this.clean += 1;
    // Only a limit that was reached says that more may be too many.
    if (this.clean < this.limit || !this.wasFull) return;
    this.clean = 0;
    this.wasFull = this.inFlight >= this.limit;
    this.limit = Math.min(this.ceiling, this.limit + 1);
  }

  private refused(permit: Permit, retryAfterMs: number | null, now: number): void {
    this.refusedSince ??= now;
    this.clean = 0;
    // What was sent before the limit was lowered says nothing of the lower one.
    if (permit.startedAt >= this.loweredAt) {
      this.loweredAt = now;
      this.limit = Math.max(1, Math.floor(this.limit / 2));
      this.rounds += 1;
    }
    const ceiling = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.rounds);
    const usual = SHORTEST_PAUSE_MS + this.deps.random() * (ceiling - SHORTEST_PAUSE_MS);
    const pause = Math.max(SHORTEST_PAUSE_MS, retryAfterMs ?? usual);
    this.pausedUntil = Math.max(this.pausedUntil, now + pause);
  }

  /** What is left until the limit is lifted is spread over that time. */
  private pace(limits: RateLimit | null, now: number): void {
    if (limits === null) return;
    const remaining = numberOf(limits.remaining);
    const resetMs = resetOf(limits.reset, this.deps.clock.now());
    if (remaining === null || resetMs === null) return;
    if (remaining <= 0) {
      this.stepMs = 0;
      this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(resetMs, LONGEST_STEP_MS));
      return;
    }
    const isEnough = remaining >= this.options.left() + this.inFlight;
    this.stepMs = isEnough ? 0 : Math.min(resetMs / remaining, LONGEST_STEP_MS);
  }

  private pump(): void {
    for (;;) {
      const again = this.again[0];
      const next = again ?? this.fresh[0];
      const count = again === undefined ? this.inFlight : this.sending;
      if (next === undefined || count >= this.limit) return;
      const now = this.deps.clock.monotonic();
      const wait = Math.max(this.pausedUntil, this.nextAt) - now;
      if (wait > 0) {
        this.waitFor(wait);
        return;
      }
      if (this.again.length > 0) this.again.shift();
      else this.fresh.shift();
      this.inFlight += 1;
      if (this.inFlight >= this.limit) this.wasFull = true;
      this.nextAt = now + this.stepMs;
      next.grant({ startedAt: now });
    }
  }

  private waitFor(milliseconds: number): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.deps.clock.sleep(Math.max(1, Math.ceil(milliseconds)), this.over.signal).then(
      () => {
        this.isWaiting = false;
        this.pump();
      },
      () => {}, // there will be no more requests
    );
  }
}

function numberOf(value: number | string | null): number | null {
  return typeof value === 'number' ? value : null;
}

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `X-RateLimit-Reset` in its spellings: seconds, a moment since 1970, `6m0s`, `20ms`. In ms from now; null where it is none. */
export function resetOf(value: number | string | null, now: number): number | null {
  if (value === null) return null;
  const text = String(value);
  const plain = readLimitReset(text, now);
  if (plain !== null) return plain;
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(count) * unitMs[unit as keyof typeof unitMs];
  return total;
}
