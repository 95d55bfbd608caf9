/** Who may send requests: the Host, the Origin and the token of a request, each judged before its body is read. It answers nothing itself. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../base/loopback.ts';
import { Refusal } from './refusal.ts';

export interface GuardOptions {
  /** The address that it listens on. */
  host: string;
  /** Further names by which it may be called. */
  allowHosts: readonly string[];
  /** Origins of pages that may call it. */
  cors: readonly string[];
  /** null: whoever can connect from this machine may call. */
  token: string | null;
  /** Whoever passes requests to us has checked who sent them. */
  isChecked?: boolean;
}

/** What a browser is answered, on a preflight and on a request; empty for everyone else. */
export type CorsHeaders = Readonly<Record<string, string>>;

/** Methods and headers that a page of an allowed origin may use. */
const preflight = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, x-api-key, anthropic-version, anthropic-beta, idempotency-key, last-event-id, x-alltoken-tag, x-alltoken-max-cost, x-alltoken-session, x-alltoken-stream',
  'access-control-max-age': '600',
};

/** Headers of ours that a page may read. */
const exposed =
  'x-alltoken-call, x-alltoken-cost, x-alltoken-cost-source, x-alltoken-billed, x-alltoken-cut, x-request-id, retry-after, x-should-retry';

export class Guard {
  private readonly options: GuardOptions;
  private readonly hosts: ReadonlySet<string>;
  private readonly token: Buffer | null;

  constructor(options: GuardOptions) {
    this.options = options;
    this.hosts = new Set([options.host, ...options.allowHosts].map(hostName));
    this.token = options.token === null ? null : digest(options.token);
  }

  /** The headers for a page of an allowed origin. Throws `Refusal` where the request may not be looked at. */
  checkOrigin(headers: IncomingHttpHeaders): CorsHeaders {
    this.checkHost(headers.host);
    const { origin } = headers;
    const isAllowed = origin !== undefined && this.options.cors.includes(origin);
    if (origin !== undefined && !isAllowed)
      throw new Refusal(403, 'origin', 'this server does not accept requests of that web page', {
        hint: 'alltoken serve --cors accepts those of an origin',
      });
    if (headers['sec-fetch-site'] === 'cross-site' && !isAllowed)
      throw new Refusal(403, 'origin', 'a web page of another site sent this request');
    if (!isAllowed) return {};
    return {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposed,
      vary: 'origin',
    };
  }

  /** What a browser asks before it sends a request; it has no token then. */
  preflight(headers: IncomingHttpHeaders): CorsHeaders {
    const isLocal = headers['access-control-request-private-network'] === 'true';
    return {
      ...preflight,
      ...(isLocal && { 'access-control-allow-private-network': 'true' }),
    };
  }

  /** Throws `Refusal` without the token. */
  checkToken({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): void {
    if (this.token === null) {
      if (this.options.isChecked === true || isFromHere(socket.remoteAddress)) return;
      throw new Refusal(403, 'not_local', 'without a token only this machine may call', {
        hint: 'give the listener a token',
      });
    }
    const given = tokenIn(headers);
    if (given !== null && timingSafeEqual(digest(given), this.token)) return;
    throw new Refusal(
      401,
      'proxy_token',
      given === null
        ? 'the token of this server is missing'
        : 'this is not the token of this server',
      {
        hint: 'send the token as the API key: the one that `alltoken serve` printed, or OPENAI_API_KEY under `alltoken run`',
      },
    );
  }

  /** A name that some page has made to point here would pass for a request of this machine. */
  private checkHost(host: string | undefined): void {
    const name = host === undefined ? '' : hostName(host.replace(/:\d{1,5}$/, ''));
    if (isLoopback(name) || this.hosts.has(name)) return;
    // On all addresses, any of them may be meant; an address is no name that could be pointed elsewhere.
    if (isEverywhere(this.options.host) && isIP(bare(name)) !== 0) return;
    throw new Refusal(403, 'host', 'this server does not answer to that Host', {
      hint: 'alltoken serve --allow-host answers to another name',
    });
  }
}

/** As the OpenAI clients send it, or as Anthropic's do. */
function tokenIn(headers: IncomingHttpHeaders): string | null {
  const bearer = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  const key = headers['x-api-key'];
  return bearer ?? (typeof key === 'string' && key !== '' ? key : null);
}

/** Of equal length whatever is given, so that a comparison takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A socket of a file has no address. */
function isFromHere(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/i, '') ?? '127.0.0.1';
  return isLoopback(isIP(plain) === 6 ? `[${plain}]` : plain);
}

function hostName(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  return isIP(name) === 6 ? `[${name}]` : name;
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, '');
}

/** Listening there means on all addresses of the machine. */
function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '[::]';
}
