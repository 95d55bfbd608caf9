/**
 * The reply of one call on its way to whoever waits for it. It may outlive its client: what was not delivered is kept, up to
 * a bound, for a retry of the same request. It knows no gateway and no money.
 */
import type { ServerResponse } from 'node:http';
import { untilDrained } from './drain.ts';
import type { Document } from './refusal.ts';

/** Of one reply that is kept, bytes. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** Each who waits for it has headers of its own: those of CORS differ. */
interface Client {
  response: ServerResponse;
  headers: Readonly<Record<string, string>>;
}

export interface Head {
  status: number;
  headers: Readonly<Record<string, string | readonly string[]>>;
}

export class Flight {
  /** Called when its last client has left before the end. */
  onAlone: () => void = () => {};
  /** Called when a client comes to one that had none. */
  onCompany: () => void = () => {};
  private readonly clients = new Set<Client>();
  private head: Head | null = null;
  private parts: Uint8Array[] = [];
  private size = 0;
  private keeps: boolean;
  /** Some of it is gone: whoever comes now cannot have it. */
  private isLost = false;
  private end: 'open' | 'whole' | 'broken' = 'open';
  private trailers: Readonly<Record<string, string>> = {};
  private wasDelivered = false;

  /** `keeps`: from the begin, for requests that name themselves. */
  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  get isOver(): boolean {
    return this.end !== 'open';
  }

  /** A client that comes now can have all of it. */
  get isWhole(): boolean {
    return !this.isLost && this.end !== 'broken';
  }

  /** Something of it is with a client. */
  get hasBegun(): boolean {
    return this.wasDelivered;
  }

  get isAlone(): boolean {
    return this.clients.size === 0;
  }

  get keptBytes(): number {
    return this.size;
  }

  /** Gives a client all that there is, and what comes. `headers`: its own. */
  attach(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    const client: Client = { response, headers };
    const wasAlone = this.isAlone;
    this.clients.add(client);
    response.on('close', () => this.leave(client));
    if (response.destroyed) this.leave(client);
    if (this.head !== null) this.begin(client, this.head);
    for (const part of this.parts) response.write(part);
    if (this.parts.length > 0) this.wasDelivered = true;
    this.finish(client);
    if (wasAlone && !this.isAlone) this.onCompany();
  }

  begun(head: Head): void {
    this.head = head;
    for (const client of this.clients) this.begin(client, head);
  }

  /** Resolves when there is room for more; undefined: there is. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.keep(bytes);
    let full: Promise<void> | undefined;
    for (const { response } of this.clients) {
      this.wasDelivered = true;
      if (response.write(bytes)) continue;
      const before = full;
      full = untilDrained(response).then(() => before);
    }
    return full;
  }

  /** All of it came. */
  close(trailers: Readonly<Record<string, string>> = {}): void {
    this.trailers = trailers;
    this.over('whole');
  }

  /** It broke off: a client sees a connection that broke, as it would have without us. */
  break(): void {
    this.over('broken');
  }

  /** A reply in one piece. */
  send({ status, headers, body }: Document): void {
    const bytes = Buffer.from(body);
    this.begun({ status, headers: { ...headers, 'content-length': String(bytes.length) } });
    void this.write(bytes);
    this.close();
  }

  /** Frees what is kept. */
  forget(): void {
    this.keeps = false;
    this.lose();
  }

  private begin({ response, headers }: Client, head: Head): void {
    if (response.destroyed) return;
    // Set by itself, so that the line about the request can name it.
    const call = head.headers['x-alltoken-call'];
    if (typeof call === 'string') response.setHeader('x-alltoken-call', call);
    const { trailer, ...own } = head.headers;
    // HTTP/1.0 has no chunks, and nothing behind them: Node would refuse to send the headers.
    const behind = trailer !== undefined && response.useChunkedEncodingByDefault && { trailer };
    const all = { ...own, ...behind, ...headers };
    response.writeHead(head.status, all as Record<string, string>);
  }

  private keep(bytes: Uint8Array): void {
    if (!this.keeps && !this.isAlone) {
      this.isLost = true;
      return;
    }
    if (this.isLost) return;
    this.size += bytes.length;
    if (this.size > MAX_KEPT_BYTES) this.lose();
    else this.parts.push(bytes);
  }

  private lose(): void {
    if (this.size > 0) this.isLost = true;
    this.parts = [];
    this.size = 0;
  }

  private over(end: 'whole' | 'broken'): void {
    if (this.end !== 'open') return;
    this.end = end;
    for (const client of [...this.clients]) this.finish(client);
  }

  private finish(client: Client): void {
    const { response } = client;
    if (this.end === 'open') return;
    this.clients.delete(client);
    if (this.end === 'broken') response.destroy();
    else {
      if (Object.keys(this.trailers).length > 0 && !response.destroyed)
        response.addTrailers(this.trailers);
      response.end();
    }
  }

  private leave(client: Client): void {
    if (!this.clients.delete(client) || !this.isAlone || this.isOver) return;
    // Nobody has had anything of it: from here on it is kept for a retry.
    if (!this.wasDelivered) this.keeps = true;
    this.onAlone();
  }
}
