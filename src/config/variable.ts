/** Reads one environment variable as the system does. It never writes one. */
import type { Deps } from '../base/deps.ts';

/**
 * The value as it is set, '' included; undefined when it is not set. On Windows the case of the name does not
 * matter, and a plain copy of the environment loses that.
 */
export function rawVariable(
  { env, platform }: Pick<Deps, 'env' | 'platform'>,
  name: string,
): string | undefined {
  if (Object.hasOwn(env, name) && env[name] !== undefined) return env[name];
  if (platform !== 'win32') return undefined;
  const wanted = name.toUpperCase();
  const found = Object.keys(env).find((key) => key.toUpperCase() === wanted);
  return found === undefined ? undefined : env[found];
}

/** The value, where an empty one counts as not set. */
export function variable(deps: Pick<Deps, 'env' | 'platform'>, name: string): string | undefined {
  return rawVariable(deps, name) || undefined;
}

/** The command that sets it in the usual shell of the platform. `value`: without characters of a shell. */
export function exportLine(platform: string, name: string, value: string = 'KEY'): string {
  return platform === 'win32' ? `$env:${name}="${value}"` : `export ${name}=${value}`;
}

/** The command that unsets them there. */
export function unsetLine(platform: string, names: readonly string[]): string {
  return platform === 'win32'
    ? `Remove-Item ${names.map((name) => `Env:${name}`).join(', ')}`
    : `unset ${names.join(' ')}`;
}

/** A name that every shell can set; anything else is a mistake, or a secret. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text);
}
