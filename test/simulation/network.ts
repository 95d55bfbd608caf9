/** The network as one process sees it: `Send` with delays, cuts at any byte, silence and lies. It knows no gateway. */

import type { NetworkOptions, Send, SendReply, SendRequest } from '../../src/base/deps.ts';
import { SignalReceived } from '../../src/base/errors.ts';
import { SendError, sendCodes } from '../../src/transport/send-error.ts';
import { kindsOf, type NetworkFault, networkFaults } from './network-faults.ts';
import type { ExchangeNote, Process, Surroundings } from './process.ts';

/** A request as a server gets it. */
export interface Arrived {
  method: string;
  /** The process that sent it, as a server knows an address. */
  from: number;
  url: URL;
  /** By name in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface Piece {
  /** After the piece before it, ms. */
  after: number;
  bytes: Buffer;
  /** The client has read all of it. */
  onRead?: () => void;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Until the head, ms. */
  after: number;
  pieces: readonly Piece[];
  /** What it says, in a word, where a route has several; counted. */
  kind?: string;
}

export interface Server {
  /** What the request is for; faults are planned and counted by it. */
  routeOf(method: string, url: URL): string;
  /** Faults of its own, beside those of the network. */
  faultsOf(route: string): readonly string[];
  /** `fault`: one of its own, if one is planned. */
  answer(request: Arrived, route: string, fault: string | null): Answer;
}

/** The server of an origin; null where no host has that name. */
export type Internet = (origin: string) => Server | null;

/** Faults that end a request before a connection stands. */
const neverConnected: Readonly<Record<string, string>> = {
  refused: 'ECONNREFUSED',
  'no name': 'ENOTFOUND',
  'connect time-out': sendCodes.connectTimeout,
};

const page = Buffer.from('<html><head><title>502 Bad Gateway</title></head><body></body></html>');

/** A proxy's own answer. */
const badGateway: Answer = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  after: 5,
  pieces: [{ after: 0, bytes: page }],
};

const elsewhere: Answer = {
  status: 307,
  headers: { location: 'https://elsewhere.example/v1' },
  after: 5,
  pieces: [],
};

export function networkFor(
  process: Process,
  world: Surroundings,
  internet: Internet,
  onRequest: (request: SendRequest, to: URL) => void,
  { connectTimeoutMs }: NetworkOptions,
): Send {
  return (request) =>
    new Promise((resolve, reject) => {
      const to = new URL(request.url);
      onRequest(request, to);
      new Exchange(process, world, internet, request, connectTimeoutMs, resolve, reject).begin(to);
    });
}

class Exchange {
  readonly #process: Process;
  readonly #world: Surroundings;
  readonly #internet: Internet;
  readonly #request: SendRequest;
  readonly #connectTimeoutMs: number;
  readonly #resolve: (reply: SendReply) => void;
  readonly #reject: (error: unknown) => void;
  #sent = false;
  #closed = false;
  /** Who waits for the next bytes. */
  #reader: { resolve(bytes: Uint8Array | null): void; reject(error: unknown): void } | null = null;
  #failure: SendError | null = null;
  #pieces: Piece[] = [];
  #ended = false;
  #isReplied = false;
  #note: ExchangeNote | null = null;
  #route = '';

