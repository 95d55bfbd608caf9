/** Which requests are one purchase: the same Idempotency-Key, or a retry whose first try lost its client. It sends nothing. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../base/deps.ts';
import type { Flight } from './flight.ts';
import { Refusal } from './refusal.ts';

/** How long a reply is kept, ms. */
const KEPT_MS = 10 * 60_000;
/** Keys that are remembered, and calls without a client. */
const MAX_ENTRIES = 1000;
/** Of all replies that are kept, bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

interface Entry {
  /** Null: a retry finds it by its body. */
  key: string | null;
  hash: string;
  flight: Flight;
  /** On the monotonic clock, ms: when it was begun, or lost its client. */
  at: number;
}

export interface Wanted {
  path: string;
  body: Uint8Array;
  /** Of the header. */
  idempotencyKey: string | null;
  /** Of `x-stainless-retry-count`: the client has tried before. */
  isRetry: boolean;
}

export function wantedOf(path: string, body: Uint8Array, headers: IncomingHttpHeaders): Wanted {
  const key = headers['idempotency-key'];
  return {
    path,
    body,
    idempotencyKey: typeof key === 'string' && key !== '' ? key : null,
    isRetry: Number(headers['x-stainless-retry-count'] ?? 0) > 0,
  };
}

export class SingleFlight {
  private readonly byKey = new Map<string, Entry>();
  /** Calls whose client has left before it had its reply. */
  private readonly left = new Set<Entry>();
  private readonly clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.clock = clock;
  }

  /** The call that was begun for the same purchase, if there is one. Throws `Refusal`, 409 or 504, where its reply is gone. */
  find(wanted: Wanted): Flight | null {
    const { idempotencyKey: key } = wanted;
    if (key === null && !(wanted.isRetry && this.left.size > 0)) return null;
    this.tidy();
    if (key !== null) {
      const found = this.byKey.get(key);
      if (found === undefined) return null;
      if (found.hash !== hashOf(wanted))
        throw new Refusal(
          409,
          'idempotency_conflict',
          'this Idempotency-Key was used with another request',
        );
      if (!found.flight.isWhole)
        throw new Refusal(
          409,
          'reply_gone',
          'the reply for this Idempotency-Key is not kept any more',
          {
            billed: 'unknown',
          },
        );
      return found.flight;
    }
    const hash = hashOf(wanted);
    for (const entry of this.left) {
      if (entry.hash !== hash) continue;
      // Once: the next one with this body is another purchase.
      this.left.delete(entry);
      if (entry.flight.isWhole) return entry.flight;
      throw new Refusal(
        504,
        'outcome_unknown',
        'the reply to the first try broke off, or is not kept any more',
        { billed: 'unknown' },
      );
    }
    return null;
  }

  /** A call begins. */
  begin(wanted: Wanted, flight: Flight): void {
    const { idempotencyKey: key } = wanted;
    if (key === null) return;
    this.byKey.set(key, { key, hash: hashOf(wanted), flight, at: this.clock.monotonic() });
    this.tidy();
  }

  /** Its client has left before it had anything of the reply. */
  lost(wanted: Wanted, flight: Flight): void {
    if (wanted.idempotencyKey !== null) return;
    this.left.add({ key: null, hash: hashOf(wanted), flight, at: this.clock.monotonic() });
    this.tidy();
  }

  /** It bought nothing: a retry is a new call. */
  forget(wanted: Wanted, flight: Flight): void {
    const { idempotencyKey: key } = wanted;
    if (key !== null && this.byKey.get(key)?.flight === flight) this.byKey.delete(key);
    for (const entry of this.left) if (entry.flight === flight) this.left.delete(entry);
  }

  private tidy(): void {
    const before = this.clock.monotonic() - KEPT_MS;
    let bytes = 0;
    // The newest first, so that the oldest go where there are too many.
    const entries = [...this.byKey.values(), ...this.left].sort((one, other) => other.at - one.at);
    for (const [at, entry] of entries.entries()) {
      bytes += entry.flight.keptBytes;
      const isOld = entry.at < before || at >= MAX_ENTRIES;
      if (isOld && entry.flight.isOver) this.drop(entry);
      // The key stays known: a second purchase would be worse than a reply that is gone.
      else if (bytes > MAX_BYTES && entry.flight.isOver) entry.flight.forget();
    }
  }

  private drop(entry: Entry): void {
    if (entry.key !== null) this.byKey.delete(entry.key);
    this.left.delete(entry);
    entry.flight.forget();
  }
}

function hashOf({ path, body }: Wanted): string {
  return createHash('sha256').update(path).update('\n').update(body).digest('base64');
}
