/**
 * The road through a proxy: undici's EnvHttpProxyAgent, which speaks CONNECT and TLS inside and out. It is loaded only where a proxy is set.
 *
 * Each connection is an agent of its own with one place, so that what goes wrong with one ends it alone: undici 7 dials again for ever
 * behind a proxy that closes on CONNECT (nodejs/undici#3897), as it takes the code UND_ERR_SOCKET for a reason to try once more. So
 * the CONNECT is made here, its errors get a code of ours, and one request makes one CONNECT at most.
 */
import type { Dispatcher } from 'undici';
import type { ReplyHeaders, Send, SendReply, SendRequest } from '../base/deps.ts';
import { systemErrorCode } from '../base/errors.ts';
import {
  FRESH_MS,
  IDLE_CONNECTION_MS,
  type Limits,
  MAX_HEADER_BYTES,
  MAX_INFORMATIONAL,
} from './direct.ts';
import type { ProxyAddress } from './proxy-settings.ts';
import { ReplyBody } from './reply-body.ts';
import { SendError, sendCodes } from './send-error.ts';

/** undici's code for a plain request that a proxy answers with 407; after the request is made, it has no other meaning. */
const PROXY_WANTS_CREDENTIALS = 'UND_ERR_INVALID_ARG';
const MAX_IDLE_LANES = 4;

/** One connection, and its proxy's reply to CONNECT. */
interface Lane {
  dispatcher: Dispatcher;
  origin: string;
  refusal: number | null;
  idleSince: number;
}

export async function proxiedRoad(proxy: ProxyAddress, limits: Limits): Promise<Send> {
  const undici = await loadUndici();
  const idle: Lane[] = [];
  const takeIdle = (origin: string, paid: boolean): Lane | undefined => {
    const since = limits.clock.monotonic() - (paid ? FRESH_MS : IDLE_CONNECTION_MS);
    const at = idle.findIndex((lane) => lane.origin === origin && lane.idleSince >= since);
    return at === -1 ? undefined : idle.splice(at, 1)[0];
  };
  const putBack = (lane: Lane): void => {
    lane.idleSince = limits.clock.monotonic();
    idle.unshift(lane);
    for (const old of idle.splice(MAX_IDLE_LANES)) drop(old);
  };
  return (request) => {
    const { origin } = new URL(request.url);
    const lane = takeIdle(origin, request.paid) ?? openLane(undici, proxy, origin);
    return new Promise((resolve, reject) => {
      exchange(undici, lane, request, limits, resolve, reject, (isWhole) =>
        isWhole ? putBack(lane) : drop(lane),
      );
    });
  };
}

/** Whatever it is doing. */
function drop({ dispatcher }: Lane): void {
  void dispatcher.destroy().catch(() => {});
}

function openLane(undici: typeof import('undici'), proxy: ProxyAddress, origin: string): Lane {
  const lane: Pick<Lane, 'refusal'> = { refusal: null };
  let tunnels = 0;
  // Our own clock bounds the way to the connection as a whole.
  const tls = { timeout: 0 };
  const common = { connections: 1, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };
  const options = {
    ...common,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    httpProxy: proxy.origin,
    httpsProxy: proxy.origin,
    // What goes around the proxy does not come here.
    noProxy: '',
    ...(proxy.authorization === null ? {} : { token: proxy.authorization }),
    // Plain requests to an http target, as every proxy understands them.
    proxyTunnel: false,
    proxyTls: tls,
    requestTls: tls,
    clientFactory: (url: URL, { connect }: object & { connect?: unknown }) => {
      const client = new undici.Client(url.origin, {
        ...common,
        connect: connect as never,
        maxHeaderSize: MAX_HEADER_BYTES,
      } as ConstructorParameters<typeof undici.Client>[1]);
      return Object.assign(Object.create(client) as Dispatcher, {
        connect: async (params: Dispatcher.ConnectOptions) => {
          tunnels += 1;
          if (tunnels > 1) throw proxyError(new Error('the tunnel was closed'));
          const answer = await client.connect(params).catch((error: unknown) => {
            // Codes of the system and of OpenSSL are passed on; undici's and its parser's mean that the proxy hung up or did not speak HTTP.
            throw /^(UND_|HPE_)/.test(systemErrorCode(error) ?? 'UND_') ? proxyError(error) : error;
          });
          if (answer.statusCode >= 200 && answer.statusCode < 300)
            return { ...answer, statusCode: 200 };
          answer.socket.on('error', () => {}).destroy();
          lane.refusal = answer.statusCode;
          throw proxyError(new Error(`the proxy answered ${answer.statusCode}`));
        },
        close: () => client.close(),
        destroy: () => client.destroy(),
      });
    },
  };
  const dispatcher = new undici.EnvHttpProxyAgent(
    options as ConstructorParameters<typeof undici.EnvHttpProxyAgent>[0],
  );
  return Object.assign(lane, { dispatcher, origin, idleSince: 0 });
}

