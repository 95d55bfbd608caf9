/** Whether this command has the variables of `alltoken run` or `serve`, whose proxy keeps the books. It opens nothing. */
import type { Deps } from '../base/deps.ts';
import { isLoopback } from '../base/loopback.ts';
import { variable } from './variable.ts';

/**
 * The base URL of the proxy; null: there is none. Whoever sets the variable gains nothing: with it, requests go to this
 * address of this machine alone, and with the token of the environment in place of any key.
 */
export function runProxy(deps: Pick<Deps, 'env' | 'platform'>): string | null {
  const url = variable(deps, RUN_VARIABLE);
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, hostname, username, search, hash } = new URL(url);
  const isOurs = /^https?:$/.test(protocol) && isLoopback(hostname);
  return isOurs && username === '' && search === '' && hash === '' ? url : null;
}

/** Names the proxy to our own commands. */
export const RUN_VARIABLE = 'ALLTOKEN_RUN';

/** Holds the token of the proxy. */
export const RUN_TOKEN_VARIABLE = 'ALLTOKEN_API_KEY';
