/** Starts the proxy on one gateway, and stops it with its books closed. It shows nothing. */
import { randomBytes } from 'node:crypto';
import type { Deps } from '../base/deps.ts';
import { innerDeps } from '../base/inner-deps.ts';
import type { Key } from '../config/keys.ts';
import type { Settings } from '../config/settings.ts';
import { Total } from '../money/budget/total.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { connect } from '../work/connection.ts';
import { Calls, type Spent } from './calls.ts';
import { Guard } from './guard.ts';
import { handle } from './handler.ts';
import { ImageStore } from './media/image-store.ts';
import { Tasks } from './media/tasks.ts';
import { listen } from './server.ts';
import { Prices, type Rules, type Service } from './service.ts';
import { SingleFlight } from './single-flight.ts';
import { Tills } from './tills.ts';

export interface ServeOptions {
  command: 'serve' | 'run';
  host: string;
  port: number;
  /** null: none is needed. */
  token: string | null;
  allowHosts: readonly string[];
  cors: readonly string[];
  tls: { cert: Uint8Array; key: Uint8Array } | null;
  tags: readonly string[];
  /** USD, of all calls together; null: none. */
  maxCost: string | null;
  holdMs: number;
  rules: Rules;
}

export interface Serving {
  /** Without a path and a slash at the end. */
  url: string;
  port: number;
  /** What all calls have cost since the start. */
  spent(): Spent;
  /** No new calls; waits for the running ones, cuts those off that take longer, and closes the books. */
  stop(graceMs: number): Promise<void>;
}

/** 64 characters. */
export function newToken(): string {
  return randomBytes(32).toString('hex');
}

/** How long the books may take after the last connection is gone, ms. */
const BOOKS_MS = 2000;

/** Rejects with the system's error where it cannot listen. */
export async function startServing(
  options: ServeOptions,
  { settings, key }: { settings: Settings; key: Key | null },
  note: (event: OutputEvent) => void,
  outer: Deps,
): Promise<Serving> {
  // A signal ends no call by itself: the running ones have their time.
  const end = new AbortController();
  const deps = innerDeps(outer, { signal: end.signal });
  const stopping = new AbortController();
  const connection = await connect(settings, key, deps);
  const { maxCost, tags, holdMs, host, port, tls, rules, command } = options;
  const own = { ...settings, gateway: connection.gateway };
  const total = maxCost === null ? null : new Total(maxCost);
  const tills = new Tills({ settings: own, key, tags, total, holdMs }, deps);
  const calls = new Calls();
  const service: Service = {
    command,
    rules,
    connection,
    tills,
    prices: new Prices({ connection, deps }),
    calls,
    flights: new SingleFlight(deps.clock),
    tasks: new Tasks(),
    images: new ImageStore(deps.path.join(settings.places.cache, 'serve'), deps),
    running: new Set(),
    note,
    deps,
  };
  const guard = new Guard(options);
  const doors = { guard, stopping: stopping.signal };
  const server = await listen(
    (request, response) => void handle(request, response, doors, service),
    { host, port, tls, clock: deps.clock },
  ).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return {
    url: `${tls === null ? 'http' : 'https'}://${shownHost(host)}:${server.port}`,
    port: server.port,
    spent: () => calls.spent,
    async stop(graceMs) {
      stopping.abort();
      server.refuseNew();
      const cutOff = deps.clock.after(graceMs, () => {
        end.abort(outer.signal.aborted ? outer.signal.reason : new Error('stopped'));
      });
      await settled(service.running);
      cutOff();
      await server.close(BOOKS_MS);
      await tills.close();
      await connection.close();
    },
  };
}

/** Work may begin other work. */
async function settled(running: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (running.size > 0) await Promise.allSettled([...running]);
}

/** An address that this machine can call itself by. */
function shownHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::' || host === '[::]') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
