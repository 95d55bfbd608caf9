/** The environment variables that hold keys of gateways. It reads none of them. */
import { builtInGateways } from '../gateways/index.ts';
import type { Config } from '../schemas/config.ts';

export function keyVariables({ gateways = {} }: Pick<Config, 'gateways'>): ReadonlySet<string> {
  const own = [...builtInGateways.values()].map(({ keyVariable }) => keyVariable);
  const named = Object.values(gateways).map(({ api_key_env: name }) => name ?? null);
  return new Set([...own, ...named].filter((name) => name !== null));
}