/** Under a code that undici takes for final; the code of the system stays below. */
function proxyError(cause: unknown): Error {
  return Object.assign(new Error('the proxy did not open a tunnel', { cause }), {
    code: sendCodes.proxy,
  });
}

function exchange(
  undici: typeof import('undici'),
  lane: Lane,
  request: SendRequest,
  limits: Limits,
  resolve: (reply: SendReply) => void,
  reject: (error: SendError) => void,
  leave: (isWhole: boolean) => void,
): void {
  const { signal } = request;
  let sent = false;
  let settled = false;
  let body: ReplyBody | null = null;
  let informational = 0;

  const settle = (isWhole: boolean): void => {
    if (settled) return;
    settled = true;
    stopClock();
    signal.removeEventListener('abort', onAbort);
    leave(isWhole);
  };
  const fail = (cause: unknown, code?: string): void => {
    if (settled) return;
    const error = new SendError(cause, { sent, code, proxyStatus: lane.refusal ?? undefined });
    settle(false);
    if (body === null) reject(error);
    else body.fail(error);
  };
  const onAbort = (): void => {
    body?.abort(signal.reason);
    fail(signal.reason);
  };
  const stopClock = limits.clock.after(limits.connectTimeoutMs, () =>
    fail(new Error('the connection timed out'), sendCodes.connectTimeout),
  );
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
    return;
  }

  const { origin, pathname, search } = new URL(request.url);
  try {
    lane.dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method: request.method,
        headers: { ...request.headers },
        body: request.body ?? null,
      },
      {
        // The tunnel and TLS are established, and the request is being written.
        onRequestStart() {
          sent = true;
          stopClock();
        },
        onResponseStart(controller, status, headers) {
          if (status < 200) {
            informational += 1;
            if (informational > MAX_INFORMATIONAL)
              fail(new Error('too many informational replies'), sendCodes.informational);
            return;
          }
          const open = new ReplyBody({
            pause: () => controller.pause(),
            resume: () => controller.resume(),
          });
          body = open;
          resolve({
            status,
            headers: headersOf(headers),
            read: () => open.read(),
            discard: () => fail(new Error('the rest is not needed')),
          });
        },
        onResponseData(_, bytes) {
          body?.push(bytes);
        },
        onResponseEnd() {
          settle(true);
          body?.end();
        },
        onResponseError(_, error) {
          if (sent && body === null && codeOf(error) === PROXY_WANTS_CREDENTIALS) {
            sent = false;
            lane.refusal = 407;
            fail(error, sendCodes.proxy);
          } else fail(error, parserCode(error, undici));
        },
      },
    );
  } catch (error) {
    fail(error);
  }
}

/** The code that node:http uses for invalid HTTP; undici's own code is there for some kinds only. */
function parserCode(error: Error, { errors }: typeof import('undici')): string | undefined {
  if (error instanceof errors.HTTPParserError) return error.code ?? 'HPE_INVALID_RESPONSE';
  return error instanceof errors.HeadersOverflowError ? 'HPE_HEADER_OVERFLOW' : undefined;
}

function codeOf(error: Error): unknown {
  return (error as { code?: unknown }).code;
}

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): ReplyHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return (Array.isArray(value) ? value.join(', ') : value) ?? null;
    },
  };
}

async function loadUndici(): Promise<typeof import('undici')> {
  const module = await import('undici');
  // Bundled to CommonJS, the named exports are under `default`.
  return (module.EnvHttpProxyAgent ? module : module.default) as typeof import('undici');
}
