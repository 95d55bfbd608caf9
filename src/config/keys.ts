/** Finds the key for a gateway. It never prints a key, and never sends a stored one to another origin. */

import { CliError } from '../base/errors.ts';
import { isNetworkOff } from '../base/host-sandbox.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import type { GatewayConfig } from '../schemas/config.ts';
import { originOf, sameOrigin } from './base-url.ts';
import { checkKey, knownPrefix } from './key-rules.ts';
import { loginStep } from './login-step.ts';
import { type Key, type KeyDeps, keySettings, readStoredKey } from './stored-key.ts';
import { exportLine, rawVariable } from './variable.ts';

export type { Key, KeyDeps } from './stored-key.ts';

interface KeyTarget {
  /** Where the requests go. */
  baseUrl: string;
  /** The base URL that a stored key belongs to: the config's, else the built-in one. */
  ownBaseUrl: string;
}

/**
 * The gateway's own variable, else what the config stores; null when none is needed and none is configured.
 * Throws `no_key` for a missing, malformed or unreadable key, for a stored key that would be sent to another origin, and for any
 * other that would go to another built-in gateway.
 */
export async function findKey(
  deps: KeyDeps,
  gateway: Gateway,
  settings: GatewayConfig | undefined,
  target: KeyTarget,
): Promise<{ key: Key | null; warnings: string[] }> {
  if (gateway.embedded) return { key: null, warnings: [] };
  const stored = keySettings(settings);
  if (stored.length > 1) {
    throw new CliError(
      'no_key',
      `${gateway.label} has ${stored.join(' and ')}; set only one of them`,
      {
        code: 'bad_config',
        next: runStep(['config', 'unset', `gateways.${gateway.id}.${stored[1]}`]),
      },
    );
  }
  const warnings: string[] = [];
  let key = fromOwnVariable(deps, gateway);
  if (key !== null) refuseOtherGateway(gateway, key, target);
  const [setting] = stored;
  if (key === null && settings !== undefined && setting !== undefined) {
    const own = settings.api_key_file === undefined ? undefined : settings.api_key_origin;
    refuseForeignOrigin(gateway, setting, { ...target, ownBaseUrl: own ?? target.ownBaseUrl });
    key = await readStoredKey(deps, settings, gateway, (message) => warnings.push(message));
  }
  if (key === null && gateway.keyRequired) throw missing(deps, gateway);
  const warning = key === null ? null : foreignPrefix(key, gateway, target);
  if (warning !== null) warnings.push(warning);
  return { key, warnings };
}

function fromOwnVariable(deps: KeyDeps, { keyVariable }: Gateway): Key | null {
  if (keyVariable === null) return null;
  const value = rawVariable(deps, keyVariable);
  if (value === undefined) return null;
  return { value: checkKey(value, keyVariable), source: keyVariable };
}

/** A base URL left over in the environment must not send the key of one gateway to another. */
function refuseOtherGateway(gateway: Gateway, { source }: Key, { baseUrl }: KeyTarget): void {
  for (const other of builtInGateways.values()) {
    if (other.keyVariable === null || other.keyVariable === gateway.keyVariable) continue;
    if (hostOf(other.baseUrl) !== hostOf(baseUrl)) continue;
    throw new CliError(
      'no_key',
      `${source} is for ${gateway.label} and is not sent to ${originOf(baseUrl)}, which is ${other.label}`,
      {
        code: 'foreign_origin',
        next: [
          { do: 'set-flag', flag: '--gateway', value: other.id },
          userSays(
            `remove the base URL of ${other.label} from ${gateway.label} (--base-url, ${gateway.baseUrlEnv === null ? '' : `${gateway.baseUrlEnv}, `}config)`,
          ),
        ],
      },
    );
  }
}

/** Another port or a trailing dot leads to the same operator. */
function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).hostname.replace(/\.$/, '') : baseUrl;
}

/** Checked before the key is read, so that no file is opened and no program run needlessly. */
function refuseForeignOrigin(gateway: Gateway, setting: string, target: KeyTarget): void {
  if (sameOrigin(target.baseUrl, target.ownBaseUrl)) return;
  const to = originOf(target.baseUrl) ?? 'another host';
  const own = originOf(target.ownBaseUrl) ?? 'its own base URL';
  const otherwise = userSays(`configure a gateway with the base_url ${target.baseUrl}`);
  const { keyVariable } = gateway;
  throw new CliError(
    'no_key',
    `the ${setting} of ${gateway.label} is stored for ${own} and is not sent to ${to}`,
    {
      code: 'foreign_origin',
      next:
        keyVariable === null ? otherwise : [userSays(`set ${keyVariable} for this one`), otherwise],
    },
  );
}

/** The test gateway listens, which some sandboxes of agent hosts forbid. */
function withoutKey({ env }: KeyDeps): NextStep[] {
  if (isNetworkOff(env)) return [];
  return [{ do: 'set-flag', flag: '--gateway', value: 'sandbox', why: 'try it without a key' }];
}

function userSays(words: string): NextStep {
  return { do: 'say', words, for: 'user' };
}

function missing(deps: KeyDeps, gateway: Gateway): CliError {
  const { keyVariable, label, website } = gateway;
  if (keyVariable === null) {
    return new CliError('no_key', `no key for ${label}`, {
      code: 'missing_key',
      next: [loginStep(gateway), ...withoutKey(deps)],
    });
  }
  const from = website === null ? '' : `; get a key at ${website}`;
  return new CliError('no_key', `no key for ${label}: ${keyVariable} is not set${from}`, {
    code: 'missing_key',
    next: [
      loginStep(gateway),
      userSays(exportLine(deps.platform, keyVariable)),
      ...withoutKey(deps),
    ],
  });
}

/** Only a warning: other vendors use the same prefixes. */
function foreignPrefix(key: Key, gateway: Gateway, target: KeyTarget): string | null {
  const prefix = knownPrefix(key.value);
  if (prefix === null || prefix.keyPrefix === gateway.keyPrefix) return null;
  if (sameOrigin(prefix.baseUrl, target.baseUrl)) return null;
  return `the key in ${key.source} looks like a key of ${prefix.label}, but is sent to ${gateway.label}`;
}
