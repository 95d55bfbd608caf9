/** Validates the gateways of the config beyond what a schema can express. It contacts none of them. */
import { own } from '../base/json.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Config, GatewayConfig } from '../schemas/config.ts';
import { originOf, readBaseUrl } from './base-url.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import { keySettings } from './stored-key.ts';
import { isVariableName } from './variable.ts';

/** The first problem with a gateway, or with the choice of one; null when there is none. */
export function gatewayProblem(config: Config): Problem | null {
  for (const [name, settings] of Object.entries(config.gateways ?? {})) {
    const problem = oneGateway(name, settings);
    if (problem !== null) return problem;
  }
  const { gateway } = config;
  if (gateway === undefined || builtInGateways.has(gateway)) return null;
  if (own(config.gateways, gateway) !== undefined) return null;
  const known = [...builtInGateways.keys(), ...Object.keys(config.gateways ?? {})];
  const near = nearest(gateway, known);
  const suggestion = near === null ? '' : ` (did you mean "${near}"?)`;
  return {
    keys: ['gateway'],
    message: `unknown gateway${suggestion}; known: ${known.join(', ')}`,
  };
}

function oneGateway(name: string, settings: GatewayConfig): Problem | null {
  const at = (...keys: string[]) => ['gateways', name, ...keys];
  const builtIn = builtInGateways.get(name);
  if (builtIn === undefined) {
    const problem = incomplete(name, settings);
    if (problem !== null) return problem;
  } else if (settings.kind !== undefined) {
    return {
      keys: at('kind'),
      message: `${name} is built in, and its kind cannot be changed; give the gateway another name`,
    };
  }
  if (settings.base_url !== undefined) {
    const read = readBaseUrl(settings.base_url, settings.allow_http === true);
    if ('fault' in read) {
      const problem = { keys: at('base_url'), message: read.fault };
      // The sandbox stays on this machine, whatever is allowed.
      if (read.isUnsafe !== true || builtIn?.embedded) return problem;
      return { ...problem, next: allowingStep(name, settings) };
    }
  }
  const stored = keySettings(settings);
  if (builtIn?.embedded && stored[0] !== undefined) {
    return { keys: at(stored[0]), message: `${name} needs no key and is never sent one` };
  }
  if (stored.length > 1) {
    return {
      keys: at(),
      message: `${stored.join(' and ')} exclude each other; set only one of them`,
    };
  }
  if (settings.api_key_env !== undefined && !isVariableName(settings.api_key_env)) {
    return { keys: at('api_key_env'), message: 'expected the name of an environment variable' };
  }
  const { api_key_origin: origin } = settings;
  if (origin !== undefined && originOf(origin) !== origin)
    return {
      keys: at('api_key_origin'),
      message: 'expected an origin, such as https://api.example.com',
    };
  return null;
}

/** One command for the whole gateway, since a part of it alone may be refused; no values are shown where a secret may be among them. */
function allowingStep(name: string, settings: GatewayConfig): NextStep {
  if (settings.kind === undefined || keySettings(settings).length > 0)
    return runStep(['config', 'set', `gateways.${name}.allow_http`, 'true']);
  const { kind, base_url } = settings;
  const whole = JSON.stringify({ kind, base_url, allow_http: true });
  return runStep(['config', 'set', `gateways.${name}`, whole]);
}

function incomplete(name: string, settings: GatewayConfig): Problem | null {
  const { kind, base_url, allow_http } = settings;
  const missing = Object.entries({ kind, base_url }).filter(([, value]) => value === undefined);
  if (missing.length === 0) return null;
  const near = nearest(name, builtInGateways.keys());
  const perhaps = near === null ? '' : ` (or did you mean "${near}"?)`;
  const problem = {
    keys: ['gateways', name],
    message: `a custom gateway needs kind and base_url; missing: ${missing.map(([key]) => key).join(', ')}${perhaps}`,
  };
  // One command for both, since either alone would be refused; no command where it would drop other settings.
  const read = readBaseUrl(base_url ?? 'http://127.0.0.1:8080/v1', allow_http === true);
  if ('fault' in read || keySettings(settings).length > 0) return problem;
  const whole = JSON.stringify({ kind: kind ?? 'openai', base_url: read.url, allow_http });
  return { ...problem, next: runStep(['config', 'set', `gateways.${name}`, whole]) };
}