  constructor(
    process: Process,
    world: Surroundings,
    internet: Internet,
    request: SendRequest,
    connectTimeoutMs: number,
    resolve: (reply: SendReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#process = process;
    this.#world = world;
    this.#internet = internet;
    this.#request = request;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(address: URL): void {
    const { signal, method } = this.#request;
    if (signal.aborted) {
      this.#fail(signal.reason);
      return;
    }
    signal.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    const server = this.#internet(address.origin);
    const { random } = this.#process;
    const slow = random.between(1, 60);
    if (server === null) {
      this.#failLater('no such host', slow, 'ENOTFOUND');
      return;
    }
    const route = server.routeOf(method, address);
    this.#route = route;
    const possible = withNetworkFaults(server.faultsOf(route));
    const fault = this.#world.faultAt(route, possible, this.#process);
    const { body } = this.#request;
    this.#note = {
      route,
      request: `${method} ${this.#request.url} ${typeof body === 'string' ? body : (body?.length ?? 0)}`,
      at: this.#world.time.now,
      fault,
      status: null,
      retryAfterMs: null,
      overAt: null,
      lastAt: null,
      isInterrupted: false,
    };
    this.#process.exchanges.push(this.#note);
    const code = fault === null ? undefined : neverConnected[fault];
    if (fault !== null && code !== undefined) {
      const isLate = code === sendCodes.connectTimeout;
      this.#failLater(fault, isLate ? this.#connectTimeoutMs : slow, code);
      return;
    }
    void this.#process.step({
      what: () => `send ${method} ${address.pathname}${address.search}`,
      place: `send ${route}`,
      milliseconds: slow,
      work: () => this.#depart(server, address, route, fault),
    });
  }

  /** From here on the request is on its way, whatever becomes of the process. */
  #depart(server: Server, url: URL, route: string, fault: string | null): void {
    if (this.#closed) return;
    this.#sent = true;
    const { random } = this.#process;
    const { method, headers, body } = this.#request;
    const travel = random.between(1, 60);
    if (fault === 'silence before it arrived') return;
    if (fault === 'reset before it arrived') {
      this.#failLater(fault, travel, 'ECONNRESET');
      return;
    }
    const arrived: Arrived = {
      method,
      from: this.#process.pid,
      url,
      headers: inLowerCase(headers),
      body: typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? ''),
    };
    const own = networkFaults.includes(fault as NetworkFault) ? null : fault;
    this.#world.time.after(travel, () => {
      const early =
        fault === 'redirect' ? elsewhere : fault === '502 before it arrived' ? badGateway : null;
      const made = early ?? server.answer(arrived, route, own);
      const answer = fault === '502 after it arrived' ? badGateway : made;
      this.#world.trace.add(
        this.#world.time.now,
        'server',
        () => `${method} ${url.pathname} → ${answer.status}${own === null ? '' : ` (${own})`}`,
      );
      const kinds = kindsOf(route);
      if (kinds.length > 0 && answer.kind !== undefined) {
        this.#world.coverage.passed(`${route} answers`, kinds);
        this.#world.coverage.met(`${route} answers`, answer.kind);
      }
      if (fault === 'silence after it arrived') return;
      if (fault === 'reset after it arrived') this.#failLater(fault, travel, 'ECONNRESET');
      else this.#deliver(answer, fault);
    });
  }

  #deliver(answer: Answer, fault: string | null): void {
    const { random } = this.#process;
    const isCut = fault === 'cut' || fault === 'clean cut' || fault === 'silence in the body';
    const total = answer.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let left = isCut ? Math.floor(random.next() * total) : total;
    const isWhole = left === total;
    let at = answer.after;
    this.#process.later(at, () => this.#head(answer));
    for (const piece of answer.pieces) {
      at += piece.after;
      const rest = piece.bytes.subarray(0, left);
      left -= rest.length;
      // A line that only lacks its end is read at the end of the body.
      const lacking = piece.bytes.subarray(rest.length);
      const isRead =
        fault === 'clean cut' ? lacking.every((byte) => byte === 10) : lacking.length === 0;
      const onRead = isRead ? piece.onRead : undefined;
      const parts = fault === 'crumbs' ? crumbs(rest) : [rest];
      for (const [index, bytes] of parts.entries()) {
        if (bytes.length === 0) continue;
        const isLast = index === parts.length - 1 && onRead !== undefined;
        this.#process.later(at, () => {
          this.#pieces.push({ after: 0, bytes, ...(isLast && { onRead }) });
          this.#serve();
        });
      }
    }
    if (fault === 'silence in the body' && !isWhole) return;
    this.#process.later(at + 1, () => {
      if (fault === 'cut' && !isWhole) {
        this.#fail(new Error('cut off'), 'ECONNRESET');
        return;
      }
      this.#ended = true;
      this.#serve();
    });
  }

  #head({ status, headers }: Answer): void {
    if (this.#closed) return;
    void this.#process
      .step({
        what: () => `reply ${status}`,
        place: `reply ${this.#route}`,
        milliseconds: 0,
        work: () => {},
      })
      .then(() => {
        if (this.#closed) return;
        this.#isReplied = true;
        if (this.#note !== null) {
          const seconds = headers['retry-after'];
          const retryAfterMs = seconds === undefined ? null : Number(seconds) * 1000;
          Object.assign(this.#note, { status, retryAfterMs, overAt: this.#world.time.now });
        }
        this.#resolve({
          status,
          headers: { get: (name) => headers[name.toLowerCase()] ?? null },
          read: () => this.#read(),
          discard: () => {
            this.#closed = true;
          },
        });
      });
  }

  #read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === null) return;
    const piece = this.#pieces.shift();
    if (piece === undefined && !this.#ended && this.#failure === null) return;
    this.#reader = null;
    if (piece !== undefined)
      void this.#process
        .step({
          what: () => `receive ${piece.bytes.length} bytes`,
          place: `receive ${this.#route}`,
          milliseconds: 0,
          work: () => {
            if (this.#note !== null) this.#note.lastAt = this.#world.time.now;
            piece.onRead?.();
          },
        })
        .then(() => reader.resolve(piece.bytes));
    else if (this.#failure !== null) reader.reject(this.#failure);
    else {
      this.#closed = true;
      reader.resolve(null);
    }
  }

  #failLater(fault: string, milliseconds: number, code: string): void {
    this.#process.later(milliseconds, () => this.#fail(new Error(fault), code));
  }

  #fail(cause: unknown, code?: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const error = new SendError(cause, { sent: this.#sent, code });
    // What came before the break is still the reader's, unless the reader itself has ended it.
    if (this.#request.signal.aborted) this.#pieces = [];
    this.#failure = error;
    if (this.#note !== null) {
      this.#note.overAt ??= this.#world.time.now;
      this.#note.isInterrupted = cause instanceof SignalReceived;
    }
    this.#process.note(() => `connection: ${code ?? 'aborted'}`);
    if (this.#isReplied) this.#serve();
    else this.#reject(error);
  }
}

/** By the faults of a server's own: the tables that it hands out are few. */
const allFaults = new WeakMap<readonly string[], readonly string[]>();

function withNetworkFaults(own: readonly string[]): readonly string[] {
  const all = allFaults.get(own) ?? [...networkFaults, ...own];
  allFaults.set(own, all);
  return all;
}

function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] ?? '';
  return lower;
}

/** Pieces of a few bytes, through characters and lines. */
function crumbs(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const size = Math.max(3, Math.ceil(bytes.length / 40));
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}
