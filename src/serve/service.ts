/** What all requests of one server share. Types, and the price list. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Deps } from '../base/deps.ts';
import type { Catalogue } from '../client/catalogue.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { findPrices } from '../work/call/fit.ts';
import type { Connection } from '../work/connection.ts';
import type { Calls } from './calls.ts';
import type { CorsHeaders } from './guard.ts';
import type { ImageStore } from './media/image-store.ts';
import type { Tasks } from './media/tasks.ts';
import type { Shape } from './refusal.ts';
import type { SingleFlight } from './single-flight.ts';
import type { Tills } from './tills.ts';

export interface Rules {
  /** Of a request body, bytes. */
  maxBody: number;
  /** Patterns with `*`; [] allows all. */
  modelAllow: readonly string[];
  /** Tried in their order where the gateway cannot serve the model and nothing was bought. */
  fallback: readonly string[];
  /** What becomes of a call whose client has left: null: a stream is cancelled, any other drained. */
  onDisconnect: 'cancel' | 'drain' | null;
}

export interface Service {
  /** `serve` or `run`, as the ledger has it. */
  command: string;
  rules: Rules;
  connection: Connection;
  tills: Tills;
  prices: Prices;
  calls: Calls;
  flights: SingleFlight;
  tasks: Tasks;
  images: ImageStore;
  /** Work that goes on although its client may have left; each is waited for at the end. */
  running: Set<Promise<unknown>>;
  /** Shown with -v. */
  note(event: OutputEvent): void;
  deps: Deps;
}

/** A request that was let in. */
export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  path: string;
  /** In place of `:id` of its route; '' without one. */
  id: string;
  cors: CorsHeaders;
  shape: Shape;
}

/** Prices change seldom; ms. */
const FRESH_MS = 60 * 60_000;

/** Without a list, calls under a cap may be refused: it is soon looked for again, ms. */
const AGAIN_MS = 10_000;

/** The price list, fetched when it is first needed, and again when it is old or could not be had. */
export class Prices {
  private readonly service: Pick<Service, 'connection' | 'deps'>;
  private list: Promise<Catalogue | null> = Promise.resolve(null);
  private known: Catalogue | null = null;
  /** On the monotonic clock, ms: until then it is not fetched. */
  private until = Number.NEGATIVE_INFINITY;

  constructor(service: Pick<Service, 'connection' | 'deps'>) {
    this.service = service;
  }

  /** null where there is none. */
  current(): Promise<Catalogue | null> {
    const { clock } = this.service.deps;
    if (clock.monotonic() < this.until) return this.list;
    this.until = Number.POSITIVE_INFINITY;
    const before = this.known;
    const next = this.find(before).then((found) => {
      this.until = clock.monotonic() + (found === before ? AGAIN_MS : FRESH_MS);
      this.known = found;
      this.list = next;
      return found;
    });
    // The old one serves until the new one is there.
    if (before === null) this.list = next;
    return this.list;
  }

  private async find(before: Catalogue | null): Promise<Catalogue | null> {
    const { connection, deps } = this.service;
    // The embedded gateway has its address only now.
    const settings = { ...connection.settings, gateway: connection.gateway };
    try {
      const finding = findPrices(settings, before, deps);
      for (;;) {
        const { done, value } = await finding.next();
        if (done) return value;
      }
    } catch {
      return before;
    }
  }
}
