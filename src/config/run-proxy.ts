/** Whether this command has the variables of `alltoken run` or `serve`, whose proxy keeps the books. It opens nothing. */
import type { Deps } from '../base/deps.ts';
import { isLoopback } from '../base/loopback.ts';
import type { Holder } from '../base/process-state.ts';
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

/** Names the process of `alltoken run` whose sandbox ends with it, and the tasks of the sandbox with that. */
export const RUN_SANDBOX_VARIABLE = 'ALLTOKEN_RUN_SANDBOX';

export function sandboxWords({ pid, mark, space }: Holder): string {
  return [pid, mark, space].join(' ');
}

/** null: the gateway behind the proxy goes on when that ends, as far as anybody knows. */
export function runSandbox(deps: Pick<Deps, 'env' | 'platform'>): Holder | null {
  const [pid, mark, space = ''] = (variable(deps, RUN_SANDBOX_VARIABLE) ?? '').split(' ');
  if (mark === undefined || !/^\d{1,10}$/.test(pid ?? '')) return null;
  return { pid: Number(pid), mark, space };
}
