/** Resolves flags, environment and config before a command runs. It reads no key and opens no connection. */
import type { Deps } from '../base/deps.ts';
import type { Gateway } from '../gateways/types.ts';
import type { Config, GatewayConfig } from '../schemas/config.ts';
import { chooseGateway } from './choose-gateway.ts';
import { loadConfig } from './file.ts';
import { isOwnServer } from './own-servers.ts';
import { findPlaces, type Places } from './places.ts';
import { findTimeouts, type TimeoutFlags, type Timeouts } from './timeouts.ts';

export interface Settings {
  places: Places;
  config: Config;
  /** Its baseUrl is the effective one; '' when the sandbox will be started in this process. */
  gateway: Gateway;
  gatewayConfig: GatewayConfig | undefined;
  /** The base URL that a stored key belongs to; '' for a sandbox of this process. */
  ownBaseUrl: string;
  /** Another process of ours holds the budgets and writes the ledger: this one does neither. */
  isProxied: boolean;
  /** The limits that this process holds; those of the config may be another one's. */
  budget: Config['budget'];
  timeouts: Timeouts;
  /** The deadline of all requests together (--timeout), on the monotonic clock in ms; null: none. */
  deadlineAt: number | null;
  /** The longest Retry-After that is waited for. */
  maxRetryWaitMs: number;
  /** Lines for stderr about settings that the user may have forgotten. */
  notes: string[];
}

export interface SettingsFlags extends TimeoutFlags {
  gateway?: string | undefined;
  baseUrl?: string | undefined;
}

type SettingsDeps = Pick<
  Deps,
  | 'env'
  | 'platform'
  | 'path'
  | 'homeDirectory'
  | 'files'
  | 'clock'
  | 'version'
  | 'processMark'
  | 'processSpace'
  | 'addresses'
>;

/** Throws `usage` for a bad flag or an unknown gateway, `no_key` for a bad config, place or base URL. */
export async function loadSettings(deps: SettingsDeps, flags: SettingsFlags): Promise<Settings> {
  const places = findPlaces(deps);
  const config = await loadConfig(deps, places);
  const waiting = findTimeouts(config, flags);
  const { totalMs } = waiting.timeouts;
  const deadlineAt = totalMs === null ? null : deps.clock.monotonic() + totalMs;
  const chosen = chooseGateway(deps, config, flags);
  const isProxied = chosen.isProxied || (await isOwnServer(places, chosen.gateway.baseUrl, deps));
  const budget = isProxied ? undefined : config.budget;
  return { places, config, ...chosen, ...waiting, deadlineAt, isProxied, budget };
}
