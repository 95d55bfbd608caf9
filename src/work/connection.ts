/** A gateway that is ready for paid jobs: settings, key, network and the way to storage. What fails here bought nothing. */
import { createHash } from 'node:crypto';
import type { Deps, Send } from '../base/deps.ts';
import { findKey, type Key } from '../config/keys.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { CommonFlags } from '../flags/common-flags.ts';
import type { Gateway } from '../gateways/types.ts';
import type { JobContext } from '../jobs/job-context.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy } from '../transport/request.ts';
import { openGateway } from './open-gateway.ts';
import { requestHeaders } from './request-headers.ts';

export interface Connection {
  settings: Settings;
  /** With its address, also when it is the embedded one. */
  gateway: Gateway;
  /** It ends with this process. */
  ephemeral: boolean;
  key: Key | null;
  /** Tells one key from another without being one. */
  keyMark: string | null;
  headers: Record<string, string>;
  policy: Policy;
  fetch: Send;
  storage(): Promise<Send>;
  close(): Promise<void>;
}

/** Yields warnings; throws `CliError` usage or no_key. `check` sees the settings before a key is looked for. */
export async function* openConnection(
  flags: CommonFlags,
  startedAt: number,
  check: (settings: Settings) => void,
  deps: Deps,
): AsyncGenerator<OutputEvent, Connection, undefined> {
  const settings = await loadSettings(deps, flags);
  for (const message of settings.notes) yield { type: 'warning', message };
  check(settings);
  const { gateway, gatewayConfig, ownBaseUrl, timeouts, maxRetryWaitMs } = settings;
  const target = { baseUrl: gateway.baseUrl, ownBaseUrl };
  const { key, warnings } = await findKey(deps, gateway, gatewayConfig, target);
  for (const message of warnings) yield { type: 'warning', message };
  const fetch = await deps.openNetwork({ connectTimeoutMs: timeouts.connectMs });
  const opened = await openGateway(gateway, deps);
  const { baseUrl } = opened.gateway;
  let storage: Promise<Send> | null = null;
  return {
    settings,
    gateway: opened.gateway,
    ephemeral: gateway.baseUrl === '',
    key,
    keyMark:
      key === null ? null : createHash('sha256').update(key.value).digest('hex').slice(0, 12),
    headers: requestHeaders(key?.value ?? null, false, deps.version),
    policy: {
      timeouts: { ...timeouts, totalMs: null },
      maxRetryWaitMs,
      deadlineAt: timeouts.totalMs === null ? null : startedAt + timeouts.totalMs,
    },
    fetch,
    storage: () => {
      storage ??= deps.openNetwork({
        connectTimeoutMs: timeouts.connectMs,
        publicOnly: { exceptHost: hostOf(baseUrl) },
      });
      return storage;
    },
    close: opened.close,
  };
}

/** What a job needs of it to go on. */
export function jobContextOf(
  { gateway, headers, policy, fetch, storage }: Connection,
  more: Pick<JobContext, 'journal' | 'untilAt' | 'deps'>,
): JobContext {
  return { gateway, headers, policy, fetch, storage, ...more };
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
}
