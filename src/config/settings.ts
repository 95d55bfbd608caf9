/** Everything that flags, environment and config decide before a command runs. It looks for no key and opens no connection. */
import type { Deps } from '../base/deps.ts';
import type { Gateway } from '../gateways/types.ts';
import type { Config, GatewayConfig } from '../schemas/config.ts';
import { chooseGateway } from './choose-gateway.ts';
import { loadConfig } from './file.ts';
import { findPlaces, type Places } from './places.ts';
import { findTimeouts, type TimeoutFlags, type Timeouts } from './timeouts.ts';

export interface Settings {
  places: Places;
  config: Config;
  /** Its baseUrl is the effective one; '' when the sandbox is to be started in this process. */
  gateway: Gateway;
  gatewayConfig: GatewayConfig | undefined;
  /** The base URL that a stored key belongs to; '' for a sandbox of this process. */
  ownBaseUrl: string;
  timeouts: Timeouts;
  /** When all requests together must be over (--timeout), on the monotonic clock in ms; null: no end. */
  deadlineAt: number | null;
  /** A longer Retry-After is not waited for. */
  maxRetryWaitMs: number;
  /** Lines for stderr about something that a person may have forgotten. */
  notes: string[];
}

export interface SettingsFlags extends TimeoutFlags {
  gateway?: string | undefined;
  baseUrl?: string | undefined;
}

/** Throws `usage` for a bad flag or an unknown gateway, `no_key` for a bad config, place or base URL. */
export async function loadSettings(
  deps: Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'files' | 'clock'>,
  flags: SettingsFlags,
): Promise<Settings> {
  const places = findPlaces(deps);
  const config = await loadConfig(deps, places);
  const waiting = findTimeouts(config, flags);
  const { totalMs } = waiting.timeouts;
  const deadlineAt = totalMs === null ? null : deps.clock.monotonic() + totalMs;
  return { places, config, ...chooseGateway(deps, config, flags), ...waiting, deadlineAt };
}
