/**
 * Connections inside the machine: Node's own HTTP server and client, over pairs of streams in simulated time in place of sockets.
 * In the bundle, the server of `serve` gets its `createServer` here; requests, replies and their streams are Node's own.
 */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { Duplex } from 'node:stream';
import { coded } from './disk.ts';
import type { Process, Surroundings } from './process.ts';
import type { Random } from './random.ts';

/** One end of a connection. */
class End extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  sends: (bytes: Buffer, done: () => void) => void = () => {};
  ends: (done: () => void) => void = () => {};
  drops: () => void = () => {};

  override _read(): void {}
  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    // Which of them are empty is a matter of Node's version.
    if (bytes.length === 0) done();
    else this.sends(bytes, done);
  }
  override _final(done: () => void): void {
    this.ends(done);
  }
  override _destroy(_error: Error | null, done: () => void): void {
    this.drops();
    done();
  }
  gets(bytes: Buffer | null): void {
    if (!this.destroyed) this.push(bytes);
  }
}

/** A connection as its client has it. */
export interface Line {
  stream: Duplex;
  /** Which process took it; null: none. */
  readonly server: Process | null;
  /** Bytes that the server had written before it learnt that the client has left. */
  readonly written: number;
}

interface Listener {
  server: Server;
  process: Process;
  lines: Set<End>;
  /** Connections with a request under way. */
  busy: Set<End>;
}

export class Loopback {
  readonly #world: Surroundings;
  readonly #starting: () => Process | undefined;
  readonly #ports = new Map<number, Listener>();

  /** `starting`: the process that opens a port now. */
  constructor(world: Surroundings, starting: () => Process | undefined) {
    this.#world = world;
    this.#starting = starting;
  }

  /** What `listen` of a server does; rejects with the system's error. */
  listen(server: Server, port: number): Promise<void> {
    const process = this.#starting();
    if (process === undefined) throw new Error('no process opens a port');
    return process.step({
      what: () => `listen ${port}`,
      place: 'listen',
      milliseconds: 0.1,
      work: () => {
        if (this.#open(port) !== undefined) throw coded('EADDRINUSE', `${port}`);
        const listener = { server, process, lines: new Set<End>(), busy: new Set<End>() };
        this.#ports.set(port, listener);
        manage(listener, () => this.#ports.delete(port));
      },
    });
  }

  /** At once; that nobody listens is seen later. `random`: of the client. */
  connect(port: number, random: Random): Line {
    const { time } = this.#world;
    const listener = this.#open(port);
    const near = new End();
    if (listener === undefined) {
      time.after(0.1, () => near.destroy(coded('ECONNREFUSED', `${port}`)));
      return { stream: near, server: null, written: 0 };
    }
    const { process, server, lines } = listener;
    const far = new End();
    const line = { stream: near, server: process, written: 0 };
    lines.add(far);
    time.deep += 1;
    let isClosed = false;
    const closed = (): void => {
      lines.delete(far);
      if (!isClosed) time.deep -= 1;
      isClosed = true;
      server.emit('line closed');
    };
    const reset = (): void => {
      time.after(0.1, () => {
        near.destroy(coded('ECONNRESET', `${port}`));
        if (process.state === 'ended') closed();
      });
    };
    const arrive = (bytes: Buffer): void => {
      void process.step({
        what: () => `take ${bytes.length} bytes`,
        place: 'take request',
        milliseconds: 0,
        work: () => far.gets(bytes),
      });
    };
    near.sends = (bytes, done) => {
      time.after(random.next() * 0.3, () => {
        arrive(bytes);
        done();
      });
    };
    const leave = (): void => void process.later(0, () => far.gets(null));
    near.ends = (done) => {
      time.after(0.1, leave);
      done();
    };
    near.drops = () => {
      if (far.destroyed) return;
      // With bytes that nobody has read, the system sends a reset.
      const isReset = random.chance(0.5);
      time.after(random.next() * 0.5, () =>
        isReset ? process.later(0, () => far.destroy(coded('ECONNRESET', `${port}`))) : leave(),
      );
    };
    far.sends = (bytes, done) => {
      line.written += bytes.length;
      void process
        .step({
          what: () => `give ${bytes.length} bytes`,
          place: 'give reply',
          milliseconds: 0.02 + process.random.next() * 0.3,
          work: () => near.gets(bytes),
        })
        .then(done);
    };
    far.ends = (done) => {
      process.later(0.1, () => near.gets(null));
      done();
    };
    far.drops = () => {
      if (!near.destroyed && !near.readableEnded) reset();
    };
    far.on('close', closed);
    void process.ended.then(reset);
    time.after(0.1, () => {
      if (process.state === 'ended') return;
      process.later(0, () => {
        if (!far.destroyed) server.emit('connection', far);
      });
    });
    return line;
  }

  #open(port: number): Listener | undefined {
    const found = this.#ports.get(port);
    return found?.process.state === 'ended' ? undefined : found;
  }
}

/** What a server does with its connections, without a handle of the system. */
function manage({ server, lines, busy }: Listener, unbind: () => void): void {
  const drop = (all: Iterable<End>): void => {
    for (const line of [...all]) line.destroy();
  };
  let isClosing = false;
  const look = (): void => {
    if (isClosing && lines.size === 0) server.emit('close');
  };
  server.prependListener('request', ({ socket }, response) => {
    const line = socket as unknown as End;
    busy.add(line);
    response.once('close', () => busy.delete(line));
  });
  // Also of one that closes before it was taken.
  server.on('line closed', look);
  server.on('connection', (socket) => {
    const line = socket as unknown as End;
    line.on('close', () => {
      busy.delete(line);
      lines.delete(line);
      look();
    });
  });
  Object.assign(server, {
    close() {
      unbind();
      isClosing = true;
      process.nextTick(look);
      return server;
    },
    closeIdleConnections: () => drop([...lines].filter((line) => !busy.has(line))),
    closeAllConnections: () => drop(lines),
  });
}

/** Of the world that is played now: one after the other. */
let current: Loopback | null = null;

export function enter(loopback: Loopback): void {
  current = loopback;
}

/** As node:http has it, but that `listen` opens a port of the simulated machine. */
export function createServer(options: ServerOptions, handler: RequestListener): Server {
  const server = createHttpServer(options, handler);
  const listen = (port: number, _host: string, done: () => void): Server => {
    Object.assign(server, { address: () => ({ port }) });
    const listening = current?.listen(server, port) ?? Promise.reject(new Error('no machine'));
    listening.then(done, (error: unknown) => server.emit('error', error));
    return server;
  };
  return Object.assign(server, { listen });
}
