/**
 * The one way to the network, in production and in tests: `send(request) → reply` over one of two roads. It decides which road a
 * URL takes, and does nothing else.
 *
 * Why so: the shape is that of fetch, as far as we need it, but direct connections use node:http, since the runtime's own
 * fetch costs more CPU than the rest of a short chat. CPU ms of one on Node 20, minimum of 15 in turn on a busy machine: `node -e 0`
 * 22, bare node:http 41, Python's urllib 54, this 97 (71 of them without any network), the same over fetch 131, bare fetch 164. An
 * answer of 200 MB took 2.6 s of CPU and 65 MB here, 3.3 s and 66 MB over fetch. Flags for V8 and code that was run once to get it
 * compiled went with fetch: node:http parses natively, and has nothing to compile.
 * Requests through a proxy use undici's EnvHttpProxyAgent, loaded only there, for 40 ms. Nothing here touches `fetch`,
 * `Headers` or `Response` of the runtime: naming one of them loads all of its undici. nock sees node:http as it is.
 */
import type { LookupFunction } from 'node:net';
import type { Clock, NetworkOptions, Send } from '../base/deps.ts';
import { inSandbox } from './blocked.ts';
import type { ProxyAddress } from './proxy-settings.ts';
import type { Guard } from './public-only.ts';
import { SendError } from './send-error.ts';

/** What of the outside world it needs. */
export interface Runtime {
  env: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'after' | 'monotonic'>;
}

export async function openNetwork(
  { env, clock }: Runtime,
  { connectTimeoutMs, publicOnly }: NetworkOptions,
): Promise<Send> {
  const limits = { connectTimeoutMs, clock };
  const guard = await guardFor(publicOnly);
  const lookup: LookupFunction | undefined = guard?.lookup;
  const direct = (await import('./direct.ts')).directRoad({ ...limits, lookup });
  const settings = hasProxy(env)
    ? (await import('./proxy-settings.ts')).readProxySettings(env)
    : null;
  const proxied = new Map<ProxyAddress, Promise<Send>>();
  const through = (proxy: ProxyAddress): Promise<Send> => {
    const known = proxied.get(proxy) ?? openProxied(proxy, limits);
    proxied.set(proxy, known);
    return known;
  };
  return async (request) => {
    try {
      if (guard === null && settings === null) return await direct(request);
      const url = new URL(request.url);
      guard?.check(url.hostname);
      const proxy = settings?.proxyFor(url) ?? null;
      const send = proxy === null ? direct : await through(proxy);
      return await send(request);
    } catch (error) {
      const failure = error instanceof SendError ? error : new SendError(error, { sent: false });
      throw failure.sent ? failure : inSandbox(failure, env);
    }
  };
}

async function openProxied(
  proxy: ProxyAddress,
  limits: { connectTimeoutMs: number; clock: Runtime['clock'] },
): Promise<Send> {
  return (await import('./proxied.ts')).proxiedRoad(proxy, limits);
}

export function hasProxy(env: Runtime['env']): boolean {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => env[name]);
}

/** Loaded only where it is needed. */
async function guardFor(publicOnly: NetworkOptions['publicOnly']): Promise<Guard | null> {
  if (publicOnly === undefined) return null;
  return (await import('./public-only.ts')).publicOnly(publicOnly.exceptHost);
}
