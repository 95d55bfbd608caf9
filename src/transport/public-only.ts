/** Keeps connections away from addresses that are not public, whatever a name resolves to. It caches nothing, so no name can change in between. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopback } from '../base/loopback.ts';
import { isPublicAddress } from './address.ts';

/** The `code` of the error when a host has an address that is not public. */
export const PRIVATE_ADDRESS = 'ERR_PRIVATE_ADDRESS';

/** As `dns.lookup` is called here. */
type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface Guard {
  /** For the connections: all addresses of a name are looked at, and the connection goes to one of these. */
  lookup: LookupFunction;
  /** For the host name of a URL: an address in it is never looked up. Throws the same error. */
  check(hostname: string): void;
}

/** `exceptHost`, as a URL has it, may have any address; if it is loopback, so may all names and addresses of loopback. */
export function publicOnly(exceptHost: string, resolve: Resolve = lookup): Guard {
  const isExcepted = (hostname: string): boolean =>
    hostname === exceptHost || (isLoopback(hostname) && isLoopback(exceptHost));
  return {
    lookup(hostname, options, callback) {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        if (!isExcepted(hostname) && !addresses.every(({ address }) => isPublicAddress(address)))
          return callback(privateAddress(hostname), '');
        // Node requests all addresses when it may try one after the other.
        if (options.all) return callback(null, addresses);
        callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      });
    },
    check(hostname) {
      const address = hostname.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0 && !isExcepted(hostname) && !isPublicAddress(address))
        throw privateAddress(hostname);
    },
  };
}

function privateAddress(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`${hostname} has an address that is not public`);
  return Object.assign(error, { code: PRIVATE_ADDRESS });
}
