/** The variables by which programs find the proxy, and those that hold keys. */
import type { Holder } from '../base/process-state.ts';
import {
  RUN_SANDBOX_VARIABLE,
  RUN_TOKEN_VARIABLE,
  RUN_VARIABLE,
  sandboxWords,
} from '../config/run-proxy.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import type { Config } from '../schemas/config.ts';

/** For programs with an OpenAI client, and for our own commands, which may have another gateway as theirs. */
export function variablesFor(
  url: string,
  token: string | null,
  gateway: string,
): Record<string, string> {
  const key = token ?? 'none';
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: key,
    ALLTOKEN_BASE_URL: `${url}/v1`,
    [RUN_TOKEN_VARIABLE]: key,
    ALLTOKEN_GATEWAY: gateway,
    [RUN_VARIABLE]: `${url}/v1`,
  };
}

/**
 * The changes to the environment of a program under `run`. No key of a gateway stays in it. `env`: its own environment,
 * whose proxies must not stand between it and us. `sandbox`: our process, where the gateway ends with it.
 */
export function programVariables(
  { url, token }: { url: string; token: string },
  gateway: Gateway,
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  sandbox: Holder | null,
): Record<string, string | undefined> {
  const keys = [
    ...[...builtInGateways.values()].map(({ keyVariable }) => keyVariable),
    ...Object.values(config.gateways ?? {}).map(({ api_key_env: name }) => name),
    gateway.keyVariable,
  ];
  const without = Object.fromEntries(
    keys.flatMap((name) => (name == null ? [] : [[name, undefined]])),
  );
  return {
    ...without,
    ALLTOKEN_SERVE_TOKEN: undefined,
    [RUN_SANDBOX_VARIABLE]: sandbox === null ? undefined : sandboxWords(sandbox),
    ...(gateway.routes.messages !== undefined && {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: token,
      // It would come before the token.
      ANTHROPIC_API_KEY: undefined,
    }),
    ...variablesFor(url, token, gateway.id),
    ...withoutProxy(env),
  };
}

/** Only where there is a proxy. */
function withoutProxy(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const has = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  if (!has.some((name) => env[name])) return {};
  const known = env.NO_PROXY ?? env.no_proxy ?? '';
  const all = known === '' ? '127.0.0.1' : `${known},127.0.0.1`;
  return { NO_PROXY: all, no_proxy: all };
}
