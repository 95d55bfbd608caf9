/** Where a file that a gateway names may be fetched from: public addresses over https, or the gateway's own host. It resolves no name. */
import { BlockList, isIP } from 'node:net';
import { CliError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

/** IPv4 that is not the public internet: this network, private, shared, link-local, loopback, protocols, examples, tests, multicast, reserved. */
const innerV4 = subnets('ipv4', [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]);

/** IPv6 of the public internet; all else is loopback, private, link-local, multicast or unassigned. */
const outerV6 = subnets('ipv6', ['2000::/3']);
/** What of it is not: protocols (Teredo among them) and examples. */
const innerV6 = subnets('ipv6', ['2001::/23', '2001:db8::/32', '3fff::/20']);

/** Whether an address is one of the public internet. An IPv6 address that carries an IPv4 one is judged by that; text that is not an address is not public. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !innerV4.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return false;
  const carried = carriedV4(groupsOf(address));
  if (carried !== null) return isPublicAddress(carried);
  return outerV6.check(address, 'ipv6') && !innerV6.check(address, 'ipv6');
}

/** The URL, when it may be fetched for the gateway at `baseUrl`. Else throws `CliError` protocol (unsafe_url), which names the origin only. */
export function checkFileUrl(url: string, baseUrl: string): URL {
  if (!URL.canParse(url)) throw unsafe('the address of the file is not a valid URL');
  const target = new URL(url);
  const own = new URL(baseUrl).hostname;
  if (target.protocol !== 'https:' && target.protocol !== 'http:')
    throw unsafe(`the address of the file is neither https nor http (${target.protocol})`);
  if (target.username !== '' || target.password !== '')
    throw unsafe(`the address of the file at ${target.origin} has a user name in it`);
  const atHome = isLoopback(own) && isLoopback(target.hostname);
  if (target.protocol === 'http:' && !atHome)
    throw unsafe(`the address of the file is not https: ${target.origin}`);
  if (!atHome && target.hostname !== own && isInner(target.hostname))
    throw unsafe(`the address of the file is a private one: ${target.origin}`);
  return target;
}

/** Whether a host name of a URL looks like this machine or a private address. A URL has brought every spelling of an address to one form. */
function isInner(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return isIP(name) === 0 ? /(^|\.)localhost$/.test(name) : !isPublicAddress(name);
}

function unsafe(message: string): CliError {
  return new CliError('protocol', message, { code: 'unsafe_url', billed: 'yes' });
}

function subnets(family: 'ipv4' | 'ipv6', list: readonly string[]): BlockList {
  const block = new BlockList();
  for (const subnet of list) {
    const [network = '', prefix] = subnet.split('/');
    block.addSubnet(network, Number(prefix), family);
  }
  return block;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  // A URL knows how to write an address in hexadecimal alone.
  const [left = '', right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const read = (text: string | undefined): number[] =>
    text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [head, tail] = [read(left), read(right)];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Mapped (::ffff:a.b.c.d), translated (::ffff:0:a.b.c.d), NAT64 (64:ff9b::a.b.c.d) and 6to4 (2002:a.b.c.d::). */
function carriedV4(groups: readonly number[]): string | null {
  const prefix = groups.slice(0, 6).join(',');
  const wrapped = ['0,0,0,0,0,65535', '0,0,0,0,65535,0', '100,65435,0,0,0,0'];
  const at = wrapped.includes(prefix) ? 6 : groups[0] === 0x2002 ? 1 : null;
  if (at === null) return null;
  const [high = 0, low = 0] = groups.slice(at, at + 2);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
