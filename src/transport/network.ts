/**
 * The one way to the network, in production and in tests: the global fetch, looked up at each call, with a dispatcher of ours.
 *
 * Why so: nock replaces `globalThis.fetch` and sees it even with a `dispatcher`, but it never sees undici's own `fetch` or
 * `request`. Why the runtime's own Agent class: it is already loaded by fetch, while npm's undici costs 40 ms more at
 * start-up; npm's is loaded only where a proxy asks for its EnvHttpProxyAgent, or where a runtime hides its Agent.
 */
import type { Fetch, NetworkOptions } from '../deps.ts';

/** The pieces of the runtime that `main.ts` hands over. */
export interface Runtime {
  fetch: Fetch;
  /** undici's global dispatcher, once fetch is loaded. */
  globalDispatcher(): unknown;
  env: Readonly<Record<string, string | undefined>>;
}

/** Timeouts of the dispatcher are off but for connecting: ours cover the body too. */
export async function openNetwork(runtime: Runtime, options: NetworkOptions): Promise<Fetch> {
  const settings = {
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher = hasProxy(runtime.env)
    ? await proxyDispatcher(runtime.env, settings)
    : await directDispatcher(runtime, settings);
  let warmed = false;
  return (url, init) => {
    // `dispatcher` is undici's own extension of RequestInit, which the DOM types do not know.
    const answer = runtime.fetch(url, { ...init, dispatcher } as RequestInit);
    if (!warmed) {
      warmed = true;
      whileWaiting(answer, () => warmUp(runtime.fetch));
    }
    return answer;
  };
}

/** An answer that is not there after this many ms will take a while: time to get ready for it. */
const IDLE_AFTER_MS = 5;

/** Runs `work` once if the answer takes its time; an instant one is not held up by it. */
function whileWaiting(answer: Promise<unknown>, work: () => void): void {
  const timer = setTimeout(work, IDLE_AFTER_MS);
  const stop = (): void => clearTimeout(timer);
  answer.then(stop, stop);
}

/** Runs fetch's own code for replies once, on a URL without a network, so that the first real byte finds it compiled. */
function warmUp(send: Fetch): void {
  send('data:,warm', {})
    .then(async (answer) => {
      const reader = answer.body?.getReader();
      while (reader && !(await reader.read()).done);
    })
    .catch(() => {}); // nothing depends on it
}

export function hasProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => env[name]);
}

type Settings = { connect: { timeout: number }; headersTimeout: number; bodyTimeout: number };

async function directDispatcher(runtime: Runtime, settings: Settings): Promise<unknown> {
  const global = runtime.globalDispatcher();
  const Agent = typeof global === 'object' && global !== null ? global.constructor : undefined;
  if (typeof Agent === 'function' && Agent.name === 'Agent')
    return new (Agent as new (settings: Settings) => unknown)(settings);
  return new (await loadUndici()).Agent(settings);
}

async function proxyDispatcher(env: Runtime['env'], settings: Settings): Promise<unknown> {
  const { EnvHttpProxyAgent } = await loadUndici();
  const pick = (upper: string, lower: string): string | undefined => env[lower] || env[upper];
  const http = withScheme(pick('HTTP_PROXY', 'http_proxy'));
  const https = withScheme(pick('HTTPS_PROXY', 'https_proxy'));
  const noProxy = pick('NO_PROXY', 'no_proxy');
  return new EnvHttpProxyAgent({
    ...settings,
    // Empty strings, or undici would read the variables itself and fail on a bare host:port.
    httpProxy: http ?? '',
    httpsProxy: https ?? http ?? '',
    noProxy: noProxy ?? '',
    // Plain requests to an http target, as every proxy understands them.
    proxyTunnel: false,
  });
}

/** curl takes `proxy.example:3128`; undici wants the scheme. */
function withScheme(proxy: string | undefined): string | undefined {
  return proxy === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

async function loadUndici(): Promise<typeof import('undici')> {
  const module = await import('undici');
  // Bundled to CommonJS, the named exports stand under `default`.
  return (module.EnvHttpProxyAgent ? module : module.default) as typeof import('undici');
}
