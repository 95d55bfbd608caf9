/** Chooses the gateway and its base URL. It contacts no gateway and reads no key. */

import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { own } from '../base/json.ts';
import { isLoopback } from '../base/loopback.ts';
import { runStep } from '../base/next-step.ts';
import { builtInGateways, gatewayTemplates } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import type { Config, GatewayConfig } from '../schemas/config.ts';
import { checkBaseUrl, originOf, sameOrigin } from './base-url.ts';
import { nearest } from './nearest.ts';
import { RUN_TOKEN_VARIABLE, RUN_VARIABLE, runProxy } from './run-proxy.ts';
import { keySettings } from './stored-key.ts';
import { variable } from './variable.ts';

type ConfigDeps = Pick<Deps, 'env' | 'platform'>;

interface GatewayChoice {
  /** Its base URL is the effective one; '' when it will be started in this process. */
  gateway: Gateway;
  gatewayConfig: GatewayConfig | undefined;
  /** The base URL that a stored key belongs to. */
  ownBaseUrl: string;
  /** The requests go to the proxy of `alltoken run`, which holds the budgets and writes the ledger. */
  isProxied: boolean;
  notes: string[];
}

/**
 * -g, else ALLTOKEN_GATEWAY, else the config, else alltoken; then --base-url, else the gateway's own variable, else its own base URL.
 * Throws `usage` for an unknown name or a bad --base-url, `no_key` for a base URL that the environment or the config
 * got wrong, for plain http to another machine, and for a sandbox that is not on loopback.
 */
export function chooseGateway(
  deps: ConfigDeps,
  config: Config,
  flags: { gateway?: string | undefined; baseUrl?: string | undefined },
): GatewayChoice {
  const name = flags.gateway ?? variable(deps, 'ALLTOKEN_GATEWAY') ?? config.gateway ?? 'alltoken';
  const gatewayConfig = own(config.gateways, name);
  const builtIn = builtInGateways.get(name);
  const base = builtIn ?? fromConfig(name, gatewayConfig);
  if (base === null) throw unknownGateway(name, config);
  const proxy = flags.baseUrl === undefined ? runProxy(deps) : null;
  if (proxy !== null && name === variable(deps, 'ALLTOKEN_GATEWAY'))
    return {
      // The key is the proxy's; whatever key the gateway has stays where it is.
      gateway: {
        ...base,
        ...behindProxy,
        baseUrl: proxy,
        addressFrom: ownVariables.filter((name) => variable(deps, name) !== undefined),
      },
      gatewayConfig: undefined,
      ownBaseUrl: proxy,
      isProxied: true,
      notes: [],
    };
  const configured = gatewayConfig?.base_url;
  const ownBaseUrl =
    configured === undefined
      ? base.baseUrl
      : checkBaseUrl(
          configured,
          `gateways.${name}.base_url in the config`,
          'no_key',
          gatewayConfig?.allow_http === true,
        );
  const given = givenBaseUrl(deps, base, flags.baseUrl);
  const baseUrl = given?.url ?? ownBaseUrl;
  if (base.embedded && baseUrl !== '') refuseRemote(base, baseUrl);
  const notes =
    given?.variable === undefined ? [] : awayNotes(base, given.variable, ownBaseUrl, baseUrl);
  const gateway = {
    ...base,
    baseUrl,
    ...(given !== null && { addressFrom: [given.variable ?? '--base-url'] }),
  };
  return { gateway, gatewayConfig, ownBaseUrl, isProxied: false, notes };
}

/** Of `run` and `serve`, for our own commands: the token is of no use elsewhere. */
const ownVariables = [RUN_VARIABLE, 'ALLTOKEN_GATEWAY', 'ALLTOKEN_BASE_URL', RUN_TOKEN_VARIABLE];

const behindProxy = {
  keyVariable: RUN_TOKEN_VARIABLE,
  keyRequired: true,
  keyPrefix: null,
  baseUrlEnv: null,
  embedded: false,
} as const;

/** The template of its kind under its own name. It never inherits the variables of a built-in gateway. */
function fromConfig(name: string, settings: GatewayConfig | undefined): Gateway | null {
  const template = gatewayTemplates.get(settings?.kind ?? '');
  if (settings?.base_url === undefined || template === undefined) return null;
  return {
    ...template,
    id: name,
    label: `"${name}"`,
    // The page for its keys is known only if it is the same service under another name.
    website: sameOrigin(template.baseUrl, settings.base_url) ? template.website : null,
    baseUrlEnv: null,
    keyVariable: null,
    keyRequired: keySettings(settings).length > 0,
  };
}

function unknownGateway(name: string, config: Config): CliError {
  const known = [...builtInGateways.keys()];
  known.push(...Object.keys(config.gateways ?? {}).filter((other) => !builtInGateways.has(other)));
  const near = nearest(name, known);
  const suggestion = near === null ? '' : ` (did you mean "${near}"?)`;
  const shown = JSON.stringify(name.slice(0, 80));
  return new CliError(
    'usage',
    `unknown gateway ${shown}${suggestion}; known: ${known.join(', ')}`,
    {
      code: 'unknown_gateway',
      next:
        near === null
          ? runStep(['config', 'gateways'])
          : { do: 'set-flag', flag: '--gateway', value: near },
    },
  );
}

/** Another gateway's variable is not read: it would send this one's requests, and its key, to a stranger. */
function givenBaseUrl(
  deps: ConfigDeps,
  { baseUrlEnv }: Gateway,
  flag: string | undefined,
): { url: string; variable?: string } | null {
  if (flag !== undefined) return { url: checkBaseUrl(flag, '--base-url', 'usage') };
  const value = baseUrlEnv === null ? undefined : variable(deps, baseUrlEnv);
  if (baseUrlEnv === null || value === undefined) return null;
  return { url: checkBaseUrl(value, baseUrlEnv), variable: baseUrlEnv };
}

function refuseRemote({ label }: Gateway, baseUrl: string): void {
  const { hostname } = new URL(baseUrl);
  if (isLoopback(hostname)) return;
  throw new CliError('no_key', `${label} must be on loopback, and ${hostname} is not`, {
    code: 'bad_base_url',
    next: { do: 'set-flag', flag: '--base-url', value: 'http://127.0.0.1:8080/v1' },
  });
}

/** A variable is easily forgotten, and it redirects the requests and the key; on loopback that is harmless. */
function awayNotes(
  { label }: Gateway,
  name: string,
  ownBaseUrl: string,
  baseUrl: string,
): string[] {
  if (sameOrigin(ownBaseUrl, baseUrl) || isLoopback(new URL(baseUrl).hostname)) return [];
  return [`${name} sends the requests for ${label} to ${originOf(baseUrl)}`];
}
