/**
 * What the proxy variables say, read as curl reads them: which proxy a URL goes through, if any, and with which credentials. It
 * connects to nothing, and no error of it shows a value, which may hold a password.
 *
 * Where it goes further than curl: a port in NO_PROXY (`host:8443`), `*.example.com`, `*` among other entries, IPv6 in brackets and
 * in any spelling, `/0`; the upper-case HTTP_PROXY; HTTP_PROXY also for https where there is no HTTPS_PROXY. Each is what a person
 * who writes it means, other programs take it so (Go, Python, undici), and the other reading is a request through the wrong door.
 */
import { BlockList, isIP } from 'node:net';
import { CliError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface ProxyAddress {
  /** Scheme, host and port; no credentials. */
  readonly origin: string;
  /** The value of Proxy-Authorization; null: none is sent. */
  readonly authorization: string | null;
}

export interface ProxySettings {
  /** null: straight there. This machine is never reached through a proxy: it may not find the way, and would see the key in the clear. */
  proxyFor(url: URL): ProxyAddress | null;
}

/** Throws `CliError` no_key (bad_proxy) for an address that is none. */
export function readProxySettings(env: Env): ProxySettings {
  const http = readProxy(env, 'HTTP_PROXY');
  const https = readProxy(env, 'HTTPS_PROXY') ?? http;
  const exempt = either(env, 'NO_PROXY') ?? '';
  return {
    proxyFor(url) {
      const proxy = url.protocol === 'https:' ? https : http;
      return proxy === null || isLoopback(url.hostname) || isExempt(exempt, url) ? null : proxy;
    },
  };
}

/** The variable in either case; the lower one wins, as in curl. */
function either(env: Env, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name];
}

/** Scheme, user and password, host, port; a path is ignored. Whatever is not %-escaped in a password and ends a host elsewhere (`@ # / ?`) makes it no address. */
const address =
  /^(?:(https?):\/\/)?(?:([^\s/?#@]*)@)?(\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?(?:\/[^\s?#@]*)?$/i;

function readProxy(env: Env, name: string): ProxyAddress | null {
  const value = either(env, name);
  if (value === undefined) return null;
  const [, scheme = 'http', credentials, host, port] = address.exec(value) ?? [];
  const text = `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
  if (host === undefined || !URL.canParse(text)) throw badProxy(name);
  return {
    origin: new URL(text).origin,
    authorization: credentials === undefined ? null : basic(credentials),
  };
}

function badProxy(name: string): CliError {
  return new CliError('no_key', `${name} is not the address of an http or https proxy`, {
    code: 'bad_proxy',
    next: {
      do: 'say',
      words:
        'set it to http://<host>:<port> (an @ : / # ? in a name or secret is written %40 %3A %2F %23 %3F), or unset it',
      for: 'user',
    },
  });
}

/** A user without a password has an empty one. */
function basic(credentials: string): string {
  const colon = credentials.indexOf(':');
  const [user, password] =
    colon === -1 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return `Basic ${Buffer.from(`${unescaped(user)}:${unescaped(password)}`).toString('base64')}`;
}

/** A `%` that begins no valid escape is literal, as in curl. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![\da-f]{2})/gi, '%25'));
  } catch {
    return text;
  }
}

/** Whether NO_PROXY (names, addresses, networks, with commas or blanks between) matches the host of a URL. */
export function isExempt(list: string, { hostname, port, protocol }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const at = port || (protocol === 'https:' ? '443' : '80');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, at));
}

function matches(entry: string, host: string, port: string): boolean {
  const bare = entry.replace(/\/\d*$/, '');
  // The colons of a bare IPv6 address are not those of a port.
  const [, name = '', bits, onlyPort] =
    isIP(bare) === 6
      ? ['', bare, /\/(\d*)$/.exec(entry)?.[1]]
      : (/^\[?([^\]/]*?)\]?(?:\/(\d*))?(?::(\d+))?$/.exec(entry) ?? []);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(host) !== 0) return isAddressIn(host, name, bits);
  if (bits !== undefined) return false;
  const wanted = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return wanted !== '' && (host === wanted || host.endsWith(`.${wanted}`));
}

function isAddressIn(host: string, network: string, bits: string | undefined): boolean {
  const version = isIP(network);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const length = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? length : Number(bits);
  if (bits === '' || prefix > length) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
