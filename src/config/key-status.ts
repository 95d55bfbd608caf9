/** Whether a gateway has a key, as far as that is known without reading it. It opens no file and runs no program. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { Gateway } from '../gateways/types.ts';
import type { GatewayConfig } from '../schemas/config.ts';
import { checkKey } from './key-rules.ts';
import { keySettings } from './stored-key.ts';
import { rawVariable } from './variable.ts';

export interface KeyStatus {
  /** A variable, `api_key_file` or `api_key_command`; null: none is configured. */
  source: string | null;
  /** configured: a file or a program provides it. malformed: the value cannot be a key. */
  state: 'set' | 'not_set' | 'malformed' | 'configured' | 'none_needed';
}

/** In the order in which `findKey` looks: the gateway's own variable, else what the config stores. */
export function keyStatus(
  deps: Pick<Deps, 'env' | 'platform'>,
  { embedded, keyVariable, keyRequired }: Gateway,
  settings: GatewayConfig | undefined,
): KeyStatus {
  if (embedded) return { source: null, state: 'none_needed' };
  const own = keyVariable === null ? null : ofVariable(deps, keyVariable);
  if (own !== null && own.state !== 'not_set') return own;
  const stored = settings?.api_key_env;
  if (stored !== undefined) return ofVariable(deps, stored);
  // Neither the path nor the command: either may hold a secret.
  const [setting] = keySettings(settings);
  if (setting !== undefined) return { source: setting, state: 'configured' };
  if (keyRequired && own !== null) return own;
  return { source: null, state: 'none_needed' };
}

function ofVariable(deps: Pick<Deps, 'env' | 'platform'>, name: string): KeyStatus {
  const value = rawVariable(deps, name);
  if (value === undefined) return { source: name, state: 'not_set' };
  try {
    checkKey(value, name);
    return { source: name, state: 'set' };
  } catch (error) {
    if (error instanceof CliError) return { source: name, state: 'malformed' };
    throw error;
  }
}
