/**
 * The one way to the network, in production and in tests: the global fetch, looked up at each call, with a dispatcher of ours.
 *
 * Why so: nock replaces `globalThis.fetch` and sees it even with a `dispatcher`, but it never sees undici's own `fetch` or
 * `request`. Why the runtime's own Agent class: it is already loaded by fetch, while npm's undici costs 40 ms more at
 * start-up; npm's is loaded only where a proxy asks for its EnvHttpProxyAgent, or where a runtime hides its Agent.
 */
import type { LookupFunction } from 'node:net';
import type { Clock, Fetch, NetworkOptions } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import { NETWORK_OFF_VARIABLE, NetworkOff } from './blocked.ts';
import type { Guard } from './public-only.ts';

/** The pieces of the runtime that `main.ts` hands over. */
export interface Runtime {
  fetch: Fetch;
  /** undici's global dispatcher, once fetch is loaded. */
  globalDispatcher(): unknown;
  env: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'after'>;
}

/** Timeouts of the dispatcher are off but for connecting: ours cover the body too. */
export async function openNetwork(runtime: Runtime, options: NetworkOptions): Promise<Fetch> {
  const guard = await guardFor(options);
  const settings = {
    connect: { timeout: options.connectTimeoutMs, ...(guard && { lookup: guard.lookup }) },
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const direct = await directDispatcher(runtime, settings);
  const proxied = hasProxy(runtime.env) ? await proxyDispatcher(runtime.env, settings) : direct;
  const isOff = runtime.env[NETWORK_OFF_VARIABLE] === '1';
  const withReason = (answer: Promise<Response>): Promise<Response> =>
    isOff ? answer.catch((error: unknown) => Promise.reject(new NetworkOff(error))) : answer;
  let warmed = false;
  return async (url, init) => {
    guard?.check(new URL(url).hostname);
    // `dispatcher` is undici's own extension of RequestInit, which the DOM types do not know.
    // This machine is never reached through a proxy: it may not find the way, and would see the key in the clear.
    const dispatcher = isLoopback(new URL(url).hostname) ? direct : proxied;
    const answer = withReason(runtime.fetch(url, { ...init, dispatcher } as RequestInit));
    if (!warmed) {
      warmed = true;
      whileWaiting(answer, () => warmUp(runtime.fetch), runtime.clock);
    }
    return answer;
  };
}

/** An answer that is not there after this many ms will take a while: time to get ready for it. */
const IDLE_AFTER_MS = 25;

/** Runs `work` once if the answer takes its time; an instant one is not held up by it. */
function whileWaiting(
  answer: Promise<unknown>,
  work: () => void,
  clock: Pick<Clock, 'after'>,
): void {
  const stop = clock.after(IDLE_AFTER_MS, work);
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

interface Settings {
  connect: { timeout: number; lookup?: LookupFunction };
  headersTimeout: number;
  bodyTimeout: number;
}

/** Loaded where it is wanted only. */
async function guardFor({ publicOnly }: NetworkOptions): Promise<Guard | null> {
  if (publicOnly === undefined) return null;
  return (await import('./public-only.ts')).publicOnly(publicOnly.exceptHost);
}

async function directDispatcher(runtime: Runtime, settings: Settings): Promise<unknown> {
  const global = runtime.globalDispatcher();
  const Agent = typeof global === 'object' && global !== null ? global.constructor : undefined;
  if (typeof Agent === 'function' && Agent.name === 'Agent')
    return new (Agent as new (settings: Settings) => unknown)(settings);
  return new (await loadUndici()).Agent(settings);
}

async function proxyDispatcher(env: Runtime['env'], settings: Settings): Promise<unknown> {
  const { EnvHttpProxyAgent } = await loadUndici();
  const http = readProxy(env, 'HTTP_PROXY');
  const https = readProxy(env, 'HTTPS_PROXY') ?? http;
  return new EnvHttpProxyAgent({
    ...settings,
    // Empty strings, or undici would read the variables itself and fail on a bare host:port.
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: either(env, 'NO_PROXY') ?? '',
    // Plain requests to an http target, as every proxy understands them.
    proxyTunnel: false,
  });
}

/** The variable in either case; the lower one wins, as in curl. */
function either(env: Runtime['env'], name: string): string | undefined {
  return env[name.toLowerCase()] || env[name];
}

/** The URL of a proxy. curl takes `proxy.example:3128`; undici wants the scheme. Throws `CliError` no_key, without the value: it may hold a password. */
function readProxy(env: Runtime['env'], name: string): string | undefined {
  const value = either(env, name);
  if (value === undefined) return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol)) return text;
  throw new CliError('no_key', `${name} is not the address of an http or https proxy`, {
    code: 'bad_proxy',
    next: { do: 'say', words: 'set it to http://<host>:<port>, or unset it', for: 'user' },
  });
}

async function loadUndici(): Promise<typeof import('undici')> {
  const module = await import('undici');
  // Bundled to CommonJS, the named exports stand under `default`.
  return (module.EnvHttpProxyAgent ? module : module.default) as typeof import('undici');
}
