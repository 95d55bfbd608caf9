/** What to do about each failure that the doctor can meet. The hint is never to run the doctor alone: that is what just failed. */
import type { CliError, ExitName } from '../../../base/errors.ts';
import { isLoopback } from '../../../base/loopback.ts';
import { builtInGateways } from '../../../gateways/index.ts';
import type { Gateway } from '../../../gateways/types.ts';

/** What is known when a check fails; null for what was not found yet. */
export interface Known {
  configFile: string | null;
  gateway: Gateway | null;
  keySource: string | null;
  platform: string;
}

/** The error with a hint. Every request of the doctor is free. */
export function adviseOn(error: CliError, known: Known): CliError {
  const { code } = error.details;
  const special = code !== undefined && Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  const hint = special?.(known) ?? byExit[error.exit]?.(known, error);
  return error.with({ billed: 'no', hint });
}

const again = 'then run alltoken config doctor again';

const setClock: Readonly<Record<string, string>> = {
  linux: 'sudo timedatectl set-ntp true',
  darwin: 'sudo sntp -sS time.apple.com',
  win32: 'w32tm /resync',
};

function clockHint({ platform }: Known): string {
  const command = Object.hasOwn(setClock, platform) ? ` (${setClock[platform]})` : '';
  return `set the clock of this machine${command}, ${again}`;
}

/** Null: nothing to say beyond what the exit code says. */
const byCode: Readonly<Record<string, (known: Known) => string | null>> = {
  clock_skew: clockHint,
  // A clock that is wrong by a year meets no valid certificate, and no reply that tells the time.
  CERT_NOT_YET_VALID: clockHint,
  CERT_HAS_EXPIRED: (known) => `if the clock of this machine is wrong, ${clockHint(known)}`,
  old_node: () => `install a later Node from https://nodejs.org, ${again}`,
  ECONNREFUSED: startHint,
};

/** For a server of this machine, which most likely just does not run. */
function startHint({ gateway }: Known): string | null {
  if (gateway === null || gateway.startHint === null) return null;
  if (!isLoopback(new URL(gateway.baseUrl).hostname)) return null;
  const isElsewhere = builtInGateways.get(gateway.id)?.baseUrl !== gateway.baseUrl;
  const where = isElsewhere ? ` (to listen at ${gateway.baseUrl})` : '';
  return `start it: ${gateway.startHint}${where}`;
}

const byExit: Partial<Record<ExitName, (known: Known, error: CliError) => string | undefined>> = {
  no_key: ({ configFile }, { details }) =>
    details.code === 'bad_config' && configFile !== null
      ? `correct ${configFile}, ${again}`
      : `correct it, ${again}`,
  auth: ({ keySource, gateway }) => {
    if (keySource === null && gateway !== null)
      return `this server wants a key: alltoken config set gateways.${gateway.id}.api_key_env <variable>`;
    const renewed = gateway?.website ? `, or make a new one at ${gateway.website}` : '';
    return `check the key in ${keySource ?? 'the environment'}${renewed}, ${again}`;
  },
  balance: ({ gateway }) => `top up${gateway?.website ? ` at ${gateway.website}` : ''}, ${again}`,
  forbidden: ({ keySource }) => `check what the key in ${keySource ?? 'the environment'} may do`,
  not_found: checkBaseUrl,
  protocol: checkBaseUrl,
  network: ({ gateway }) =>
    `check the connection (a sandboxed agent may need network access) and the base URL ${gateway?.baseUrl ?? ''}`,
  timeout: () => 'run it again, or allow more with --connect-timeout <seconds>',
  rate_limited: () => 'wait a moment, then run it again',
  upstream: () => 'run it again later',
};

function checkBaseUrl({ gateway }: Known): string {
  return `check the base URL ${gateway?.baseUrl ?? ''}: it may be of another service, or lack a part such as /v1`;
}
