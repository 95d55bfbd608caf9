/** The one way to a gateway: its key, the network, and the gateway itself, opened and to be closed. A failure here costs nothing. */

import type { Deps, Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { addSecret } from '../base/secrets.ts';
import { cachedPrice } from '../client/cached-models.ts';
import { findKey, type Key } from '../config/keys.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { CommonFlags } from '../flags/common-flags.ts';
import type { Gateway } from '../gateways/types.ts';
import type { JobContext } from '../jobs/job-context.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy } from '../transport/request.ts';
import { adviseOn, machineOf } from './advice.ts';
import { inTime } from './input/in-time.ts';
import { endsWithCommand, openGateway } from './open-gateway.ts';
import { requestHeaders } from './request-headers.ts';

export interface Connection {
  settings: Settings;
  /** With its base URL, also when it is the embedded one. */
  gateway: Gateway;
  /** It ends with this process. */
  ephemeral: boolean;
  /** null: the gateway needs none, or the request is public. */
  key: Key | null;
  headers: Record<string, string>;
  policy: Policy;
  fetch: Send;
  storage(): Promise<Send>;
  close(): Promise<void>;
}

/** The key for the gateway of these settings, null if it needs none, and warnings. Throws `CliError` no_key. */
export async function findKeyFor(
  { gateway, gatewayConfig, ownBaseUrl, deadlineAt }: Settings,
  deps: Deps,
): ReturnType<typeof findKey> {
  const target = { baseUrl: gateway.baseUrl, ownBaseUrl };
  // A key may come through a pipe, too.
  const { deps: within, stop } = inTime(deadlineAt, deps);
  try {
    const found = await findKey(within, gateway, gatewayConfig, target);
    if (found.key !== null) addSecret(found.key.value, deps.secrets);
    return found;
  } finally {
    stop();
  }
}

/** As `findKeyFor`; yields the warnings. */
export async function* keyFor(
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, Key | null, undefined> {
  const { key, warnings } = await findKeyFor(settings, deps);
  for (const message of warnings) yield { type: 'warning', message };
  return key;
}

/** Opens the gateway with this key, or without one. --timeout ends its requests. The caller closes it. */
export async function connect(
  settings: Settings,
  key: Key | null,
  deps: Deps,
): Promise<Connection> {
  const { gateway, timeouts, maxRetryWaitMs, deadlineAt } = settings;
  const { connectMs: connectTimeoutMs } = timeouts;
  const fetch = await deps.openNetwork({ connectTimeoutMs });
  const opened = await openGateway(gateway, { lasts: false }, deps);
  const { baseUrl } = opened.gateway;
  let storage: Promise<Send> | null = null;
  return {
    settings,
    gateway: opened.gateway,
    ephemeral: endsWithCommand(baseUrl),
    key,
    headers: requestHeaders(key?.value ?? null, false, deps.version),
    policy: { timeouts, maxRetryWaitMs, deadlineAt },
    fetch,
    storage: () => {
      storage ??= deps.openNetwork({
        connectTimeoutMs,
        publicOnly: { exceptHost: hostOf(baseUrl) },
      });
      return storage;
    },
    close: opened.close,
  };
}

/**
 * Opens the gateway for free requests, and closes it when they are done. Its headers have no key: `ask` adds one where a
 * request needs it, and `keySource` says then where that came from.
 */
export async function* withGateway<T>(
  settings: Settings,
  keySource: string | null,
  deps: Deps,
  ask: (connection: Connection) => AsyncGenerator<OutputEvent, T, undefined>,
): AsyncGenerator<OutputEvent, T, undefined> {
  const connection = await connect(settings, null, deps);
  try {
    return yield* ask(connection);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { maxRetryWaitMs } = settings;
    const { gateway } = connection;
    const machine = machineOf(deps);
    throw adviseOn(error, { kind: 'models', gateway, keySource, maxRetryWaitMs, machine });
  } finally {
    await connection.close();
  }
}

/**
 * A connection for jobs, from the flags on: settings, key, gateway. Yields warnings; throws `CliError` usage or no_key.
 * `check` sees the settings before a key is looked for.
 */
export async function* openConnection(
  flags: CommonFlags,
  startedAt: number,
  check: (settings: Settings) => void,
  deps: Deps,
): AsyncGenerator<OutputEvent, Connection, undefined> {
  const settings = await loadSettings(deps, flags);
  for (const message of settings.notes) yield { type: 'warning', message };
  check(settings);
  const key = yield* keyFor(settings, deps);
  const connection = await connect(settings, key, deps);
  const { timeouts } = settings;
  const policy = {
    ...connection.policy,
    // After --timeout no request is started, but none is aborted: a paid result must arrive.
    timeouts: { ...timeouts, totalMs: null },
    deadlineAt: timeouts.totalMs === null ? null : startedAt + timeouts.totalMs,
  };
  return { ...connection, policy };
}

/** What a job needs to continue. */
export function jobContextOf(
  { gateway, headers, policy, fetch, storage, settings }: Connection,
  more: Pick<JobContext, 'journal' | 'untilAt' | 'deps'>,
): JobContext {
  const { places, gateway: configured } = settings;
  const priceOf = (model: string) => cachedPrice(model, places.cache, configured, more.deps);
  return { gateway, headers, policy, fetch, storage, priceOf, ...more };
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
}
