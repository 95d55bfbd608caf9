/** Starts the proxy on one gateway, and stops it with its books closed. It shows nothing. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Deps } from '../base/deps.ts';
import { innerDeps } from '../base/inner-deps.ts';
import type { Key } from '../config/keys.ts';
import { noteServer } from '../config/own-servers.ts';
import type { Settings } from '../config/settings.ts';
import { Total } from '../money/budget/total.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { connect } from '../work/connection.ts';
import { type AgentWish, agentMaker } from './agent/open.ts';
import { agentRoutes } from './agent/routes.ts';
import { Sessions } from './agent/sessions.ts';
import { Calls, type Spent } from './calls.ts';
import { Guard } from './guard.ts';
import { type Doors, handle } from './handler.ts';
import { ImageStore } from './media/image-store.ts';
import { Tasks } from './media/tasks.ts';
import { proxyRoutes } from './routes.ts';
import { type Listening, listen } from './server.ts';
import { Prices, type Rules, type Service } from './service.ts';
import { SingleFlight } from './single-flight.ts';
import { Table } from './table.ts';
import { Tills } from './tills.ts';
import { programVariables } from './variables.ts';

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
  /** null: it serves none. */
  agent: AgentWish | null;
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

const loopback = '127.0.0.1';

/** How long replies may still take once the calls are cut off, ms. */
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
  const { clock } = deps;
  const routes = proxyRoutes(service);
  const doors = {
    ...{ guard: new Guard(options), table: new Table(routes), stopping: stopping.signal },
    ...{ running: service.running, note, clock },
  };
  let inner: Listening | null = null;
  let server: Listening;
  try {
    if (options.agent !== null) {
      const { module, maxSessions: max } = options.agent;
      // A way in for the agents alone, whatever the other one demands; it closes last.
      const token = newToken();
      const guard = new Guard({ host: loopback, allowHosts: [], cors: [], token });
      const innerDoors = { ...doors, guard, stopping: end.signal };
      inner = await listen(answerer(innerDoors), { host: loopback, port: 0, tls: null, clock });
      const proxy = { url: `http://${loopback}:${inner.port}`, token };
      const variables = programVariables(proxy, settings.gateway, settings.config, deps.env, null);
      const make = await agentMaker(module, variables, deps);
      const signals = { stopping: stopping.signal, end: end.signal };
      const sessions = new Sessions({ make, max, clock, ...signals });
      doors.table = new Table([...routes, ...agentRoutes(sessions, rules.maxBody)]);
    }
    server = await listen(answerer(doors), { host, port, tls, clock });
  } catch (error) {
    await inner?.close(0);
    await connection.close();
    throw error;
  }
  const forget = await noteServer(
    settings.places,
    { host, port: server.port, allowHosts: options.allowHosts },
    deps,
  );
  return {
    url: `${tls === null ? 'http' : 'https'}://${shownHost(host)}:${server.port}`,
    port: server.port,
    spent: () => calls.spent,
    async stop(graceMs) {
      stopping.abort();
      server.refuseNew();
      const cutOff = deps.clock.after(graceMs, () => {
        end.abort(outer.signal.aborted ? outer.signal.reason : new Error('stopped'));
        // Nor is a client waited for that neither sends nor reads.
        void server.close(BOOKS_MS);
      });
      await settled(service.running);
      cutOff();
      await server.close(BOOKS_MS);
      await forget();
      await inner?.close(0);
      await tills.close();
      await connection.close();
    },
  };
}

function answerer(doors: Doors): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void handle(request, response, doors);
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
